import { randomBytes } from 'node:crypto';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Emitter, type Disposable, type Event } from '../core/base/event';
import { readRecord } from '../core/build/readRecord';
import type { BuildRecord } from '../core/build/record';
import { fileNameOf, removeAbandoned, writeWhole } from './wholeFile';

/** Whose builds: those of one Dockerfile's target on one engine. */
export interface RecordKey {
	readonly engineId: string;
	readonly dockerfilePath: string;
	readonly target: string | undefined;
}

export interface RecordStoreSettings {
	/** Made when first written to. */
	readonly folder: string;
	/** Records kept of each key; the oldest go first. Default 50. */
	readonly mostKept?: number;
	/** Told of files that are no records of ours. */
	readonly log: (message: string) => void;
}

/**
 * Records of finished builds, one file each. Several windows may use one folder: files are written whole or not at all,
 * and every reading looks at the folder anew.
 */
export class RecordStore implements Disposable {
	private readonly _onDidChange = new Emitter<RecordKey>();
	/** Fires for what this window writes. */
	readonly onDidChange: Event<RecordKey> = this._onDidChange.event;
	private readonly _onDidDelete = new Emitter<string | undefined>();
	/** The builds of this Dockerfile were deleted in this window; undefined: all builds. */
	readonly onDidDelete: Event<string | undefined> = this._onDidDelete.event;
	/** Files as last read, so that a folder of records is parsed once. A file's content changes only under a new name. */
	private readonly read = new Map<string, BuildRecord | undefined>();

	constructor(private readonly settings: RecordStoreSettings) {}

	/** Writes a record, in place of the one with the same id. */
	async put(record: BuildRecord): Promise<void> {
		const key = keyOf(record);
		const folder = this.folderOf(key);
		await removeAbandoned(folder);
		const name = nameOf(record);
		await writeWhole(join(folder, name), JSON.stringify(record));
		this.read.set(join(folder, name), record);
		const names = await namesIn(folder);
		const same = names.filter(other => other < name && buildOf(other) === buildOf(name));
		const tooMany = names.filter(other => !same.includes(other)).slice(this.settings.mostKept ?? 50);
		await Promise.all([...same, ...tooMany].map(other => this.remove(join(folder, other))));
		this._onDidChange.fire(key);
	}

	/** Writes what a record has learnt since. False where it was deleted meanwhile, in whichever window: then it stays so. */
	async update(record: BuildRecord): Promise<boolean> {
		const key = keyOf(record);
		const folder = this.folderOf(key);
		const name = nameOf(record);
		const before = (await namesIn(folder)).find(other => buildOf(other) === buildOf(name));
		if (before === undefined) {
			return false;
		}
		await writeWhole(join(folder, name), JSON.stringify(record));
		// Who deletes looks again afterwards: he finds the new file, or has taken the old one away before this.
		const isThere = await rm(join(folder, before)).then(() => true, () => false);
		this.read.delete(join(folder, before));
		if (isThere) {
			this.read.set(join(folder, name), record);
			this._onDidChange.fire(key);
		} else {
			await rm(join(folder, name), { force: true });
		}
		return isThere;
	}

	/** Newest first. */
	async list(key: RecordKey): Promise<readonly BuildRecord[]> {
		return this.recordsIn(this.folderOf(key));
	}

	/** The newest that says something of at least one instruction; a build that never began says nothing. */
	async latest(key: RecordKey): Promise<BuildRecord | undefined> {
		return (await this.list(key)).find(saysSomething);
	}

	/** All builds of an engine, newest first. */
	async listEngine(engineId: string): Promise<readonly BuildRecord[]> {
		const engine = join(this.settings.folder, fileNameOf(engineId));
		const targets = (await Promise.all((await foldersIn(engine)).map(foldersIn))).flat();
		const records = await Promise.all(targets.map(folder => this.recordsIn(folder)));
		return records.flat().sort((a, b) => b.startedAt - a.startedAt);
	}

	/** The newest of a Dockerfile that says something, whatever its target and on whichever engine: what a person saw last. */
	async latestOf(dockerfilePath: string): Promise<BuildRecord | undefined> {
		const dockerfiles = (await foldersIn(this.settings.folder)).map(engine => join(engine, fileNameOf(dockerfilePath)));
		const targets = (await Promise.all(dockerfiles.map(foldersIn))).flat();
		const newest = await Promise.all(targets.map(async folder => (await this.recordsIn(folder)).find(saysSomething)));
		return newest.reduce((latest, record) => record !== undefined && record.startedAt > (latest?.startedAt ?? 0) ? record : latest, undefined);
	}

