import assert from 'node:assert/strict';
import type { LineChange, LineHistory } from '../../../src/core/lineHistory';
import { changeTitle, growthMessage, historyTable } from '../../../src/words/lineHistory';
import { sparkline } from '../../../src/words/sparkline';
import { english } from '../../../src/words/translate';

const minute = 60_000;
const nothing: LineHistory = { sinceLast: undefined, sincePinned: undefined, sizes: [], durations: [] };

describe('what changed since the last build', () => {
	const title = (sinceLast: Partial<LineChange>, parts = { sizes: true, times: true }): string => changeTitle({ ...nothing, sinceLast: { at: 0, bytes: undefined, durationMs: undefined, ...sinceLast } }, parts, english);

	it('has a sign, and is said only where something did', () => {
		assert.equal(title({ bytes: { before: 43e6, now: 55e6 } }), '+12 MB since last build');
		assert.equal(title({ bytes: { before: 55e6, now: 43e6 } }), '−12 MB since last build');
		assert.equal(title({ bytes: { before: 43e6, now: 43e6 } }), '');
		assert.equal(title({}), '');
		assert.equal(changeTitle(nothing, { sizes: true, times: true }, english), '');
	});

	it('counts a time that is another by a second and a tenth', () => {
		assert.equal(title({ durationMs: { before: 9_300, now: 12_400 } }), '+3.1 s since last build');
		assert.equal(title({ durationMs: { before: 300, now: 900 } }), '');
		assert.equal(title({ durationMs: { before: 100_000, now: 105_000 } }), '');
		assert.equal(title({ bytes: { before: 0, now: 7 }, durationMs: { before: 9_000, now: 2_000 } }), '+7 B, −7.0 s since last build');
	});

	it('shows the parts that are wanted', () => {
		const change = { bytes: { before: 0, now: 7 }, durationMs: { before: 9_000, now: 2_000 } };
		assert.equal(title(change, { sizes: false, times: true }), '−7.0 s since last build');
		assert.equal(title(change, { sizes: true, times: false }), '+7 B since last build');
	});
});

describe('a line\'s history', () => {
	const drawn = (history: LineHistory): readonly string[] => historyTable(history, 10 * minute, english).map(({ name, value, meaning }) => `${name}: ${value} (${meaning})`);

	it('is a table of differences and bars, each with its words', () => {
		assert.deepEqual(drawn({
			sinceLast: { at: 5 * minute, bytes: { before: 43e6, now: 55e6 }, durationMs: { before: 9_300, now: 12_400 } },
			sincePinned: { at: 0, bytes: { before: 55e6, now: 55e6 }, durationMs: { before: 12_410, now: 12_400 } },
			sizes: [40e6, 43e6, 43e6, 55e6], durations: [3_000, 12_400],
		}), [
			'Since last build: +12 MB, +3.1 s (was 43 MB, 9.3 s (built 5 minutes ago))',
			'Since pinned baseline: same size, same time (was 55 MB, 12.4 s (built 10 minutes ago))',
			'Sizes: ▆▇▇█ (in 4 builds, oldest first, bars from zero: 40 MB, 43 MB, 43 MB, 55 MB)',
			'Times: ▂█ (the 2 times it ran, oldest first, bars from zero: 3.0 s, 12.4 s)',
		]);
	});

	it('says nothing of what is not known, and draws no bar alone', () => {
		assert.deepEqual(drawn({ ...nothing, sinceLast: { at: 0, bytes: undefined, durationMs: undefined }, sizes: [5], durations: [1] }), []);
	});

	it('has bars of equal height for equal numbers, also for zeros', () => {
		assert.equal(sparkline([5, 5]), '██');
		assert.equal(sparkline([0, 0]), '▁▁');
		assert.equal(sparkline([0, 1, 500, 1000]), '▁▁▄█');
	});
});

describe('a layer that grew', () => {
	it('is told with both sizes and the build it is measured against', () => {
		const change = { at: 5 * minute, bytes: { before: 43e6, now: 55e6 }, durationMs: undefined };
		assert.equal(growthMessage({ since: 'last', change }, 10 * minute, english), 'This line\'s layer grew by 12 MB to 55 MB; in the build before (5 minutes ago) it was 43 MB.');
		assert.equal(growthMessage({ since: 'pinned', change }, 10 * minute, english), 'This line\'s layer grew by 12 MB to 55 MB; in the pinned baseline (5 minutes ago) it was 43 MB.');
	});
});
