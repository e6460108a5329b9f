import type { LineChange } from './lineHistory';
import type { LineFacts } from './lineFacts';

/** From which growth on a line is worth a Problem: the greater of both counts. */
export interface GrowthLimits {
	/** 0: no growth is. */
	readonly megabytes: number;
	/** Of the earlier size. */
	readonly percent: number;
}

/** A line whose layer grew by more than is let pass. */
export interface Growth {
	/** The build it is measured against: the pinned one where there is one that had the line. */
	readonly since: 'last' | 'pinned';
	readonly change: LineChange & { readonly bytes: NonNullable<LineChange['bytes']> };
}

/** Undefined where a line did not grow so much, or it is not known, or was edited since. */
export function growthOf({ history, stale }: Pick<LineFacts, 'history' | 'stale'>, { megabytes, percent }: GrowthLimits): Growth | undefined {
	if (history === undefined || stale === 'changed' || megabytes === 0) {
		return undefined;
	}
	const [since, change] = history.sincePinned?.bytes === undefined ? ['last', history.sinceLast] as const : ['pinned', history.sincePinned] as const;
	if (change?.bytes === undefined) {
		return undefined;
	}
	const { bytes } = change;
	return bytes.now - bytes.before > Math.max(megabytes * 1e6, bytes.before * percent / 100) ? { since, change: { ...change, bytes } } : undefined;
}
