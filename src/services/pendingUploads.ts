import type { Interval, UploadTrace } from '../core/build/transportRecords';
import type { CacheRecord, Engine, EngineInfo } from '../core/engine/engine';
import { removeUpload } from './removeUpload';
import { ValueFolder } from './valueFolder';

/** What has to be known of an engine to remove uploads there. */
export type UploadEngine = Pick<EngineInfo, 'id' | 'imageStore'>;

/**
 * Uploads whose cache records are still to be removed, kept on disk until that is done: before it is, the engine may go away,
 * or the window be closed; and Docker 26.1 goes on with a RUN that was to end when it had just begun.
 */
export class PendingUploads {
	private readonly pending: ValueFolder;
	private readonly atWork = new Set<string>();

	constructor(folder: string) {
		this.pending = new ValueFolder(folder);
	}

	/**
	 * Removes what the upload of this build left, and what is no longer in use of earlier ones; gives all records as they were
	 * before. Throws `EngineError`.
	 */
	async remove(engine: Engine, info: UploadEngine, buildId: string, trace: UploadTrace): Promise<readonly CacheRecord[]> {
		await this.pending.set(buildId, { engineId: info.id, trace });
		const records = await this.tryToRemove(engine, info, buildId, trace);
		await this.resume(engine, info, []);
		return records;
	}

	/** Does for this engine what could not be done before. `pauses`: between looks for what is in use. Throws `EngineError`. */
	async resume(engine: Engine, info: UploadEngine, pauses?: readonly number[]): Promise<void> {
		for (const [buildId, value] of this.pending.values()) {
			const trace = readPending(value, info.id);
			if (trace !== undefined && !this.atWork.has(buildId)) {
				await this.tryToRemove(engine, info, buildId, trace, pauses);
			}
		}
	}

	private async tryToRemove(engine: Engine, info: UploadEngine, buildId: string, trace: UploadTrace, pauses?: readonly number[]): Promise<readonly CacheRecord[]> {
		this.atWork.add(buildId);
		try {
			const { before, isLeft } = await removeUpload(engine, info, trace, pauses);
			if (!isLeft) {
				await this.pending.set(buildId, undefined);
			}
			return before;
		} finally {
			this.atWork.delete(buildId);
		}
	}
}

/** Undefined for another engine's. What was under way when the engine went away has no end: too vague to remove anything by. */
function readPending(value: unknown, engineId: string): UploadTrace | undefined {
	const { engineId: of, trace } = value as { readonly engineId: string; readonly trace: UploadTrace };
	const ended = (intervals: readonly Interval[]): readonly Interval[] => intervals.filter(({ end }) => end !== undefined);
	return of === engineId ? { ...trace, loaded: ended(trace.loaded), unpacked: ended(trace.unpacked) } : undefined;
}
