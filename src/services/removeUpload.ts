import { setTimeout } from 'node:timers/promises';
import { transportRecords, type UploadTrace } from '../core/build/transportRecords';
import { keepsCacheOnPrune } from '../core/cache/keepsCacheOnPrune';
import type { CacheRecord, Engine, EngineInfo } from '../core/engine/engine';
import { readCacheRecords } from './readCacheRecords';

/**
 * Removes the cache records that a build's upload left, and gives all records as they were before. A record is not
 * listed or not removable as long as another build works with the same content, and that build may remove it itself: so
 * it is looked for again a few times, and then left to the engine's own clearing; as it is at once where removing any
 * record costs others.
 */
export async function removeUpload(engine: Engine, info: Pick<EngineInfo, 'imageStore'>, trace: UploadTrace): Promise<readonly CacheRecord[]> {
	const first = await readCacheRecords(engine);
	if (!keepsCacheOnPrune(info)) {
		return first;
	}
	let records = first;
	const removed = new Set<string>();
	for (const pause of [300, 1000, 3000, 6000, 0]) {
		const ours = transportRecords(records, trace);
		for (const { id, sizeBytes } of ours) {
			if (await engine.pruneCacheRecords([id]) > 0 || sizeBytes === 0) {
				removed.add(id);
			}
		}
		if (pause === 0 || (removed.size >= trace.records && ours.every(({ id }) => removed.has(id)))) {
			break;
		}
		await setTimeout(pause);
		records = await readCacheRecords(engine);
	}
	return first;
}
