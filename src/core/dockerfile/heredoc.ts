import { expand } from './expand';
import type { PhysicalLine } from './logicalLine';
import type { Heredoc } from './model';

/** The opening of a heredoc: `<<EOF`, `<<-EOF`, `3<<"EOF"`. */
export type HeredocStart = Omit<Heredoc, 'content'>;

const nothing = (): undefined => undefined;

/** Reads one word as a heredoc's opening; undefined where it is none. */
export function heredocStart(word: string): HeredocStart | undefined {
	const match = !word.includes('<<') ? null : /^\d*<<(-?)[\t\n\f\r ]*([^<]*)$/.exec(word);
	const delimiter = match?.[2] ?? '';
	if (match === null || delimiter === '') {
		return undefined;
	}
	// The delimiter read with and without quotes: where the two differ in quotes, it is quoted. The frontend uses the
	// backslash here, whatever the escape directive says.
	const plain = expand(delimiter, nothing, { escape: '\\', keepUnset: true });
	const raw = expand(delimiter, nothing, { escape: '\\', keepUnset: true, rawQuotes: true });
	const name = plain.words[0];
	if (plain.error !== undefined || plain.words.length !== 1 || name === undefined || raw.words.length !== 1) {
		return undefined;
	}
	return { name, expand: countQuotes(name) === countQuotes(raw.words[0]!), chomp: match[1] === '-' };
}

function countQuotes(text: string): number {
	return text.replace(/[^'"]/g, '').length;
}

/** The heredocs a line of RUN, COPY or ADD opens. */
export function heredocStarts(line: string): readonly HeredocStart[] {
	if (!line.includes('<<')) {
		return [];
	}
	const { words } = expand(line, nothing, { escape: '\\', keepUnset: true, rawQuotes: true, rawEscapes: true });
	return words.flatMap(word => heredocStart(word) ?? []);
}

/** Reads a heredoc's body from line `first` on. `next` is the line after its terminator. */
export function readHeredoc(
	start: HeredocStart, lines: readonly PhysicalLine[], first: number,
): { heredoc: Heredoc; next: number; terminated: boolean } {
	const body: string[] = [];
	let at = first;
	let terminated = false;
	while (at < lines.length && !terminated) {
		const line = lines[at++]!;
		terminated = (start.chomp ? line.text.replace(/^\t+/, '') : line.text) === start.name;
		if (!terminated) {
			body.push(start.chomp ? line.raw.replace(/^\t+/, '') : line.raw);
		}
	}
	return { heredoc: { ...start, content: body.join('') }, next: at, terminated };
}
