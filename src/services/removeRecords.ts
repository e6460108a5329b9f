import { setTimeout } from 'node:timers/promises';
import type { CacheRecord, Engine } from '../core/engine/engine';

/** Removes just these. A record stays in use as long as another build works with the same content: asked again, then left to the engine's own clearing. */
export async function removeRecords(engine: Engine, records: readonly CacheRecord[]): Promise<void> {
	let left = records;
	for (const pause of [0, 200, 800, 2000, 5000]) {
		if (left.length === 0) {
			return;
		}
		await setTimeout(pause);
		const kept: CacheRecord[] = [];
		for (const record of left) {
			if (await engine.pruneCacheRecords([record.id]) === 0 && record.sizeBytes > 0) {
				kept.push(record);
			}
		}
		left = kept;
	}
}
