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
/** So many of these pauses one waits for an upload that was cut to be listed: perhaps the engine got none of it. */
const pausesForCut = 2;

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
	const clockAhead = trace.cut === undefined ? undefined : await aheadOfUs(engine);
	const removed = new Set<string>();
	/** Those that could not be removed. */
	const look = async (records: readonly CacheRecord[]): Promise<number> => {
		const ours = transportRecords(records, trace, clockAhead);
		for (const { id, sizeBytes } of ours.filter(({ inUse }) => !inUse)) {
			if (await engine.pruneCacheRecords([id]) > 0 || sizeBytes === 0) {
				removed.add(id);
			}
		}
		return ours.filter(({ id }) => !removed.has(id)).length;
	};
	let left = await look(before);
	for (const [at, pause] of pauses.entries()) {
		const awaited = trace.cut === undefined ? trace.records : at < pausesForCut ? 1 : 0;
		if (left === 0 && removed.size >= awaited) {
			break;
		}
		await setTimeout(pause);
		left = await look(await readCacheRecords(engine));
	}
	return { before, isLeft: left > 0 };
}

/** What the engine's clock is ahead of ours, ms. */
async function aheadOfUs(engine: Engine): Promise<number> {
	const { time } = await engine.details();
	return time === undefined ? 0 : time - Date.now();
}
