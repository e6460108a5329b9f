import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import type { Engine, ImageDetails } from '../core/engine/engine';
import { historyRows } from '../core/image/historyRows';
import type { ImageChoice, ImageSource } from '../core/image/imageSource';
import { formatPlatform } from '../core/image/manifest';
import { openArchive, openLayout, packingOf, type OpenArchiveOptions, type SeekableArchive } from '../core/layers/archiveFile';
import { readImage } from '../core/layers/imagePlan';
import { readImageStream } from '../core/layers/imageStream';
import type { LayeredImage } from '../core/layers/layeredImage';
import type { LayerIndex } from '../core/layers/layerIndex';
import { defaultLimits, type ArchiveLimits } from '../core/layers/limits';
import { statFile } from '../core/layers/randomAccess';
import { imageOfRecord, imageRecord, readImageRecord, type ImageRecord } from './imageRecord';
import type { ReadStream } from './layerThread';
import { SharedLoads } from './sharedLoads';
import { StoredIndexes } from './storedIndexes';

export interface LayerStoreSettings {
	/** Where indexes are kept; made when first written to. */
	readonly folder: string;
	/** Bytes on disk, asked each time. Default 1 GiB. */
	readonly mostBytes?: () => number;
	readonly limits?: ArchiveLimits;
	/** Reads archives front to back; default in the asker's own thread. */
	readonly readStream?: ReadStream;
	readonly log: (message: string) => void;
}

export interface LoadOptions {
	readonly signal?: AbortSignal;
	/**
	 * Archives and layout folders are read to their end, so that every layer is proved to be what the image says; else
	 * only the headers are read of large layers that are not compressed.
	 */
	readonly verified?: boolean;
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
	private readonly readStream: ReadStream;

	constructor(settings: LayerStoreSettings) {
		this.stored = new StoredIndexes({ folder: settings.folder, mostBytes: settings.mostBytes ?? (() => 2 ** 30), log: settings.log });
		this.limits = settings.limits ?? defaultLimits;
		this.readStream = settings.readStream ?? (async (ask, options) => readImageStream(await ask(), options));
	}

	/**
	 * The image with its layers. All who ask for the same source meanwhile share one reading; aborting ends it within a
	 * second once nobody waits for it. Throws `EngineError`, `ArchiveError`, the system's error, or the signal's reason.
	 */
	async load(source: ImageSource, engine: AskEngine, options: LoadOptions = {}): Promise<LayeredImage> {
		const { verified = false } = options;
		return this.loads.get(JSON.stringify([source, verified]), async (signal, onProgress) => {
			switch (source.kind) {
				case 'engine': return this.fromEngine(source, await engine(), { signal, onProgress });
				case 'archive': return this.fromArchive(source, { signal, onProgress, verified });
				case 'layout': return this.fromLayout(source, { signal, onProgress, verified });
			}
		}, options);
	}

	private async fromEngine(source: ImageSource & { readonly kind: 'engine' }, engine: Engine, options: LoadOptions): Promise<LayeredImage> {
		const details = await engine.image(source.reference, options.signal, source.platform);
		const isAsked = isFor(details, source.platform);
		// The config's own words, by which it is picked out of the archive.
		const platform = isAsked ? formatPlatform(details) || undefined : source.platform;
		const key = JSON.stringify([engine.endpoint.url, details.id, source.platform]);
		const [known, kept] = await Promise.all([this.knownIndexes(details.diffIds), this.keptImage(key)]);
		if (kept !== undefined) {
			return { ...kept, references: details.references };
		}
		if (isAsked && details.diffIds.every(diffId => known.has(diffId))) {
			return this.joined(source, details, known, engine, options.signal);
		}
		let stream: Promise<Readable> | undefined;
		const ask = (): Promise<Readable> => stream = engine.saveImage(source.reference, options.signal ?? new AbortController().signal, platform);
		try {
			const image = await this.readStream(ask, { ...options, limits: this.limits, platform, known, request: engine.saveRequest(source.reference, platform) });
			await this.keep(key, image, known);
			return { ...image, references: details.references };
		} finally {
			stream?.then(given => { given.destroy(); }, () => undefined);
		}
	}

	private async fromArchive(source: ImageSource & { readonly kind: 'archive' }, options: LoadOptions): Promise<LayeredImage> {
		const key = await archiveKey(source);
		const kept = await this.keptImage(key);
		if (kept !== undefined) {
			return kept;
		}
		return await packingOf(source.path) === 'plain' && options.verified !== true
			? this.fromFiles(source, key, given => openArchive(source.path, given), options)
			: this.fromWholeArchive(source, key, options);
	}

