import assert from 'node:assert/strict';
import type { ContextSummary } from '../../../src/core/build/packContext';
import type { VertexState } from '../../../src/core/build/runFold';
import { traceUpload, transportRecords } from '../../../src/core/build/transportRecords';
import type { CacheRecord } from '../../../src/core/engine/engine';

const context: ContextSummary = { files: 2, bytes: 51_540, unpackedBytes: 51_549, sentBytes: 55_808, skipped: [] };
const vertices = [vertex('[internal] load remote build context', 100, 110), vertex('copy /context /', 120, 180), vertex('[1/1] COPY small /', 200, 210)];
const lasted = { start: 90, end: 300 };

describe('transportRecords', () => {
	it('finds the upload and what was unpacked from it, on both engines', () => {
		for (const description of ['copy /context /', 'fileop target']) {
			const ours = [record('http url http://build-context-abc', 55_808, 105), record(description, 51_549, 130)];
			assert.deepEqual(transportRecords(ours, traceUpload(vertices, context, lasted)), ours);
		}
	});

	it('knows sizes in whole blocks, as the containerd store counts', () => {
		const ours = [record('http url http://build-context-abc', 57_344, 105), record('copy /context /', 61_440, 130)];
		assert.deepEqual(transportRecords(ours, traceUpload(vertices, context, lasted)), ours);
	});

	it('leaves everything that may be somebody else\'s', () => {
		const others = [
			record('http url http://build-context-abc', 55_808, 50),
			record('http url http://build-context-abc', 55_808, 250),
			record('http url http://build-context-abc', 55_807, 105),
			record('http url https://example.com/file', 55_808, 105),
			record('fileop target', 51_549, 205),
			record('fileop target', 1000, 130),
			{ ...record('fileop target', 51_549, 130), parents: ['base'] },
			{ ...record('copy /context /', 51_549, 130), type: 'source.local' },
			{ ...record('copy /context /', 51_549, 130), createdAt: undefined },
			record('mount / from exec /bin/sh -c make', 51_549, 130),
		];
		assert.deepEqual(transportRecords(others, traceUpload(vertices, context, lasted)), []);
	});

	it('leaves what another build unpacked from the same files before', () => {
		const cached = [vertices[0]!, { ...vertex('copy /context /', 120, 120), cached: true }];
		assert.deepEqual(transportRecords([record('copy /context /', 51_549, 20)], traceUpload(cached, context, lasted)), []);
	});

	it('finds the part that came of an upload that was cut, by the engine\'s clock', () => {
		const engineIsAhead = 60_000;
		const part = record('http url http://build-context-abc', 20_000, 60_100);
		const others = [
			record('http url http://build-context-abc', 20_000, 50_000),
			record('http url http://build-context-abc', 55_809, 60_100),
			record('http url https://example.com/file', 20_000, 60_100),
		];
		assert.deepEqual(transportRecords([part, ...others], traceUpload([], context, lasted), engineIsAhead), [part]);
		assert.deepEqual(transportRecords([part], traceUpload(vertices, context, lasted), engineIsAhead), [], 'this one came whole');
		assert.deepEqual(transportRecords([part], traceUpload([], { ...context, sentBytes: 0 }, lasted), engineIsAhead), [], 'nothing was sent');
	});
});

function vertex(name: string, start: number, end: number): VertexState {
	return { digest: name, inputs: [], name, cached: false, intervals: [{ start, end }], completedAt: end, error: undefined };
}

function record(description: string, sizeBytes: number, createdAt: number): CacheRecord {
	return { id: `${description}@${createdAt}`, parents: [], type: 'regular', description, inUse: false, shared: false, sizeBytes, createdAt, lastUsedAt: undefined, usageCount: 1 };
}
