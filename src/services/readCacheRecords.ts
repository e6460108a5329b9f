import { setTimeout } from 'node:timers/promises';
import type { CacheRecord, Engine } from '../core/engine/engine';
import { isEngineError } from '../core/engine/engineError';

/** Engine 20.10 counts for one asker at a time and refuses the others. */
export async function readCacheRecords(engine: Engine): Promise<readonly CacheRecord[]> {
	for (const pause of [200, 400, 800, 1600, 3200]) {
		try {
			return await engine.cacheRecords();
		} catch (error) {
			if (!isEngineError(error) || !error.message.includes('already running')) {
				throw error;
			}
			await setTimeout(pause + Math.random() * pause);
		}
	}
	return engine.cacheRecords();
}
