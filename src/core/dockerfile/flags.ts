import { isSpace } from './space';

/** A flag as it stands in a line: its offsets, and its value with quotes and escapes removed. */
export interface WrittenFlag {
	readonly name: string;
	readonly value: string | undefined;
	readonly start: number;
	readonly end: number;
}

/**
 * The `--flags` at the start of an instruction's arguments, and the offset of what follows them (BuildKit
 * parser/split_command.go). A lone `--` ends the flags and is dropped.
 */
export function splitFlags(line: string, from: number, escape: string): { flags: readonly WrittenFlag[]; rest: number } {
	const flags: WrittenFlag[] = [];
	let at = from;
	for (;;) {
		while (at < line.length && isSpace(line[at]!)) {
			at++;
		}
		if (!line.startsWith('--', at)) {
			return { flags, rest: at };
		}
		const start = at;
		const { word, end } = flagWord(line, start, escape);
		at = end;
		if (word === '--') {
			return { flags, rest: at };
		}
		const equals = word.indexOf('=');
		flags.push({
			name: equals < 0 ? word.slice(2) : word.slice(2, equals),
			value: equals < 0 ? undefined : word.slice(equals + 1),
			start,
			end,
		});
	}
}

function flagWord(line: string, start: number, escape: string): { word: string; end: number } {
	let word = '';
	let quote: string | undefined;
	let at = start;
	for (; at < line.length; at++) {
		let character = line[at]!;
		if (quote === undefined && isSpace(character)) {
			break;
		}
		if (character === quote) {
			quote = undefined;
			continue;
		}
		if (quote === undefined && (character === '\'' || character === '"')) {
			quote = character;
			continue;
		}
		if (character === escape) {
			if (at + 1 === line.length) {
				continue;
			}
			character = line[++at]!;
		}
		word += character;
	}
	return { word, end: at };
}
