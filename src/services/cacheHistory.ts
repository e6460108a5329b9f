import { CacheKnowledge } from '../core/cache/knowledge';
import { pastBuildOf } from '../core/cache/pastBuild';
import type { CacheRules } from '../core/cache/rules';
import type { BuildRecord } from '../core/build/record';
import type { RecordStore } from './recordStore';

/** What the records say of an engine's cache, for one Dockerfile. */
export interface CacheHistory {
	readonly knowledge: CacheKnowledge;
	/** Time of each instruction's text when it last ran, milliseconds. */
	readonly durations: ReadonlyMap<string, number>;
}

/** Reads all builds of an engine: another Dockerfile's build fills the cache too. */
export async function readCacheHistory(records: RecordStore, engineId: string, rules: CacheRules, dockerfilePath: string): Promise<CacheHistory> {
	const oldestFirst = [...await records.listEngine(engineId)].reverse();
	return {
		knowledge: new CacheKnowledge(oldestFirst.flatMap(record => pastBuildOf(record, rules, dockerfilePath) ?? [])),
		durations: durationsOf(oldestFirst.filter(record => record.dockerfilePath === dockerfilePath && record.builder === rules.builder)),
	};
}

function durationsOf(records: readonly BuildRecord[]): ReadonlyMap<string, number> {
	const durations = new Map<string, number>();
	for (const { instructions } of records) {
		for (const { text, outcome, durationMs } of instructions) {
			if (outcome === 'ran' && durationMs !== undefined) {
				durations.set(text, durationMs);
			}
		}
	}
	return durations;
}
