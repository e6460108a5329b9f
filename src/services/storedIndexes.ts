import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LayerIndex } from '../core/layers/layerIndex';
import { decodeLayerIndex, encodeLayerIndex } from '../core/layers/layerIndexFile';

export interface StoredIndexesSettings {
	/** Made when first written to. */
	readonly folder: string;
	/** Bytes on disk, asked each time; what was used least recently goes first. */
	readonly mostBytes: () => number;
	/** Told of what could not be written or removed; the store works without it. */
	readonly log: (message: string) => void;
}

/**
 * Layer indexes on disk by diffID, and small documents beside them by any key. Several windows may use one folder:
 * files are written whole or not at all and carry their own digest, so the worst that can happen is reading anew.
 */
export class StoredIndexes {
	/** Indexes that somebody holds, so that a layer is in memory once. */
	private readonly held = new Map<string, WeakRef<LayerIndex>>();
	private readonly reading = new Map<string, Promise<LayerIndex | undefined>>();

	constructor(private readonly settings: StoredIndexesSettings) {}

	async get(diffId: string): Promise<LayerIndex | undefined> {
		const held = this.held.get(diffId)?.deref();
		if (held !== undefined) {
			return held;
		}
		const reading = this.reading.get(diffId) ?? this.readIndex(diffId).finally(() => { this.reading.delete(diffId); });
		this.reading.set(diffId, reading);
		return reading;
	}

	private async readIndex(diffId: string): Promise<LayerIndex | undefined> {
		const path = this.layerPath(diffId);
		const bytes = await this.read(path);
		const index = bytes === undefined ? undefined : decodeLayerIndex(bytes);
		if (index?.diffId !== diffId) {
			if (bytes !== undefined) {
				this.settings.log(`${path} is not a layer index of this version`);
				await this.remove(path);
			}
			return undefined;
		}
		this.held.set(diffId, new WeakRef(index));
		return index;
	}

	/** Keeps an index that was verified; another would speak for a layer that it may not be. */
	async put(index: LayerIndex): Promise<void> {
		if (index.verified) {
			this.held.set(index.diffId, new WeakRef(index));
			await this.write(this.layerPath(index.diffId), encodeLayerIndex(index));
		}
	}

	/** A document kept with `putDocument`; undefined for anything that is none. */
	async document(key: string): Promise<unknown> {
		const bytes = await this.read(this.documentPath(key));
		try {
			return bytes === undefined ? undefined : JSON.parse(bytes.toString('utf8'));
		} catch {
			return undefined;
		}
	}

	async putDocument(key: string, document: unknown): Promise<void> {
		await this.write(this.documentPath(key), Buffer.from(JSON.stringify(document)));
	}

	/** Removes what was used least recently until the rest fits, and what broken writers left. */
	async trim(): Promise<void> {
		const { folder } = this.settings;
		const mostBytes = this.settings.mostBytes();
		const files = await Promise.all((await readdir(folder).catch(() => [])).map(async name => {
			const path = join(folder, name);
			// Another window may have removed it since.
			const found = await stat(path).catch(() => undefined);
			return found === undefined ? [] : [{ path, bytes: found.size, usedAt: found.mtimeMs }];
		}));
		const newestFirst = files.flat().sort((left, right) => right.usedAt - left.usedAt);
		let bytes = 0;
		for (const file of newestFirst) {
			const isLeftOver = file.path.endsWith('.tmp') && file.usedAt < Date.now() - leftOverMs;
			bytes += file.bytes;
			if (isLeftOver || bytes > mostBytes) {
				await this.remove(file.path);
			}
		}
	}

	private async read(path: string): Promise<Buffer | undefined> {
		const bytes = await readFile(path).catch(() => undefined);
		if (bytes !== undefined) {
			const now = new Date();
			// Used just now. A folder that cannot be written to serves all the same.
			await utimes(path, now, now).catch(() => undefined);
		}
		return bytes;
	}

	private async write(path: string, bytes: Buffer): Promise<void> {
		const beside = `${path}.${randomBytes(6).toString('hex')}.tmp`;
		try {
			await mkdir(this.settings.folder, { recursive: true });
			await writeFile(beside, bytes, { mode: 0o600 });
			await rename(beside, path);
		} catch (error) {
			this.settings.log(`${path} cannot be written: ${String(error)}`);
			await this.remove(beside);
		}
	}

	private async remove(path: string): Promise<void> {
		await rm(path, { force: true }).catch((error: unknown) => { this.settings.log(`${path} cannot be removed: ${String(error)}`); });
	}

	private layerPath(diffId: string): string {
		return join(this.settings.folder, `${diffId.replace(/[^0-9a-z]/g, '-')}.layer`);
	}

	private documentPath(key: string): string {
		return join(this.settings.folder, `${createHash('sha256').update(key).digest('hex')}.json`);
	}
}

const leftOverMs = 3_600_000;
