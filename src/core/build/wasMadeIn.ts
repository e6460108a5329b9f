import type { CacheRecord } from '../engine/engine';
import type { Interval } from './transportRecords';

/** How far a record's time may lie outside of the work that made it, milliseconds. */
const slackMs = 50;

/**
 * Whether a record of BuildKit's cache was made by work of these times: it is, shortly before the vertex ends that makes
 * it, and by the same clock.
 */
export function wasMadeIn({ createdAt }: CacheRecord, intervals: readonly Interval[]): boolean {
	return createdAt !== undefined && intervals.some(({ start, end }) => createdAt >= start - slackMs && createdAt <= (end ?? Infinity) + slackMs);
}
