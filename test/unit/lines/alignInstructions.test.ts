import assert from 'node:assert/strict';
import fc from 'fast-check';
import { alignInstructions } from '../../../src/core/alignInstructions';
import { parseDockerfile } from '../../../src/core/dockerfile/parse';
import { assertLinear } from '../../support/assertLinear';

/**
 * For each letter of `now` the place of its partner in `before`, by the longest common subsequence; of several the one that has the most at both
 * ends, and then passes over `before` first.
 */
function partners(before: string, now: string): readonly (number | undefined)[] {
	if (before !== '' && before[0] === now[0]) {
		return [0, ...partners(before.slice(1), now.slice(1)).map(place => place === undefined ? undefined : place + 1)];
	}
	if (before !== '' && before.at(-1) === now.at(-1)) {
		return [...partners(before.slice(0, -1), now.slice(0, -1)), before.length - 1];
	}
	const lengths = Array.from({ length: before.length + 1 }, () => Array.from({ length: now.length + 1 }, () => 0));
	for (let b = before.length - 1; b >= 0; b--) {
		for (let n = now.length - 1; n >= 0; n--) {
			lengths[b]![n] = before[b] === now[n] ? lengths[b + 1]![n + 1]! + 1 : Math.max(lengths[b + 1]![n]!, lengths[b]![n + 1]!);
		}
	}
	const found: (number | undefined)[] = [...now].map(() => undefined);
	for (let b = 0, n = 0; b < before.length && n < now.length;) {
		if (before[b] === now[n]) {
			found[n++] = b++;
		} else if (lengths[b + 1]![n]! >= lengths[b]![n + 1]!) {
			b++;
		} else {
			n++;
		}
	}
	return found;
}

/** Letters as instructions, between what never changes. */
const fileOf = (letters: string): ReturnType<typeof parseDockerfile> => parseDockerfile(['FROM a', 'RUN first', ...[...letters].map(letter => `RUN ${letter}`), 'RUN last', ''].join('\n'));

function aligned(before: string, now: string): readonly (number | undefined)[] {
	return alignInstructions(fileOf(before), fileOf(now)).instructions.slice(2, -1).map(one => one.same && one.before !== undefined ? one.before - 2 : undefined);
}

describe('alignInstructions', () => {
	it('pairs equal instructions by the longest common subsequence, for few edits and for many', () => {
		let most = 0;
		const letters = fc.array(fc.constantFrom('x', 'y', 'z', 'u', 'v'), { maxLength: 60, size: 'max' }).map(list => list.join(''));
		fc.assert(fc.property(letters, letters, (before, now) => {
			const wanted = partners(before, now);
			assert.deepEqual(aligned(before, now), wanted);
			most = Math.max(most, before.length + now.length - 2 * wanted.filter(place => place !== undefined).length);
		}), { numRuns: 300 });
		assert.ok(most > 20);
		assert.deepEqual(aligned('x'.repeat(80), 'y'.repeat(80)), [...'y'.repeat(80)].map(() => undefined));
	});

	it('takes no longer for edits that are far apart', () => {
		const file = (lines: readonly string[]): ReturnType<typeof parseDockerfile> => parseDockerfile(['FROM a', ...lines, ''].join('\n'));
		const files = new Map([800, 12_800].map(count => {
			const many = Array.from({ length: count }, (_, at) => `RUN step ${String(at)}`);
			return [count, [file(many), file(['RUN other', ...many.slice(1, -1), 'RUN end'])] as const];
		}));
		assertLinear(800, count => {
			assert.equal(alignInstructions(...files.get(count)!).instructions.filter(({ same }) => same).length, count - 1);
		});
	});
});
