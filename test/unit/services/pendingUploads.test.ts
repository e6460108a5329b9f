import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { UploadTrace } from '../../../src/core/build/transportRecords';
import type { CacheRecord, Engine } from '../../../src/core/engine/engine';
import { EngineError } from '../../../src/core/engine/engineError';
import { PendingUploads } from '../../../src/services/pendingUploads';

const info = { id: 'engine', imageStore: 'overlay2' };

describe('the upload of a build', () => {
	let folder = '';
	before(async () => { folder = await mkdtemp(join(tmpdir(), 'strata-uploads-')); });
	after(() => rm(folder, { recursive: true }));

	it('is removed when no build works with it any more, after the next build if not before', async () => {
		const records = new Set([100, 200]);
		const inUse = new Set([100]);
		const engine = {
			cacheRecords: () => Promise.resolve([...records].map(upload)),
			pruneCacheRecords: ([id]: readonly string[]) => Promise.resolve(!inUse.has(Number(id)) && records.delete(Number(id)) ? 1 : 0),
		} as unknown as Engine;
		const gone = { cacheRecords: () => Promise.reject(new EngineError('unreachable', 'gone', 'engine')) } as unknown as Engine;

		await assert.rejects(new PendingUploads(folder).remove(gone, info, 'first', traceOf(100)), { reason: 'unreachable' });
		const later = new PendingUploads(folder);
		await later.resume(engine, info, []);
		assert.deepEqual([...records], [100, 200], 'the engine goes on with the first build');
		inUse.clear();
		const listed = await later.remove(engine, info, 'second', traceOf(200));
		assert.deepEqual([listed.map(({ id }) => id), [...records]], [['100', '200'], []]);
		records.add(100);
		await later.resume(engine, info, []);
		assert.deepEqual([...records], [100], 'what is done is not done again');
	});
});

/** The record of an upload of so many bytes, made at a time that is the same number. */
function upload(number: number): CacheRecord {
	return {
		id: String(number), parents: [], type: 'regular', description: 'http url http://build-context-x', inUse: false, shared: false,
		sizeBytes: number, createdAt: number, lastUsedAt: undefined, usageCount: 1,
	};
}

function traceOf(number: number): UploadTrace {
	return { loaded: [{ start: number, end: number }], unpacked: [], sentBytes: number, unpackedBytes: 0, records: 1 };
}
