/**
 * Makes a program's output safe to show in a terminal: colours and style (CSI … m), the cursor to the line's start and
 * the clearing of a line pass; every other escape sequence is dropped, so that a build cannot set titles, write the
 * clipboard, make links, ask the terminal for answers, or paint over what stands above.
 * Chunks may end anywhere, inside a character or a sequence included; one filter serves one stream.
 */
export class TerminalFilter {
	private readonly decoder = new TextDecoder();
	/** The start of a sequence whose end has not come yet. */
	private pending = '';
	private endedWithReturn = false;

	/** The safe part of a chunk, with line ends as terminals want them. */
	push(data: Uint8Array): string {
		const text = this.pending + this.decoder.decode(data, { stream: true });
		const start = unfinished(text);
		this.pending = text.slice(start);
		// What never ends is no sequence: a hostile stream must not make us keep it all.
		if (this.pending.length > longestSequence) {
			this.pending = '';
		}
		const shown = clean(text.slice(0, start));
		const lines = shown.replace(/\r?\n/g, '\r\n').slice(this.endedWithReturn && shown.startsWith('\n') ? 1 : 0);
		this.endedWithReturn = lines === '' ? this.endedWithReturn : lines.endsWith('\r');
		return lines;
	}

	/** Once the stream is over: what was held back is dropped, a broken character becomes a mark. */
	end(): string {
		const rest = clean(this.pending + this.decoder.decode());
		this.pending = '';
		return rest;
	}
}

const longestSequence = 4096;

/** Output as plain text: no sequences at all, and of a line that was rewritten only what stands at last. */
export function plainText(output: string): string {
	return clean(output)
		.replace(style, '')
		.replace(/\r+\n/g, '\n')
		.split('\n')
		.map(line => line.slice(line.replace(/\r+$/, '').lastIndexOf('\r') + 1).replace(/\r+$/, ''))
		.join('\n');
}

// ECMA-48: CSI; the string sequences DCS, SOS, OSC, PM, APC up to ST or BEL; all other escapes. C1 forms too.
// Each matches without its end as well, so that a text is walked once, whatever stands in it.
const sequences = /(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?|(?:\x1b[PX\]^_]|[\x90\x98\x9d-\x9f])(?:[^\x07\x1b\x9c]|\x1b(?!\\))*(?:\x07|\x1b\\|\x9c)?|\x1b[ -/]*[0-Z\\^-~]?/g;
const complete = /^(?:(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|(?:\x1b[PX\]^_]|[\x90\x98\x9d-\x9f]).*(?:\x07|\x1b\\|\x9c)|\x1b[ -/]*[0-OQ-WYZ\\`-~])$/s;
const kept = /^\x1b\[(?:[0-9;:]*m|[012]?K|0?G|1G)$/;
const style = /\x1b\[[0-9;:]*[mKG]/g;
// Tab, line feed, carriage return and escape stay.
const controls = /[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f]/g;

function clean(text: string): string {
	return text.replace(sequences, sequence => kept.test(sequence) ? sequence : '').replace(controls, '');
}

/** Where an unfinished sequence begins at the end of a text. */
function unfinished(text: string): number {
	for (const { 0: sequence, index } of text.matchAll(sequences)) {
		if (index + sequence.length === text.length && !complete.test(sequence)) {
			return index;
		}
	}
	return text.length;
}
