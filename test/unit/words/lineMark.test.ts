import assert from 'node:assert/strict';
import type { Forecast } from '../../../src/core/cache/reason';
import type { LineFacts } from '../../../src/core/lineFacts';
import { lineMark } from '../../../src/words/lineMark';

describe('lineMark', () => {
	const miss: Forecast = { kind: 'miss', reason: { kind: 'neverBuilt' } };
	const markOf = (given: Partial<LineFacts>): string | undefined => lineMark({
		line: 1, endLine: 1, keyword: 'RUN', stage: 0, stageName: undefined, source: 'build', size: undefined, durationMs: undefined, outcome: 'ran',
		reason: undefined, forecast: undefined, stale: undefined, ...given,
	} as LineFacts);

	it('is what happened to the line in the last build', () => {
		assert.deepEqual((['cached', 'ran', 'running', 'failed', 'notRun', 'cancelled', 'unfinished'] as const).map(outcome => markOf({ outcome })),
			['cached', 'ran', 'running', 'failed', 'notRun', 'notRun', 'notRun']);
		assert.deepEqual([markOf({ keyword: 'FROM' }), markOf({ keyword: 'ENV', outcome: 'metadata' }), markOf({ outcome: undefined })], [undefined, undefined, undefined]);
	});

	it('is what the next build will do, where that is news', () => {
		assert.equal(markOf({ forecast: { kind: 'hit' } }), 'ran');
		assert.equal(markOf({ forecast: { kind: 'hit' }, stale: 'changed' }), 'willHit');
		assert.equal(markOf({ forecast: miss }), 'willRebuild');
		assert.equal(markOf({ forecast: miss, outcome: undefined, source: undefined }), 'willRebuild', 'of a new line too');
		assert.equal(markOf({ forecast: { kind: 'depends', line: 2, url: undefined } }), 'mayRebuild');
		assert.equal(markOf({ stale: 'changed' }), 'stale');
	});

	it('stays a failure until the line is edited', () => {
		assert.deepEqual((['failed', 'notRun', 'cancelled'] as const).map(outcome => markOf({ outcome, forecast: miss })), ['failed', 'notRun', 'notRun']);
		assert.equal(markOf({ outcome: 'failed', forecast: miss, stale: 'changed' }), 'willRebuild');
	});
});
