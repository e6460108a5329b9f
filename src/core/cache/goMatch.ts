/** Whether a source is a pattern for the builders (Go `path.Match`): `*`, `?` and `[…]`, a backslash takes the magic away. */
export function hasWildcards(pattern: string): boolean {
	return /(?:^|[^\\])(?:\\\\)*[*?[]/.test(pattern);
}

/** Go's `path.Match` as a test: `*` and `?` do not cross slashes. A malformed pattern matches nothing. */
export function goMatch(pattern: string): (path: string) => boolean {
	const expression = toExpression(pattern);
	return expression === undefined ? () => false : path => expression.test(path);
}

function toExpression(pattern: string): RegExp | undefined {
	let source = '';
	for (let at = 0; at < pattern.length; at++) {
		const character = pattern[at]!;
		if (character === '*') {
			source += '[^/]*';
		} else if (character === '?') {
			source += '[^/]';
		} else if (character === '[') {
			const set = readSet(pattern, at + 1);
			if (set === undefined) {
				return undefined;
			}
			source += set.source;
			at = set.end;
		} else if (character === '\\') {
			const next = pattern[++at];
			if (next === undefined) {
				return undefined;
			}
			source += literal(next);
		} else {
			source += literal(character);
		}
	}
	return new RegExp(`^${source}$`, 'su');
}

/** `[^a-z…]`; `end` is the place of its closing bracket. */
function readSet(pattern: string, start: number): { readonly source: string; readonly end: number } | undefined {
	let at = start;
	const negated = pattern[at] === '^';
	if (negated) {
		at++;
	}
	const ranges: string[] = [];
	const next = (): string | undefined => {
		const character = pattern[at++];
		return character === '\\' ? pattern[at++] : character === '-' || character === ']' ? undefined : character;
	};
	while (pattern[at] !== ']' || ranges.length === 0) {
		const low = next();
		if (low === undefined) {
			return undefined;
		}
		let high: string | undefined = low;
		if (pattern[at] === '-') {
			at++;
			high = next();
		}
		if (high === undefined) {
			return undefined;
		}
		if (low <= high) {
			ranges.push(`${setLiteral(low)}-${setLiteral(high)}`);
		}
	}
	const slash = negated ? '/' : '';
	return { source: ranges.length === 0 && !negated ? '(?!)' : `[${negated ? '^' : ''}${ranges.join('')}${slash}]`, end: at };
}

const literal = (character: string): string => character.replace(/[\\^$.*+?()[\]{}|/]/u, '\\$&');
const setLiteral = (character: string): string => character.replace(/[\\\]^\-[/]/u, '\\$&');