	/**
	 * As `load` with `verified`, behind what a person does: what `load` found by seeking is proved to be what the image
	 * says, and kept. An archive that was read so before is not read again. Lets everything else go first.
	 */
	async verify(source: ImageSource & { readonly kind: 'archive' | 'layout' }, options: Omit<LoadOptions, 'verified'> = {}): Promise<LayeredImage> {
		if (source.kind === 'layout') {
			return this.fromLayout(source, { ...options, verified: true });
		}
		const key = await archiveKey(source);
		return await this.keptImage(key) ?? this.fromWholeArchive(source, key, options, leisurely);
	}

	private async fromWholeArchive({ path, image: named, platform }: ImageSource & { readonly kind: 'archive' }, key: string, options: LoadOptions, paced = (file: AsyncIterable<Buffer>): AsyncIterable<Buffer> => file): Promise<LayeredImage> {
		const file = createReadStream(path, { signal: options.signal, highWaterMark: 256 << 10 });
		try {
			const image = await this.readStream(() => paced(file), { ...options, limits: this.limits, image: named, platform });
			await this.keep(key, image, new Map());
			return image;
		} finally {
			file.destroy();
		}
	}

	private fromLayout(source: ImageSource & { readonly kind: 'layout' }, options: LoadOptions): Promise<LayeredImage> {
		return this.fromFiles(source, undefined, given => Promise.resolve(openLayout(source.path, given)), options);
	}

	private async fromFiles(choice: ImageChoice, key: string | undefined, open: (options: OpenArchiveOptions) => Promise<SeekableArchive>, options: LoadOptions): Promise<LayeredImage> {
		let tookKnown = false;
		const known = async (diffId: string): Promise<LayerIndex | undefined> => {
			const index = await this.stored.get(diffId);
			tookKnown ||= index !== undefined;
			return index;
		};
		const files = await open({ ...options, limits: this.limits, known, ...options.verified === true && { verifyBytes: Infinity } });
		try {
			const image = await readImage(files, choice, this.limits);
			// Kept is what was read here from its first byte to its last.
			const isProved = !tookKnown && image.layers.every(({ index }) => index.verified);
			await this.keep(isProved ? key : undefined, image, new Map());
			return image;
		} finally {
			await files.close();
		}
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
		return imageOfRecord(record, await this.knownIndexes(record.layers.map(({ diffId }) => diffId)));
	}

	private async keep(key: string | undefined, image: LayeredImage, known: ReadonlyMap<string, LayerIndex>): Promise<void> {
		const indexes = new Map(image.layers.map(({ diffId, index }) => [diffId, index]));
		for (const index of indexes.values()) {
			if (known.get(index.diffId) !== index) {
				await this.stored.put(index);
			}
		}
		if (key !== undefined) {
			await this.stored.putDocument(key, imageRecord(image) satisfies ImageRecord);
		}
		await this.stored.trim();
	}

	/** An image that was never read itself, but others with all its layers were. Its history tells what made them. */
	private async joined({ reference, platform }: ImageSource & { readonly kind: 'engine' }, details: ImageDetails, known: ReadonlyMap<string, LayerIndex>, engine: Engine, signal: AbortSignal | undefined): Promise<LayeredImage> {
		const rows = historyRows(await engine.history(platform === undefined ? details.id : reference, signal, platform), details.diffIds);
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

/** Engines that know no platforms tell of their own whatever they are asked for. A variant need not stand in the config. */
function isFor({ os, architecture, variant }: ImageDetails, asked: string | undefined): boolean {
	const [askedOs, askedArchitecture, askedVariant] = asked?.split('/') ?? [];
	return asked === undefined || (os === askedOs && architecture === askedArchitecture && (variant ?? askedVariant) === (askedVariant ?? variant));
}

/** A pause after each piece, in which the disk and this thread are there for others. */
async function* leisurely(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
	for await (const piece of stream) {
		yield piece;
		await setTimeout(1);
	}
}

/** Another file, or the same one changed, has another. */
async function archiveKey({ path, image, platform }: ImageSource & { readonly kind: 'archive' }): Promise<string> {
	const { size, mtimeMs, ino } = await statFile(path);
	return JSON.stringify([path, size, mtimeMs, ino, image, platform]);
}
