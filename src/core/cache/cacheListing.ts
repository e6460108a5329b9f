import type { CacheRecord } from '../engine/engine';
import { fingerprint } from './fingerprint';

/** How many of an engine's build cache records are the same thing, by a name for that thing. */
export type CacheListing = Readonly<Record<string, number>>;

/** Records as one remembers them; those that a build works with may go with it, and are not counted. */
export function listingOf(records: readonly CacheRecord[]): CacheListing {
	return count(records.filter(({ inUse }) => !inUse));
}

/**
 * Whether something was taken out of the build cache since it was listed: BuildKit keeps what no build works with until
 * somebody prunes it, or it clears up by itself.
 */
export function isPruned(listing: CacheListing, records: readonly CacheRecord[]): boolean {
	const now = count(records);
	return Object.entries(listing).some(([name, most]) => most > (now[name] ?? 0));
}

/**
 * A record's id is no name: the same thing is listed now as BuildKit's mutable, now as its immutable record (`DiskUsage` in
 * its cache/manager.go; seen on 28.5). Of a cache mount the description changes with each RUN that uses it.
 */
function count(records: readonly CacheRecord[]): CacheListing {
	const counts: Record<string, number> = {};
	for (const { description, parents } of records.filter(({ type }) => type === 'regular')) {
		const name = fingerprint([description, parents]);
		counts[name] = (counts[name] ?? 0) + 1;
	}
	return counts;
}
