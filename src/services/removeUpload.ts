import { setTimeout } from 'node:timers/promises';
import { transportRecords, type UploadTrace } from '../core/build/transportRecords';
import { keepsCacheOnPrune } from '../core/cache/keepsCacheOnPrune';
import type { CacheRecord, Engine, EngineInfo } from '../core/engine/engine';
import { readCacheRecords } from './readCacheRecords';

/**
 * Removes the cache records that a build's upload left, and gives all records as they were before. A record is not
 * listed or not removable as long as another build works with the same content: so it is looked for again a few times,
 * and then left to the engine's own clearing; as it is at once where removing any record costs others.
 */
export async function removeUpload(engine: Engine, info: Pick<EngineInfo, 'imageStore'>, trace: UploadTrace): Promise<readonly CacheRecord[]> {
	const first = await readCacheRecords(engine);
	if (!keepsCacheOnPrune(info)) {
		return first;
	}
	let records = first;
	let emptyLooks = 0;
	for (const pause of [300, 1000, 3000, 6000, 0]) {
		const ours = transportRecords(records, trace);
		let isClear = ours.length >= trace.records;
		for (const { id, sizeBytes } of ours) {
			const freed = await engine.pruneCacheRecords([id]);
			isClear &&= freed > 0 || sizeBytes === 0;
		}
		// Another build that works with the same content removes them too.
		emptyLooks = ours.length === 0 ? emptyLooks + 1 : 0;
		if (isClear || emptyLooks === 3 || pause === 0) {
			break;
		}
		await setTimeout(pause);
		records = await readCacheRecords(engine);
	}
	return first;
}
