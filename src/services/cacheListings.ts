import { isPruned, listingOf, type CacheListing } from '../core/cache/cacheListing';
import type { CacheRecord } from '../core/engine/engine';
import { ValueFolder } from './valueFolder';

interface Kept {
	readonly listing: CacheListing;
	/** When it was asked for; milliseconds since the epoch. */
	readonly at: number;
	/** When something was last found to be gone. */
	readonly prunedAt: number | undefined;
}

/**
 * What engines' build caches held when they were last listed, kept on disk. So a prune shows that nobody told of: while no
 * window was open, by BuildKit itself, or by `docker buildx prune` (and so `docker builder prune`), of which no engine tells.
 */
export class CacheListings {
	private readonly kept: ValueFolder;

	constructor(folder: string, private readonly log: (message: string) => void) {
		this.kept = new ValueFolder(folder);
	}

	/**
	 * Compares records with those of the last time. Gives when something was last found to be gone, in milliseconds since
	 * the epoch; undefined: never. `at`: when the records were asked for.
	 */
	async compare(engineId: string, records: readonly CacheRecord[], at: number): Promise<number | undefined> {
		const before = this.kept.values().get(engineId) as Kept | undefined;
		if (before !== undefined && before.at > at) {
			return before.prunedAt;
		}
		const prunedAt = before !== undefined && isPruned(before.listing, records) ? at : before?.prunedAt;
		await this.kept.set(engineId, { listing: listingOf(records), at, prunedAt } satisfies Kept).catch((error: unknown) => {
			this.log(`What the build cache holds cannot be kept: ${error instanceof Error ? error.message : String(error)}`);
		});
		return prunedAt;
	}
}
