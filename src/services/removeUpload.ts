import { setTimeout } from 'node:timers/promises';
import type { ContextSummary } from '../core/build/packContext';
import type { VertexState } from '../core/build/runFold';
import { transportRecords } from '../core/build/transportRecords';
import type { CacheRecord, Engine } from '../core/engine/engine';
import { readCacheRecords } from './readCacheRecords';

/**
 * Removes the cache records that a build's upload left, and gives all records as they were before. A record is not
 * listed or not removable as long as another build works with the same content: so it is looked for again a few times,
 * and then left to the engine's own clearing.
 */
export async function removeUpload(engine: Engine, vertices: ReadonlyMap<string, VertexState>, context: ContextSummary): Promise<readonly CacheRecord[]> {
	const first = await readCacheRecords(engine);
	let records = first;
	let emptyLooks = 0;
	for (const pause of [300, 1000, 3000, 6000, 0]) {
		const ours = transportRecords(records, vertices.values(), context);
		let isClear = ours.length >= leftBy(vertices);
		for (const { id, sizeBytes } of ours) {
			const freed = await engine.pruneCacheRecords([id]);
			isClear &&= freed > 0 || sizeBytes === 0;
		}
		// Another build that works with the same content removes them too.
		emptyLooks = ours.length === 0 ? emptyLooks + 1 : 0;
		if (isClear || emptyLooks === 2 || pause === 0) {
			break;
		}
		await setTimeout(pause);
		records = await readCacheRecords(engine);
	}
	return first;
}

/** How many records there should be: the upload, and what was unpacked from it unless that was there already. */
function leftBy(vertices: ReadonlyMap<string, VertexState>): number {
	const isDone = (vertex: VertexState): boolean => vertex.completedAt !== undefined && !vertex.cached;
	const all = [...vertices.values()].filter(isDone);
	return ['[internal] load remote build context', 'copy /context /'].filter(name => all.some(vertex => vertex.name === name)).length;
}
