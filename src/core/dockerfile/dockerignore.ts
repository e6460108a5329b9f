import { trim } from './space';

/** One line of an ignore file that takes part. */
export interface IgnorePattern {
	/** 1-based. */
	readonly line: number;
	/** As written, trimmed. */
	readonly text: string;
	/** True for `!pattern`, which takes back in what an earlier line ignored. */
	readonly isException: boolean;
}

/** Which paths of a build context stay out. Paths are relative to the context, with slashes. */
export interface IgnoreMatcher {
	readonly patterns: readonly IgnorePattern[];
	/** Lines the engine refuses: a lone `!` or a malformed pattern. The builder fails on them; here they match nothing. */
	readonly invalid: readonly IgnorePattern[];
	/** The same for files and directories: a trailing slash in a pattern means nothing to the engine. */
	ignores(path: string): boolean;
	/** The last pattern that changed the outcome for this path; undefined where none did. */
	decides(path: string): IgnorePattern | undefined;
	/** True where the directory is ignored and no exception can take back in anything below it: no need to walk it. */
	canSkipDirectory(path: string): boolean;
}

/**
 * Reads an ignore file by the engine's rules (moby/patternmatcher): `#` at the very start of a line is a comment, paths
 * are cleaned, a leading slash means nothing, `*` and `?` stop at slashes, `**` does not, a pattern that matches a
 * directory covers everything below, and the last line that matches wins.
 */
export function parseIgnore(text: string): IgnoreMatcher {
	const rules: Rule[] = [];
	const invalid: IgnorePattern[] = [];
	for (const [index, raw] of text.replace(/^\uFEFF/, '').split('\n').entries()) {
		const written = trim(raw);
		if (raw.startsWith('#') || written === '') {
			continue;
		}
		const isException = written.startsWith('!');
		const pattern = { line: index + 1, text: written, isException };
		const path = isException ? trim(written.slice(1)) : written;
		const cleaned = path === '' ? '' : cleanPath(path).replace(/^\/(?=.)/, '');
		const matches = cleaned === '' ? undefined : compile(cleaned);
		if (matches === undefined) {
			invalid.push(pattern);
		} else {
			rules.push({ pattern, matches, fixed: fixedPart(cleaned) });
		}
	}
	const decidingRule = decider(rules);
	return {
		patterns: rules.map(({ pattern }) => pattern),
		invalid,
		ignores: path => decidingRule(path)?.pattern.isException === false,
		decides: path => decidingRule(path)?.pattern,
		canSkipDirectory: path => {
			const decided = decidingRule(path);
			if (decided === undefined || decided.pattern.isException) {
				return false;
			}
			// What covers the directory covers all below it, so only a later exception can take something back in.
			const later = rules.slice(rules.indexOf(decided) + 1);
			return !later.some(({ pattern, fixed }) => pattern.isException && mayReach(fixed, cleanPath(path)));
		},
	};
}

/**
 * Walks down to a path as the engine walks the context: a rule that matched a directory matches all below, and a rule
 * that was not asked there, since it would have changed nothing, is not asked again for it
 * (`MatchesUsingParentResults`).
 */
function decider(rules: readonly Rule[]): (path: string) => Rule | undefined {
	const known = new Map<string, readonly boolean[]>();
	const results = (path: string): { matches: readonly boolean[]; decided: Rule | undefined } => {
		const parent = path.slice(0, Math.max(0, path.lastIndexOf('/')));
		const inherited = parent === '' ? undefined : known.get(parent) ?? results(parent).matches;
		if (parent !== '' && inherited !== undefined) {
			known.set(parent, inherited);
		}
		let decided: Rule | undefined;
		let isIgnored = false;
		const matches = rules.map((rule, index) => {
			const { isException } = rule.pattern;
			if (inherited?.[index] !== true && (isException !== isIgnored || !rule.matches(path))) {
				return false;
			}
			if (isIgnored === isException) {
				decided = rule;
				isIgnored = !isException;
			}
			return true;
		});
		return { matches, decided };
	};
	return path => {
		const cleaned = cleanPath(path);
		return cleaned === '.' ? undefined : results(cleaned).decided;
	};
}

/** The ignore files of a Dockerfile, most particular first: the first that exists is used alone (BuildKit dockerui). */
export function ignoreFilesFor(dockerfilePath: string): readonly string[] {
	return [`${dockerfilePath}.dockerignore`, '.dockerignore'];
}

