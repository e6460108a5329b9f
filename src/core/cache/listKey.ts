import { createHash } from 'node:crypto';

/** The list that was asked for last, with the key of each of its beginnings. */
let last: { readonly list: readonly string[]; readonly keys: readonly string[] } = { list: [], keys: [''] };

/**
 * A short name for a list of texts; lists in the same order have the same name. The lists of a Dockerfile's steps mostly
 * begin alike, so what this one and the one asked for before have in common is not hashed again.
 */
export function listKey(list: readonly string[]): string {
	if (list === last.list) {
		return last.keys.at(-1)!;
	}
	let common = 0;
	while (common < list.length && list[common] === last.list[common]) {
		common++;
	}
	const keys = last.keys.slice(0, common + 1);
	for (const text of list.slice(common)) {
		keys.push(createHash('sha256').update(`${keys.at(-1)!}\0${text}`).digest('base64'));
	}
	last = { list, keys };
	return keys.at(-1)!;
}
