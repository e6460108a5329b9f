import assert from 'node:assert/strict';
import { goMatch, hasWildcards } from '../../../src/core/cache/goMatch';

describe('goMatch', () => {
	const table: readonly [pattern: string, path: string, matches: boolean][] = [
		['*.txt', 'a.txt', true], ['*.txt', 'dir/a.txt', false], ['dir/*', 'dir/a', true], ['a?c', 'abc', true], ['a?c', 'a/c', false],
		['[a-c]x', 'bx', true], ['[^a-c]x', 'bx', false], ['[^a-c]x', 'dx', true], ['[^a]', '/', false], ['\\*', '*', true], ['\\*', 'a', false],
		['a.c', 'abc', false], ['(a)', '(a)', true], ['[]a]', ']', false], ['[a', 'a', false], ['a\\', 'a', false], ['[\\]]', ']', true], ['**', 'a/b', false],
	];
	for (const [pattern, path, matches] of table) {
		it(`${pattern} ${matches ? 'takes' : 'leaves'} ${path}`, () => { assert.equal(goMatch(pattern)(path), matches); });
	}

	it('knows a pattern when it sees one', () => {
		assert.deepEqual(['a', 'a*', '\\*', '\\\\*', 'a?', '[a]', 'dir/a'].map(hasWildcards), [false, true, false, true, true, true, false]);
	});
});
