type Token = { readonly kind: 'character'; readonly character: string } | { readonly kind: 'any' } | { readonly kind: 'star' };

/**
 * The patterns of `${x#p}`, `${x%p}` and `${x/p/r}`: `*` and `?`, a backslash before `*`, `?`, `\`, `/` or `}`, and no
 * bracket expressions. Undefined where a backslash stands before anything else (the frontend calls that an error).
 */
export function parseGlob(pattern: string): readonly Token[] | undefined {
	const tokens: Token[] = [];
	const characters = [...pattern];
	for (let at = 0; at < characters.length; at++) {
		const character = characters[at]!;
		if (character === '*') {
			tokens.push({ kind: 'star' });
		} else if (character === '?') {
			tokens.push({ kind: 'any' });
		} else if (character === '\\') {
			const next = characters[++at];
			if (next === undefined || !'*?\\/}'.includes(next)) {
				return undefined;
			}
			tokens.push({ kind: 'character', character: next });
		} else {
			tokens.push({ kind: 'character', character });
		}
	}
	return tokens;
}

/**
 * The end of the shortest or longest match that begins at `start`. All states are walked at once, so that a hostile
 * pattern costs no more than its length times the text's.
 */
function matchEnd(tokens: readonly Token[], text: readonly string[], start: number, greedy: boolean): number | undefined {
	let states = new Set<number>();
	const enter = (into: Set<number>, state: number): void => {
		into.add(state);
		if (tokens[state]?.kind === 'star') {
			enter(into, state + 1);
		}
	};
	enter(states, 0);
	let end: number | undefined;
	for (let at = start; ; at++) {
		if (states.has(tokens.length)) {
			end = at;
			if (!greedy) {
				return end;
			}
		}
		const character = text[at];
		if (character === undefined || states.size === 0) {
			return end;
		}
		const next = new Set<number>();
		for (const state of states) {
			const token = tokens[state];
			if (token === undefined) {
				continue;
			}
			if (token.kind === 'character' ? token.character === character : character !== '\n') {
				enter(next, token.kind === 'star' ? state : state + 1);
			}
		}
		states = next;
	}
}

export function removePrefix(value: string, tokens: readonly Token[], greedy: boolean): string {
	const text = [...value];
	const end = matchEnd(tokens, text, 0, greedy);
	return end === undefined ? value : text.slice(end).join('');
}

export function removeSuffix(value: string, tokens: readonly Token[], greedy: boolean): string {
	const text = [...value].reverse();
	const end = matchEnd([...tokens].reverse(), text, 0, greedy);
	return end === undefined ? value : text.slice(end).reverse().join('');
}

/** Replaces the first or every longest match; an empty match right after a match does not count. */
export function replaceMatches(value: string, tokens: readonly Token[], replacement: string, all: boolean): string {
	const text = [...value];
	let result = '';
	let lastEnd = -1;
	for (let at = 0; at <= text.length;) {
		const end = matchEnd(tokens, text, at, true);
		if (end === undefined || (end === at && at === lastEnd)) {
			result += text[at] ?? '';
			at++;
			continue;
		}
		result += replacement;
		if (!all) {
			return result + text.slice(end).join('');
		}
		lastEnd = end;
		if (end === at) {
			result += text[at] ?? '';
			at++;
		} else {
			at = end;
		}
	}
	return result;
}
