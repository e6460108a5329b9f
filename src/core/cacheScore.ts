import type { Outcome } from './build/run';

export interface CacheScore {
	readonly cached: number;
	/** Instructions that were reached and can come from the cache. */
	readonly cacheable: number;
}

/** How well a build used its cache; undefined where nothing was reached that could. */
export function cacheScore(steps: readonly { readonly outcome: Outcome | undefined }[]): CacheScore | undefined {
	const cached = steps.filter(({ outcome }) => outcome === 'cached').length;
	const cacheable = cached + steps.filter(({ outcome }) => outcome === 'ran' || outcome === 'failed' || outcome === 'running').length;
	return cacheable === 0 ? undefined : { cached, cacheable };
}
