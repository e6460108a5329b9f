import { groups } from '../base/groups';
import type { CacheRecord } from './engine';

/** By id: the records of the build cache that were made upon it. */
export function childRecords(records: readonly CacheRecord[]): ReadonlyMap<string, readonly CacheRecord[]> {
	return groups(records.flatMap(record => record.parents.map(parent => [parent, record] as const)));
}
