import { parseGlob, removePrefix, removeSuffix, replaceMatches } from './glob';
import { isSpace } from './space';

/** Gives a variable's value, or undefined where it is not set. */
export type Lookup = (name: string) => string | undefined;

export interface ExpandOptions {
	readonly escape: '\\' | '`';
	/** Quotes stay in the result. */
	readonly rawQuotes?: boolean;
	/** Escape characters stay in the result. */
	readonly rawEscapes?: boolean;
	/** A variable without value stays as it is written. */
	readonly keepUnset?: boolean;
	/** Quotes are characters like any other, as in a heredoc's body. */
	readonly ignoreQuotes?: boolean;
}

export interface Expansion {
	/** The whole, quotes removed and variables replaced. */
	readonly text: string;
	/** The same split at white space outside quotes, after the replacement. */
	readonly words: readonly string[];
	/** Variables asked for that have no value and no default in place, in order of appearance. */
	readonly unset: readonly string[];
	/** Why the frontend refuses it: `missingBrace`, a quote without its other half, and so on. `text` is the input then. */
	readonly error: ExpandError | undefined;
}

export interface ExpandError {
	readonly kind: 'badSubstitution' | 'missingBrace' | 'missingQuote' | 'unsupportedModifier' | 'invalidPattern' | 'required';
	/** The variable, quote or modifier it is about. */
	readonly subject: string;
	/** `required` only: the message of `${x:?message}`. */
	readonly message?: string | undefined;
}

