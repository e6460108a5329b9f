import { setTimeout } from 'node:timers/promises';
import { transportRecords, type UploadTrace } from '../core/build/transportRecords';
import { keepsCacheOnPrune } from '../core/cache/keepsCacheOnPrune';
import type { CacheRecord, Engine, EngineInfo } from '../core/engine/engine';
import { readCacheRecords } from './readCacheRecords';

export interface UploadRemoval {
	/** All records, as they were before. */
	readonly before: readonly CacheRecord[];
	/** Whether the engine still has some of the upload, because a build works with it. */
	readonly isLeft: boolean;
}

/** Between looks, milliseconds. */
const patience: readonly number[] = [300, 1000, 3000, 6000];

/**
 * Removes the cache records that a build's upload left. A record is not listed or not removable as long as another build
 * works with the same content, and that build may remove it itself: so it is looked for again a few times. Where removing
 * any record costs others, it is left to the engine's own clearing.
 */
export async function removeUpload(engine: Engine, info: Pick<EngineInfo, 'imageStore'>, trace: UploadTrace, pauses = patience): Promise<UploadRemoval> {
	const before = await readCacheRecords(engine);
	if (!keepsCacheOnPrune(info)) {
		return { before, isLeft: false };
	}
	const removed = new Set<string>();
	/** Those that could not be removed. */
	const look = async (records: readonly CacheRecord[]): Promise<number> => {
		const ours = transportRecords(records, trace);
		for (const { id, sizeBytes } of ours) {
			if (await engine.pruneCacheRecords([id]) > 0 || sizeBytes === 0) {
				removed.add(id);
			}
		}
		return ours.filter(({ id }) => !removed.has(id)).length;
	};
	let left = await look(before);
	for (const pause of pauses) {
		if (left === 0 && removed.size >= trace.records) {
			break;
		}
		await setTimeout(pause);
		left = await look(await readCacheRecords(engine));
	}
	return { before, isLeft: left > 0 };
}
