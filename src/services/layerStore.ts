import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Engine, ImageDetails } from '../core/engine/engine';
import { historyRows } from '../core/image/historyRows';
import type { ImageSource } from '../core/image/imageSource';
import { openArchive, openLayout, packingOf, type OpenArchiveOptions, type SeekableArchive } from '../core/layers/archiveFile';
import { readImage } from '../core/layers/imagePlan';
import { readImageStream } from '../core/layers/imageStream';
import type { ImageLayer, LayeredImage } from '../core/layers/layeredImage';
import type { LayerIndex } from '../core/layers/layerIndex';
import { defaultLimits, type ArchiveLimits } from '../core/layers/limits';
import { imageRecord, readImageRecord, type ImageRecord } from './imageRecord';
import { SharedLoads } from './sharedLoads';
import { StoredIndexes } from './storedIndexes';

export interface LayerStoreSettings {
	/** Where indexes are kept; made when first written to. */
	readonly folder: string;
	/** Bytes on disk, asked each time. Default 1 GiB. */
	readonly mostBytes?: () => number;
	readonly limits?: ArchiveLimits;
	readonly log: (message: string) => void;
}

export interface LoadOptions {
	readonly signal?: AbortSignal;
	/** Bytes of the source read so far. */
	readonly onProgress?: (bytes: number) => void;
}

/** Gives the engine when a source needs one; throws `EngineError` where there is none. */
export type AskEngine = () => Promise<Engine>;

/**
 * The layers of images, each read once in its life: indexes are kept on disk by diffID and shared by every image that
 * has the layer. An image all of whose layers are known costs its source no read of layers.
 */
export class LayerStore {
	private readonly stored: StoredIndexes;
	private readonly loads = new SharedLoads<LayeredImage, number>();
	private readonly limits: ArchiveLimits;

	constructor(settings: LayerStoreSettings) {
		this.stored = new StoredIndexes({ folder: settings.folder, mostBytes: settings.mostBytes ?? (() => 2 ** 30), log: settings.log });
		this.limits = settings.limits ?? defaultLimits;
	}

	/**
	 * The image with its layers. All who ask for the same source meanwhile share one reading; aborting ends it within a
	 * second once nobody waits for it. Throws `EngineError`, `ArchiveError`, the system's error, or the signal's reason.
	 */
	async load(source: ImageSource, engine: AskEngine, options: LoadOptions = {}): Promise<LayeredImage> {
		return this.loads.get(JSON.stringify(source), async (signal, onProgress) => {
			switch (source.kind) {
				case 'engine': return this.fromEngine(source, await engine(), { signal, onProgress });
				case 'archive': return this.fromArchive(source, { signal, onProgress });
				case 'layout': return this.fromLayout(source, { signal, onProgress });
			}
		}, options);
	}

	private async fromEngine(source: ImageSource & { readonly kind: 'engine' }, engine: Engine, options: LoadOptions): Promise<LayeredImage> {
		const details = await engine.image(source.reference, options.signal);
		const key = JSON.stringify([engine.endpoint.url, details.id, source.platform]);
		const [known, kept] = await Promise.all([this.knownIndexes(details.diffIds), this.keptImage(key)]);
		if (kept !== undefined) {
			return { ...kept, references: details.references };
		}
		if (source.platform === undefined && details.diffIds.every(diffId => known.has(diffId))) {
			return this.joined(details, known, engine, options.signal);
		}
		const stream = await engine.saveImage(source.reference, options.signal ?? new AbortController().signal);
		try {
			const image = await readImageStream(stream, { ...options, limits: this.limits, platform: source.platform, known: diffId => known.get(diffId) });
			await this.keep(key, image, known);
			return { ...image, references: details.references };
		} finally {
			stream.destroy();
		}
	}