/** Expands as BuildKit's `shell.Lex` does (frontend/dockerfile/shell/lex.go). Never throws. */
export function expand(source: string, lookup: Lookup, options: ExpandOptions): Expansion {
	if (!/[$'"<\\`]/.test(source)) {
		return { text: source, words: splitWords(source), unset: [], error: undefined };
	}
	const lexer = new Lexer(source, lookup, options);
	try {
		const { text, words } = lexer.until(undefined, options.rawEscapes ?? false);
		return { text, words, unset: [...lexer.unset], error: undefined };
	} catch (failure) {
		if (failure instanceof Refusal) {
			return { text: source, words: [], unset: [...lexer.unset], error: failure.reason };
		}
		throw failure;
	}
}

function splitWords(text: string): readonly string[] {
	const words = new WordBuffer();
	words.add(text);
	return words.end();
}

class Refusal extends Error {
	constructor(readonly reason: ExpandError) {
		super(reason.kind);
	}
}

class WordBuffer {
	private readonly words: string[] = [];
	private word = '';

	add(text: string): void {
		for (const character of text) {
			if (!isSpace(character)) {
				this.word += character;
			} else if (this.word !== '') {
				this.words.push(this.word);
				this.word = '';
			}
		}
	}

	addRaw(text: string): void {
		this.word += text;
	}

	end(): readonly string[] {
		return this.word === '' ? this.words : [...this.words, this.word];
	}
}

const namePattern = /\d+|[@*#?\-$!]|[\p{L}_][\p{L}\p{Nd}_]*/uy;

/** Deeper than anybody writes, shallow enough for the stack. */
const maxDepth = 500;

class Lexer {
	readonly unset = new Set<string>();
	private at = 0;
	private depth = 0;
	private rawEscapes: boolean;

	constructor(private readonly source: string, private readonly lookup: Lookup, private readonly options: ExpandOptions) {
		this.rawEscapes = options.rawEscapes ?? false;
	}

	/** Up to `stop`, which is consumed, or to the end where there is none. */
	until(stop: string | undefined, rawEscapes: boolean): { text: string; words: readonly string[] } {
		if (++this.depth > maxDepth) {
			throw new Refusal({ kind: 'badSubstitution', subject: '$' });
		}
		const outer = this.rawEscapes;
		this.rawEscapes = rawEscapes;
		const words = new WordBuffer();
		let text = '';
		for (let character = this.peek(); character !== undefined; character = this.peek()) {
			if (character === stop) {
				this.at++;
				this.rawEscapes = outer;
				this.depth--;
				return { text, words: words.end() };
			}
			const special = this.special(character);
			if (special !== undefined) {
				text += special;
				if (character === '$') {
					words.add(special);
				} else {
					words.addRaw(special);
				}
				continue;
			}
			this.at++;
			if (character !== this.options.escape) {
				text += character;
				words.add(character);
				continue;
			}
			const escaped = this.peek();
			const kept = (this.rawEscapes ? character : '') + (escaped ?? '');
			text += kept;
			words.addRaw(kept);
			this.at++;
		}
		if (stop !== undefined) {
			throw new Refusal({ kind: 'missingBrace', subject: stop });
		}
		return { text, words: words.end() };
	}

	private peek(): string | undefined {
		return this.source[this.at];
	}

	private special(character: string): string | undefined {
		switch (character) {
			case '$': return this.dollar();
			case '<': return this.possibleHeredoc();
			case '\'': return this.options.ignoreQuotes ? undefined : this.singleQuote();
			case '"': return this.options.ignoreQuotes ? undefined : this.doubleQuote();
			default: return undefined;
		}
	}

	private singleQuote(): string {
		const end = this.source.indexOf('\'', this.at + 1);
		if (end < 0) {
			throw new Refusal({ kind: 'missingQuote', subject: '\'' });
		}
		const inner = this.source.slice(this.at + 1, end);
		this.at = end + 1;
		return this.options.rawQuotes ? `'${inner}'` : inner;
	}

	private doubleQuote(): string {
		const quote = this.options.rawQuotes ? '"' : '';
		let text = quote;
		this.at++;
		for (let character = this.peek(); character !== undefined; character = this.peek()) {
			if (character === '"') {
				this.at++;
				return text + quote;
			}
			if (character === '$') {
				text += this.dollar();
				continue;
			}
			this.at++;
			if (character === this.options.escape) {
				text += this.rawEscapes ? character : '';
				const next = this.peek();
				if (next === undefined) {
					break;
				}
				// Within double quotes the escape character is special before these only; else it stays.
				if (next === '"' || next === '$' || next === this.options.escape) {
					text += next;
					this.at++;
					continue;
				}
			}
			text += character;
		}
		throw new Refusal({ kind: 'missingQuote', subject: '"' });
	}

	/** `<<` and white space after it stay in one word with the delimiter. */
	private possibleHeredoc(): string {
		const match = /^<<[\t\r ]*/.exec(this.source.slice(this.at, this.at + 2) === '<<' ? this.source.slice(this.at) : '');
		const text = match?.[0] ?? '<';
		this.at += text.length;
		return text;
	}

	private dollar(): string {
		this.at++;
		if (this.peek() !== '{') {
			const name = this.name();
			if (name === '') {
				return '$';
			}
			const value = this.lookup(name);
			return value ?? this.missing(name, `$${name}`);
		}
		this.at++;
		const first = this.peek();
		if (first === undefined) {
			throw new Refusal({ kind: 'missingBrace', subject: '}' });
		}
		if (first === '{' || first === '}' || first === ':') {
			throw new Refusal({ kind: 'badSubstitution', subject: first });
		}
		return this.braced(this.name());
	}

	private braced(name: string): string {
		let modifier = this.source[this.at++];
		if (modifier === '}') {
			return this.lookup(name) ?? this.missing(name, `\${${name}}`);
		}
		if (modifier === '/') {
			return this.replace(name);
		}
		let written = modifier ?? '';
		const emptyIsUnset = modifier === ':';
		if (emptyIsUnset) {
			modifier = this.source[this.at++];
			written += modifier ?? '';
		}
		const isTrim = modifier === '#' || modifier === '%';
		if (modifier === undefined || (emptyIsUnset && isTrim) || (!emptyIsUnset && !'+-?#%'.includes(modifier))) {
			throw new Refusal({ kind: 'unsupportedModifier', subject: written });
		}
		const word = this.until('}', isTrim).text;
		const value = this.lookup(name);
		if (this.options.keepUnset && value === undefined) {
			return `\${${name}${written}${word}}`;
		}
		const given = emptyIsUnset && value === '' ? undefined : value;
		switch (modifier) {
			case '-':
				return given ?? word;
			case '+':
				return given === undefined ? '' : word;
			case '?':
				if (given === undefined) {
					throw new Refusal({ kind: 'required', subject: name, message: word === '' ? undefined : word });
				}
				return given;
			case '#':
			case '%':
				return this.trimMatch(name, value, modifier, word);
			default:
				throw new Refusal({ kind: 'unsupportedModifier', subject: written });
		}
	}

	private trimMatch(name: string, value: string | undefined, modifier: '#' | '%', word: string): string {
		const greedy = word.startsWith(modifier);
		const tokens = this.glob(greedy ? word.slice(1) : word);
		if (value === undefined) {
			return this.missing(name, '');
		}
		return modifier === '#' ? removePrefix(value, tokens, greedy) : removeSuffix(value, tokens, greedy);
	}

	private replace(name: string): string {
		const all = this.peek() === '/';
		this.at += all ? 1 : 0;
		const pattern = this.until('/', true).text;
		const replacement = this.until('}', true).text;
		const value = this.lookup(name);
		if (value === undefined && this.options.keepUnset) {
			return `\${${name}/${pattern}/${replacement}}`;
		}
		const tokens = this.glob(pattern);
		return replaceMatches(value ?? this.missing(name, ''), tokens, replacement, all);
	}

	private glob(pattern: string): NonNullable<ReturnType<typeof parseGlob>> {
		const tokens = parseGlob(pattern);
		if (tokens === undefined) {
			throw new Refusal({ kind: 'invalidPattern', subject: pattern });
		}
		return tokens;
	}

	private missing(name: string, written: string): string {
		this.unset.add(name);
		return this.options.keepUnset ? written : '';
	}

	/** A name, a number, or one of the shell's special parameters; nothing is consumed where there is none. */
	private name(): string {
		namePattern.lastIndex = this.at;
		const name = namePattern.exec(this.source)?.[0] ?? '';
		this.at += name.length;
		return name;
	}
}