	/** Deletes the records of one Dockerfile, on whichever engine and of whatever target; undefined: all there are. Gives how many. */
	async delete(dockerfilePath: string | undefined): Promise<number> {
		const engines = await foldersIn(this.settings.folder);
		const dockerfiles = dockerfilePath === undefined
			? (await Promise.all(engines.map(foldersIn))).flat() : engines.map(engine => join(engine, fileNameOf(dockerfilePath)));
		const targets = (await Promise.all(dockerfiles.map(foldersIn))).flat();
		const deleted: RecordKey[] = [];
		for (const folder of targets) {
			deleted.push(...(await this.recordsIn(folder)).map(keyOf));
			// Again until nothing is left: a record may be taking another one's place just now.
			for (let names = await namesIn(folder); names.length > 0; names = await namesIn(folder)) {
				await Promise.all(names.map(name => this.remove(join(folder, name))));
			}
		}
		for (const key of new Map(deleted.map(one => [one.dockerfilePath, one])).values()) {
			this._onDidChange.fire(key);
		}
		this._onDidDelete.fire(dockerfilePath);
		return deleted.length;
	}

	dispose(): void {
		this._onDidChange.dispose();
		this._onDidDelete.dispose();
	}

	private async remove(path: string): Promise<void> {
		this.read.delete(path);
		await rm(path, { force: true });
	}

	private async recordsIn(folder: string): Promise<readonly BuildRecord[]> {
		const names = await namesIn(folder);
		// A writer that was killed may have left a record beside the one that replaced it.
		const newest = names.filter((name, at) => buildOf(name) !== buildOf(names[at - 1]));
		const records = await Promise.all(newest.map(name => this.readRecord(join(folder, name))));
		return records.filter(record => record !== undefined);
	}

	private async readRecord(path: string): Promise<BuildRecord | undefined> {
		if (!this.read.has(path)) {
			// Another window may have removed it since.
			const text = await readFile(path, 'utf8').catch(() => undefined);
			if (text === undefined) {
				return undefined;
			}
			this.read.set(path, this.parse(text, path));
		}
		return this.read.get(path);
	}

	private parse(text: string, path: string): BuildRecord | undefined {
		try {
			const record = readRecord(JSON.parse(text));
			if (record !== undefined) {
				return record;
			}
			this.settings.log(`${path} is not a build record of this version`);
		} catch (error) {
			this.settings.log(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
		}
		return undefined;
	}

	private folderOf({ engineId, dockerfilePath, target }: RecordKey): string {
		return join(this.settings.folder, fileNameOf(engineId), fileNameOf(dockerfilePath), fileNameOf(target?.toLowerCase() ?? ''));
	}
}

/** Whether a build got as far as an instruction. */
export function saysSomething({ instructions }: BuildRecord): boolean {
	return instructions.some(({ outcome }) => outcome === 'cached' || outcome === 'ran' || outcome === 'failed');
}

export function keyOf(record: BuildRecord): RecordKey {
	return { engineId: record.engineId, dockerfilePath: record.dockerfilePath, target: record.options.target };
}

/** Sorts by the build's beginning, then by when it was written: behind eight hexadecimal digits, which version 1 wrote there. */
function nameOf({ startedAt, id }: BuildRecord): string {
	const writtenAt = `t${Date.now().toString(16).padStart(12, '0')}`;
	return `${String(startedAt).padStart(15, '0')}-${fileNameOf(id).slice(0, 12)}-${writtenAt}${randomBytes(4).toString('hex')}.json`;
}

/** The part of a file's name that is the same for all that was written of a build. */
function buildOf(name: string | undefined): string | undefined {
	return name?.split('-', 2).join('-');
}

/** Newest first. */
async function namesIn(folder: string): Promise<readonly string[]> {
	const names = await readdir(folder).catch(() => []);
	return names.filter(name => name.endsWith('.json')).sort().reverse();
}

async function foldersIn(folder: string): Promise<readonly string[]> {
	const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
	return entries.filter(entry => entry.isDirectory()).map(({ name }) => join(folder, name));
}
