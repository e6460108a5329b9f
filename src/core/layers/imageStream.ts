import { ArchiveError, about, exceeded } from './archiveError';
import { BlobReader, isTarStart, type Blob } from './blobReader';
import type { ImageChoice } from '../image/imageSource';
import { readImage, type ArchiveFiles } from './imagePlan';
import { compressionOf } from './inflater';
import { inflated } from './inflated';
import type { LayeredImage } from './layeredImage';
import type { LayerIndex } from './layerIndex';
import { defaultLimits, type ArchiveLimits } from './limits';
import { OuterPaths } from './outerPaths';
import { blockBytes } from './tarHeader';
import { TarParser, type TarEntry, type TarHandler } from './tarParser';

export interface ReadImageOptions extends ImageChoice {
	readonly limits?: ArchiveLimits;
	readonly signal?: AbortSignal;
	/** Bytes of the source read so far. */
	readonly onProgress?: (bytes: number) => void;
	/** Indexes that are known already, by diffID: a layer stored under its diffID is not read again. */
	readonly known?: ReadonlyMap<string, LayerIndex>;
}

/**
 * Reads an image from an archive as it streams by, in one pass and without waiting for a manifest, which engines write
 * last: every file is told by its first bytes and layers are indexed as they come; the manifests join them at the end.
 * The archive itself may be compressed. Throws `ArchiveError`, or the signal's reason.
 */
export async function readImageStream(stream: AsyncIterable<Buffer>, options: ReadImageOptions = {}): Promise<LayeredImage> {
	return readImage(await archiveOfStream(stream, options), options, options.limits ?? defaultLimits);
}

/** All that an archive holds, read in one pass. */
export async function archiveOfStream(stream: AsyncIterable<Buffer>, options: ReadImageOptions = {}): Promise<ArchiveFiles> {
	const limits = options.limits ?? defaultLimits;
	const outer = new OuterReader(limits, options.known ?? new Map());
	const parser = new TarParser(outer, limits);
	for await (const chunk of uncompressedArchive(counted(stream, options), limits)) {
		parser.write(chunk);
		await outer.settle();
	}
	options.signal?.throwIfAborted();
	parser.end({ marked: true });
	await outer.settle();
	return outer.files();
}

/** The stream as it is, watched: throws the signal's reason between its pieces, and says how far it is. */
export async function* counted(stream: AsyncIterable<Buffer>, { signal, onProgress }: Pick<ReadImageOptions, 'signal' | 'onProgress'>): AsyncGenerator<Buffer> {
	let bytes = 0;
	for await (const chunk of stream) {
		signal?.throwIfAborted();
		bytes += chunk.length;
		onProgress?.(bytes);
		yield chunk;
	}
}

/** The archive's own tar; throws `notArchive` where the first bytes are neither a tar nor a compressed one. */
export async function* uncompressedArchive(stream: AsyncIterable<Buffer>, limits: ArchiveLimits): AsyncGenerator<Buffer> {
	const chunks = stream[Symbol.asyncIterator]();
	const start = await firstBytes(chunks);
	const compression = compressionOf(start);
	if (compression === undefined) {
		yield* checkedTar(start, chunks);
	} else {
		const tar = inflated(rejoined(start, chunks), compression, limits);
		yield* checkedTar(await firstBytes(tar), tar);
	}
}

async function* checkedTar(start: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
	if (!isTarStart(start)) {
		throw new ArchiveError('notArchive');
	}
	yield* rejoined(start, rest);
}

export async function firstBytes(chunks: AsyncIterator<Buffer>): Promise<Buffer> {
	const parts: Buffer[] = [];
	let length = 0;
	while (length < blockBytes) {
		const next = await chunks.next();
		if (next.done === true) {
			break;
		}
		// Whoever reads a stream may use a piece's memory again once the next one is asked for.
		parts.push(Buffer.from(next.value));
		length += next.value.length;
	}
	return Buffer.concat(parts);
}

export async function* rejoined(start: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
	try {
		yield start;
		for (let next = await rest.next(); next.done !== true; next = await rest.next()) {
			yield next.value;
		}
	} finally {
		await rest.return?.();
	}
}

/** The entries of the archive itself. */
class OuterReader implements TarHandler {
	private readonly paths: OuterPaths<() => Promise<Blob>>;
	private current: BlobReader | undefined;
	private readonly unsettled = new Set<BlobReader>();
	private readonly finishing: Promise<Blob>[] = [];
	private jsonBytes = 0;

	constructor(private readonly limits: ArchiveLimits, private readonly known: ReadonlyMap<string, LayerIndex>) {
		this.paths = new OuterPaths(limits);
	}

	entry(entry: TarEntry): void {
		this.current = undefined;
		const path = this.paths.add(entry);
		if (path === undefined) {
			return;
		}
		const known = this.known.get(diffIdOfBlobPath(path));
		if (known !== undefined && known.tarBytes === entry.bodyBytes) {
			const blob: Promise<Blob> = Promise.resolve({ kind: 'layer', index: known });
			this.paths.set(path, () => blob);
			return;
		}
		const reader = new BlobReader(this.limits, entry.bodyBytes, bytes => { this.takeJson(bytes); });
		this.current = reader;
	}

	body(bytes: Buffer): void {
		if (this.current !== undefined) {
			this.current.write(bytes);
			this.unsettled.add(this.current);
		}
	}

	entryEnd(): void {
		const reader = this.current;
		this.current = undefined;
		if (reader !== undefined) {
			const blob = reader.finish();
			this.paths.set(this.paths.last, () => blob);
			this.finishing.push(blob);
		}
	}

	/** Resolves when nothing of what was written is needed any more. */
	async settle(): Promise<void> {
		for (const reader of this.unsettled) {
			await reader.settle();
		}
		this.unsettled.clear();
		await Promise.all(this.finishing.splice(0));
	}

	files(): ArchiveFiles {
		return {
			resolve: path => Promise.resolve(this.paths.resolve(path)),
			json: async path => {
				const blob = await this.paths.get(path)?.();
				if (blob?.kind === 'failed') {
					throw about(path, blob.error);
				}
				return blob?.kind === 'json' ? blob.bytes : undefined;
			},
			layer: async path => {
				const blob = await this.paths.get(path)?.();
				switch (blob?.kind) {
					case 'layer': return blob.index;
					case 'failed': throw about(path, blob.error);
					case 'json': case 'other': throw new ArchiveError('badHeader', path, { found: 'no tar' });
					case undefined: throw new ArchiveError('missingBlob', path);
				}
			},
		};
	}

	private takeJson(bytes: number): void {
		this.jsonBytes += bytes;
		if (this.jsonBytes > this.limits.allJsonBytes) {
			throw exceeded(this.limits, 'allJsonBytes');
		}
	}
}

/** `blobs/sha256/<hex>` names a layer by its digest, which is the diffID where it is not compressed. */
function diffIdOfBlobPath(path: string): string {
	return path.replace(/^blobs\/sha256\//, 'sha256:');
}