	private async fromArchive(source: ImageSource & { readonly kind: 'archive' }, options: LoadOptions): Promise<LayeredImage> {
		const { path } = source;
		const { size, mtimeMs, ino } = await stat(path);
		const key = JSON.stringify([path, size, mtimeMs, ino, source.image, source.platform]);
		const kept = await this.keptImage(key);
		if (kept !== undefined) {
			return kept;
		}
		if (await packingOf(path) === 'plain') {
			return this.fromFiles(await openArchive(path, this.readOptions(options)), source, key);
		}
		const file = createReadStream(path, { signal: options.signal, highWaterMark: 256 << 10 });
		try {
			const image = await readImageStream(file, { ...options, limits: this.limits, image: source.image, platform: source.platform });
			await this.keep(key, image, new Map());
			return image;
		} finally {
			file.destroy();
		}
	}

	private fromLayout(source: ImageSource & { readonly kind: 'layout' }, options: LoadOptions): Promise<LayeredImage> {
		return this.fromFiles(openLayout(source.path, this.readOptions(options)), source, undefined);
	}

	private async fromFiles(files: SeekableArchive, source: ImageSource, key: string | undefined): Promise<LayeredImage> {
		try {
			const image = await readImage(files, source.kind === 'engine' ? {} : source, this.limits);
			await this.keep(key, image, new Map());
			return image;
		} finally {
			await files.close();
		}
	}

	private readOptions(options: LoadOptions): OpenArchiveOptions {
		return { ...options, limits: this.limits, known: diffId => this.stored.get(diffId) };
	}

	private async knownIndexes(diffIds: readonly string[]): Promise<Map<string, LayerIndex>> {
		const found = await Promise.all([...new Set(diffIds)].map(diffId => this.stored.get(diffId)));
		return new Map(found.flatMap(index => index === undefined ? [] : [[index.diffId, index]]));
	}

	/** An image that was read before, where every one of its layers is still kept. */
	private async keptImage(key: string): Promise<LayeredImage | undefined> {
		const record = readImageRecord(await this.stored.document(key));
		if (record === undefined) {
			return undefined;
		}
		const known = await this.knownIndexes(record.layers.map(({ diffId }) => diffId));
		const layers: ImageLayer[] = [];
		for (const { diffId, createdBy, createdAt, comment, path } of record.layers) {
			const index = known.get(diffId);
			if (index === undefined) {
				return undefined;
			}
			layers.push({ diffId, createdBy, createdAt, comment, path, index });
		}
		const { references, configDigest, os, architecture, variant } = record;
		const history = record.history.map(({ createdBy, createdAt, comment, empty }) => ({ createdBy, createdAt, comment, empty }));
		return { references, configDigest, os, architecture, variant, history, layers };
	}

	private async keep(key: string | undefined, image: LayeredImage, known: ReadonlyMap<string, LayerIndex>): Promise<void> {
		const indexes = new Map(image.layers.map(({ diffId, index }) => [diffId, index]));
		for (const index of indexes.values()) {
			if (known.get(index.diffId) !== index) {
				await this.stored.put(index);
			}
		}
		if (key !== undefined && image.layers.every(({ index }) => index.verified)) {
			await this.stored.putDocument(key, imageRecord(image) satisfies ImageRecord);
		}
		await this.stored.trim();
	}

	/** An image that was never read itself, but others with all its layers were. Its history tells what made them. */
	private async joined(details: ImageDetails, known: ReadonlyMap<string, LayerIndex>, engine: Engine, signal: AbortSignal | undefined): Promise<LayeredImage> {
		const rows = historyRows(await engine.history(details.id, signal), details.diffIds);
		return {
			references: details.references,
			configDigest: undefined,
			os: details.os, architecture: details.architecture, variant: details.variant,
			history: rows.map(({ createdBy, createdAt, comment, layer }) => ({ createdBy, createdAt, comment, empty: layer === undefined })),
			layers: details.diffIds.map((diffId, layer) => {
				const row = rows.find(candidate => candidate.layer === layer);
				return { diffId, createdBy: row?.createdBy, createdAt: row?.createdAt, comment: row?.comment, path: undefined, index: known.get(diffId)! };
			}),
		};
	}
}
