import type { CacheRecord } from '../engine/engine';
import type { ContextSummary } from './packContext';
import type { VertexState } from './runFold';

const slackMs = 20;

/**
 * The cache records that a build's upload left in the engine and nothing can ever use again: the tar as sent, and the
 * folder unpacked from it. Only records that are this build's without doubt: described as such, made while this build
 * loaded its context by the engine's own clock, and of the size that was sent.
 */
export function transportRecords(records: readonly CacheRecord[], vertices: Iterable<VertexState>, context: ContextSummary): readonly CacheRecord[] {
	const all = [...vertices];
	const loaded = intervalsOf(all, name => name === '[internal] load remote build context');
	const unpacked = intervalsOf(all, name => name === 'copy /context /');
	return records.filter(record => {
		if (record.type !== 'regular' || record.parents.length > 0) {
			return false;
		}
		if (record.description.startsWith('http url http://build-context-')) {
			return isWithin(record, loaded) && isAbout(record.sizeBytes, context.sentBytes);
		}
		return (record.description === 'copy /context /' || record.description === 'fileop target')
			&& isWithin(record, unpacked) && isAbout(record.sizeBytes, context.unpackedBytes);
	});
}

interface Interval {
	readonly start: number;
	readonly end: number | undefined;
}

function intervalsOf(vertices: readonly VertexState[], isIt: (name: string) => boolean): readonly Interval[] {
	return vertices.filter(({ name }) => isIt(name)).flatMap(({ intervals }) => intervals);
}

function isWithin({ createdAt }: CacheRecord, intervals: readonly Interval[]): boolean {
	return createdAt !== undefined && intervals.some(({ start, end }) => createdAt >= start - slackMs && createdAt <= (end ?? Infinity) + slackMs);
}

/** The containerd store counts whole blocks of 4 KiB, folders included; overlay2 bytes of files. */
function isAbout(size: number, sent: number): boolean {
	return size === sent || (size % 4096 === 0 && size >= sent);
}