interface Rule {
	readonly pattern: IgnorePattern;
	readonly matches: (path: string) => boolean;
	/** The leading folders and names without any wildcard. */
	readonly fixed: FixedPart;
}

interface FixedPart {
	readonly names: readonly string[];
	/** True where the whole pattern has no wildcard. */
	readonly whole: boolean;
}

/** Go's `path.Clean`: no doubled slashes, no `.`, `..` resolved where it can be. */
function cleanPath(path: string): string {
	const isRooted = path.startsWith('/');
	const parts: string[] = [];
	for (const part of path.split('/')) {
		if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') {
			parts.pop();
		} else if (part !== '' && part !== '.' && !(part === '..' && isRooted)) {
			parts.push(part);
		}
	}
	return isRooted ? `/${parts.join('/')}` : parts.join('/') || '.';
}

function fixedPart(pattern: string): FixedPart {
	const names = pattern.split('/');
	const wild = names.findIndex(name => /[*?[\\]/.test(name));
	return { names: wild < 0 ? names : names.slice(0, wild), whole: wild < 0 };
}

/** Whether something below the directory could match. */
function mayReach({ names, whole }: FixedPart, directory: string): boolean {
	const folders = directory === '.' ? [] : directory.split('/');
	const common = Math.min(names.length, folders.length);
	for (let at = 0; at < common; at++) {
		if (names[at] !== folders[at]) {
			return false;
		}
	}
	return !whole || names.length > folders.length;
}

/** A test for a cleaned pattern; undefined where it is malformed. */
function compile(pattern: string): ((path: string) => boolean) | undefined {
	if (!/[*?[\]\\]/.test(pattern)) {
		return path => path === pattern;
	}
	const source = isWellFormed(pattern) ? expressionOf([...pattern]) : undefined;
	if (source === undefined) {
		return undefined;
	}
	try {
		const expression = new RegExp(source, 'us');
		return path => expression.test(path);
	} catch {
		// `[b-a]` passes the check of form and is refused by the engine's expression too.
		return undefined;
	}
}

function expressionOf(characters: readonly string[]): string | undefined {
	let source = '';
	for (let at = 0; at < characters.length; at++) {
		const character = characters[at]!;
		const isDouble = character === '*' && characters[at + 1] === '*';
		if (isDouble) {
			at++;
			const isFirst = at === 1;
			const hasSlash = characters[at + 1] === '/';
			at += hasSlash ? 1 : 0;
			const rest = characters.slice(at + 1);
			if (rest.length === 0) {
				source += '.*';
			} else if (isFirst && !rest.some(other => '*?[]\\'.includes(other))) {
				// The engine tests for a plain ending here: `**file` takes `xfile` too, and `**/file` does not.
				source += hasSlash ? '(?:.*/)?' : '.*';
			} else {
				source += '(?:.*/)?';
			}
		} else if (character === '*') {
			source += '[^/]*';
		} else if (character === '?') {
			source += '[^/]';
		} else if (character === '[') {
			const end = classEnd(characters, at);
			if (end === undefined) {
				return undefined;
			}
			source += classOf(characters.slice(at + 1, end));
			at = end;
		} else if (character === '\\') {
			source += literal(characters[++at] ?? '\\');
		} else {
			source += literal(character);
		}
	}
	return `^${source}$`;
}

function literal(character: string): string {
	return character.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&');
}

function classEnd(characters: readonly string[], start: number): number | undefined {
	for (let at = start + 1; at < characters.length; at++) {
		if (characters[at] === '\\') {
			at++;
		} else if (characters[at] === ']') {
			return at;
		}
	}
	return undefined;
}

function classOf(inner: readonly string[]): string {
	let source = '';
	for (let at = inner[0] === '^' ? 1 : 0; at < inner.length; at++) {
		const character = inner[at]!;
		source += character === '-' ? '-' : character === '\\' ? classLiteral(inner[++at] ?? '\\') : classLiteral(character);
	}
	return inner[0] === '^' ? `[^${source}]` : `[${source}]`;
}

function classLiteral(character: string): string {
	return /[\\\]^\-[&~|{}()/.$*+?]/.test(character) ? `\\${character}` : character;
}

/** The form Go's `filepath.Match` asks for: brackets closed and not empty, ranges with both ends, no escape at the end. */
function isWellFormed(pattern: string): boolean {
	return /^(?:\\.|\[\^?(?:(?:\\.|[^\\\]-])(?:-(?:\\.|[^\\\]-]))?)+\]|[^\\[])*$/us.test(pattern);
}
