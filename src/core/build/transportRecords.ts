import type { CacheRecord } from '../engine/engine';
import type { ContextSummary } from './packContext';
import type { VertexState } from './runFold';

const slackMs = 20;
/** Between the clocks of two machines, compared by asking one. */
const clockSlackMs = 1000;

/** What is known of a build's upload once the build has ended, enough to tell its cache records from all others. */
export interface UploadTrace {
	/** When the build loaded its context, and when it unpacked it, by the engine's clock, in ms since 1970. */
	readonly loaded: readonly Interval[];
	readonly unpacked: readonly Interval[];
	readonly sentBytes: number;
	readonly unpackedBytes: number;
	/** How many records there should be: the upload, and what was unpacked from it unless that was there already. */
	readonly records: number;
	/**
	 * For an upload that did not arrive whole as far as is known: when it was sent, by our clock. The engine keeps the part
	 * that it got, and may tell nothing of it.
	 */
	readonly cut?: Interval | undefined;
}

export interface Interval {
	readonly start: number;
	readonly end: number | undefined;
}

/** What BuildKit calls the vertex that loads a build's upload. */
export const loadingContext = '[internal] load remote build context';
const unpacking = 'copy /context /';

/** `lasted`: the build, by our clock. */
export function traceUpload(vertices: Iterable<VertexState>, { sentBytes, unpackedBytes }: ContextSummary, lasted: Interval): UploadTrace {
	const all = [...vertices];
	const intervalsOf = (name: string): readonly Interval[] => all.filter(vertex => vertex.name === name).flatMap(({ intervals }) => intervals);
	const isDone = (name: string): boolean => all.some(vertex => vertex.name === name && vertex.completedAt !== undefined && !vertex.cached);
	const isCut = sentBytes > 0 && !all.some(({ name, completedAt, error }) => name === loadingContext && completedAt !== undefined && error === undefined);
	return {
		loaded: intervalsOf(loadingContext), unpacked: intervalsOf(unpacking), sentBytes, unpackedBytes,
		records: [loadingContext, unpacking].filter(isDone).length, cut: isCut ? lasted : undefined,
	};
}

/**
 * The cache records that a build's upload left in the engine and nothing can ever use again: the tar as sent, and the
 * folder unpacked from it. Only records that are this build's without doubt: described as such, made while this build
 * loaded its context by the engine's own clock, and of the size that was sent. Of an upload that was cut the size is not
 * known, and the time only as well as `clockAhead` is, what the engine's clock is ahead of ours in ms: there it is any
 * upload of that time, of no more than was sent. Once no build works with it such a record serves nobody: each upload has
 * an address of its own, which is not asked for again.
 */
export function transportRecords(records: readonly CacheRecord[], { loaded, unpacked, sentBytes, unpackedBytes, cut }: UploadTrace, clockAhead = 0): readonly CacheRecord[] {
	const sending = cut === undefined ? [] : [{ start: cut.start + clockAhead, end: cut.end === undefined ? undefined : cut.end + clockAhead }];
	return records.filter(record => {
		if (record.type !== 'regular' || record.parents.length > 0) {
			return false;
		}
		if (record.description.startsWith('http url http://build-context-')) {
			return (isWithin(record, loaded) && isAbout(record.sizeBytes, sentBytes))
				|| (isWithin(record, sending, clockSlackMs) && record.sizeBytes <= sentBytes);
		}
		return (record.description === 'copy /context /' || record.description === 'fileop target')
			&& isWithin(record, unpacked) && isAbout(record.sizeBytes, unpackedBytes);
	});
}

function isWithin({ createdAt }: CacheRecord, intervals: readonly Interval[], slack = slackMs): boolean {
	return createdAt !== undefined && intervals.some(({ start, end }) => createdAt >= start - slack && createdAt <= (end ?? Infinity) + slack);
}

/** The containerd store counts whole blocks of 4 KiB, folders included; overlay2 bytes of files. */
function isAbout(size: number, sent: number): boolean {
	return size === sent || (size % 4096 === 0 && size >= sent);
}
