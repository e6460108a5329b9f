import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Emitter, type Disposable, type Event } from '../core/base/event';
import { readRecord } from '../core/build/readRecord';
import type { BuildRecord } from '../core/build/record';
import { fileNameOf, removeAbandoned, writeWhole } from './wholeFile';

/** Whose builds are compared: those of one Dockerfile's target, on whichever engine. */
export interface BaselineKey {
	readonly dockerfilePath: string;
	readonly target: string | undefined;
}

/**
 * The build that a person pinned to compare later ones with, of each Dockerfile and target. It is a copy of that build's
 * record, so it stays when old records go. Several windows may use one folder; the last pin wins.
 */
export class BaselineStore implements Disposable {
	private readonly _onDidChange = new Emitter<string | undefined>();
	/** Fires for what this window pins and unpins, with the Dockerfile's path, or undefined for all. */
	readonly onDidChange: Event<string | undefined> = this._onDidChange.event;

	constructor(private readonly folder: string) {}

	async pin(record: BuildRecord): Promise<void> {
		const key = { dockerfilePath: record.dockerfilePath, target: record.options.target };
		const path = this.pathOf(key);
		await removeAbandoned(join(path, '..'));
		// What steps depended on explains misses; a baseline is only compared.
		await writeWhole(path, JSON.stringify({ ...record, instructions: record.instructions.map(one => ({ ...one, inputs: undefined, reason: undefined })) }));
		this._onDidChange.fire(key.dockerfilePath);
	}

	/** False where nothing was pinned. */
	async unpin(key: BaselineKey): Promise<boolean> {
		const wasPinned = await this.get(key) !== undefined;
		await rm(this.pathOf(key), { force: true });
		if (wasPinned) {
			this._onDidChange.fire(key.dockerfilePath);
		}
		return wasPinned;
	}

	/** Forgets what is pinned of one Dockerfile, of whatever target; undefined: of all. */
	async delete(dockerfilePath: string | undefined): Promise<void> {
		await rm(dockerfilePath === undefined ? this.folder : join(this.folder, fileNameOf(dockerfilePath)), { recursive: true, force: true });
		this._onDidChange.fire(dockerfilePath);
	}

	/** Undefined where nothing is pinned. */
	async get(key: BaselineKey): Promise<BuildRecord | undefined> {
		const text = await readFile(this.pathOf(key), 'utf8').catch(() => undefined);
		try {
			return text === undefined ? undefined : readRecord(JSON.parse(text));
		} catch {
			return undefined;
		}
	}

	dispose(): void {
		this._onDidChange.dispose();
	}

	private pathOf({ dockerfilePath, target }: BaselineKey): string {
		return join(this.folder, fileNameOf(dockerfilePath), `${fileNameOf(target?.toLowerCase() ?? '')}.json`);
	}
}
