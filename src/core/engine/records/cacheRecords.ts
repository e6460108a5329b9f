import type { CacheRecord } from '../engine';
import { instantOf, listOf, numberOf, recordOf, someTextOf, textOf, textsOf, type WireRecord } from './wire';

/** `GET /system/df`: `BuildCache` up to API 1.52, `BuildCacheUsage.Items` from 1.52. */
export function cacheRecords(body: unknown): readonly CacheRecord[] {
	const record = recordOf(body);
	const items = listOf(recordOf(record['BuildCacheUsage'])['Items']);
	return (items.length > 0 ? items : listOf(record['BuildCache'])).flatMap(item => {
		const cache = recordOf(item);
		const id = someTextOf(cache['ID']);
		return id === undefined ? [] : [{
			id,
			parents: parentsOf(cache),
			type: textOf(cache['Type']) ?? '',
			description: textOf(cache['Description']) ?? '',
			inUse: cache['InUse'] === true,
			shared: cache['Shared'] === true,
			sizeBytes: numberOf(cache['Size']) ?? 0,
			createdAt: instantOf(cache['CreatedAt']),
			lastUsedAt: instantOf(cache['LastUsedAt']),
			usageCount: numberOf(cache['UsageCount']),
		}];
	});
}

/** Moby has written this key in three ways: `Parent` (one id), ` Parents` (its JSON tag had a leading space), `Parents`. */
function parentsOf(cache: WireRecord): readonly string[] {
	const parents = [...textsOf(cache['Parents']), ...textsOf(cache[' Parents'])];
	const parent = someTextOf(cache['Parent']);
	return parents.length > 0 || parent === undefined ? parents : [parent];
}
