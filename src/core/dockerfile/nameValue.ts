import { isSpace } from './space';

export interface NameValue {
	readonly name: string;
	/** As written, quotes included; undefined where no `=` stands after the name (ARG only). */
	readonly value: string | undefined;
}

/**
 * Words between white space, quotes and escapes kept in them (BuildKit parser/line_parsers.go, parseWords). White space
 * inside quotes does not split.
 */
export function quotedWords(text: string, escape: string): readonly string[] {
	const words: string[] = [];
	let word: string | undefined;
	let quote: string | undefined;
	for (let at = 0; at < text.length; at++) {
		const character = text[at]!;
		if (quote === undefined && isSpace(character)) {
			if (word !== undefined) {
				words.push(word);
				word = undefined;
			}
			continue;
		}
		if (character === escape && quote !== '\'') {
			// An escape character at the very end is dropped.
			const next = text[++at];
			word = (word ?? '') + (next === undefined ? '' : character + next);
			continue;
		}
		if (quote === undefined) {
			quote = character === '\'' || character === '"' ? character : undefined;
		} else if (character === quote) {
			quote = undefined;
		}
		word = (word ?? '') + character;
	}
	return word === undefined || word === '' ? words : [...words, word];
}

/**
 * The pairs of ENV and LABEL, in both forms: `name=value …` and the old `name value`. A word that should be a pair and
 * is none has no value.
 */
export function nameValues(args: string, escape: string): readonly NameValue[] {
	const words = quotedWords(args, escape);
	if (words[0] !== undefined && !words[0].includes('=')) {
		const gap = /[\t\v\f\r ]+/.exec(args);
		return [gap === null ? { name: args, value: undefined } : { name: args.slice(0, gap.index), value: args.slice(gap.index + gap[0].length) }];
	}
	return words.map(splitPair);
}

/** The names of ARG, each with its default where there is one. */
export function argNames(args: string, escape: string): readonly NameValue[] {
	return quotedWords(args, escape).map(splitPair);
}

function splitPair(word: string): NameValue {
	const equals = word.indexOf('=');
	return equals < 0 ? { name: word, value: undefined } : { name: word.slice(0, equals), value: word.slice(equals + 1) };
}
