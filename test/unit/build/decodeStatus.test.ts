import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decodeStatus } from '../../../src/core/build/decodeStatus';
import { protobufOf } from './protobufOf';

const now = 5000;

describe('decodeStatus', () => {
	it('reads a vertex', () => {
		const trace = protobufOf([[1, [
			[1, 'sha256:aa'], [2, 'sha256:bb'], [2, 'sha256:cc'], [3, '[a 2/3] RUN echo é'], [4, 1],
			[5, [[1, 1_700_000_000], [2, 250_000_000]]], [6, [[1, 1_700_000_001]]], [7, 'exit code: 1'], [8, [[1, 'group'], [2, 'name']]],
		]]]);
		assert.deepEqual(decodeStatus(trace, now), [{
			kind: 'vertex', digest: 'sha256:aa', inputs: ['sha256:bb', 'sha256:cc'], name: '[a 2/3] RUN echo é', cached: true,
			startedAt: 1_700_000_000_250, completedAt: 1_700_000_001_000, error: 'exit code: 1', group: 'group',
		}]);
	});

	it('reads statuses, logs and warnings, after the vertices they speak of', () => {
		const trace = protobufOf([
			[2, [[1, 'sha256:layer'], [2, 'v'], [3, 'extracting'], [4, 5_000_000_000], [5, 9_000_000_000], [8, [[1, 3]]]]],
			[3, [[1, 'v'], [2, [[1, 2], [2, 500_000_000]]], [3, 2], [4, Buffer.from([0xff, 0x0a])]]],
			[4, [[1, 'v'], [2, 1], [3, 'JSONArgsRecommended'], [4, 'first'], [4, 'second'], [5, 'https://docs.docker.com/x'], [7, [[1, [[1, 7]]], [2, [[1, 9]]]]]]],
			[1, [[1, 'v']]],
		]);
		assert.deepEqual(decodeStatus(trace, now).map(event => event.kind === 'log' ? { ...event, data: [...event.data] } : event), [
			{ kind: 'vertex', digest: 'v', inputs: [], name: '', cached: false, startedAt: undefined, completedAt: undefined, error: undefined, group: undefined },
			{ kind: 'status', vertex: 'v', id: 'sha256:layer', name: 'extracting', current: 5e9, total: 9e9, completedAt: 3000 },
			{ kind: 'log', vertex: 'v', stream: 'error', data: [0xff, 0x0a], at: 2500 },
			{ kind: 'warning', vertex: 'v', message: 'JSONArgsRecommended', detail: ['first', 'second'], url: 'https://docs.docker.com/x', startLine: 7, endLine: 9 },
		]);
	});

	it('reads negative numbers, and stamps a log without a time', () => {
		const trace = protobufOf([[2, [[4, -1], [5, Number.MIN_SAFE_INTEGER]]], [3, [[4, 'x']]]]);
		const [status, log] = decodeStatus(trace, now);
		assert.deepEqual(status?.kind === 'status' && [status.current, status.total], [-1, Number.MIN_SAFE_INTEGER]);
		assert.equal(log?.kind === 'log' && log.at, now);
	});

	it('takes Go\'s zero time for no time', () => {
		const [vertex] = decodeStatus(protobufOf([[1, [[1, 'v'], [5, [[1, -62_135_596_800]]]]]]), now);
		assert.equal(vertex?.kind === 'vertex' && vertex.startedAt, undefined);
	});

	it('steps over fields it does not know', () => {
		const trace = protobufOf([[99, 'later'], [1, [[44, 12], [1, 'v'], [45, [[1, 2]]]]]]);
		assert.deepEqual(decodeStatus(trace, now).map(event => event.kind === 'vertex' && event.digest), ['v']);
	});

	it('gives what came before the break of a message cut short', () => {
		const whole = protobufOf([[1, [[1, 'first']]], [1, [[1, 'second']]]]);
		const cut = whole.subarray(0, whole.length - 3);
		assert.deepEqual(decodeStatus(cut, now).map(event => event.kind === 'vertex' && event.digest), ['first']);
	});

	it('is total: any bytes give events, never an exception', () => {
		fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), bytes => {
			decodeStatus(bytes, now);
		}), { numRuns: 2000 });
	});
});
