import { join } from 'node:path';
import type { ImageChoice } from '../image/imageSource';
import { ArchiveError, about, exceeded } from './archiveError';
import { isTarStart } from './blobReader';
import type { ArchiveFiles } from './imagePlan';
import { inflated } from './inflated';
import { compressionOf, type Compression } from './inflater';
import type { LayerIndex } from './layerIndex';
import { LayerIndexBuilder } from './layerIndexBuilder';
import { LayerScanner } from './layerScanner';
import { defaultLimits, type ArchiveLimits } from './limits';
import { OuterPaths } from './outerPaths';
import { pathNames } from './pathNames';
import { bytesOf, openFile, type RandomAccess } from './randomAccess';
import { blockBytes } from './tarHeader';
import { TarParser } from './tarParser';
import { walkTar } from './walkTar';

export interface OpenArchiveOptions {
	readonly limits?: ArchiveLimits;
	readonly signal?: AbortSignal;
	/** Bytes of layers read so far, uncompressed. */
	readonly onProgress?: (bytes: number) => void;
	/** An index that is known already: taken for layers over `verifyBytes`, which are not read then. */
	readonly known?: (diffId: string) => Promise<LayerIndex | undefined>;
	/**
	 * Layers up to this size are read whole and verified. Of larger ones that are not compressed only the headers are
	 * read, which their index says (`verified`).
	 */
	readonly verifyBytes?: number;
}

export interface ReadArchiveOptions extends OpenArchiveOptions, ImageChoice {}

/** Files that can be read by seeking. */
export interface SeekableArchive extends ArchiveFiles {
	/** The uncompressed tar of a layer from an offset on. */
	layerTar(path: string, from: number): AsyncGenerator<Buffer>;
	close(): Promise<void>;
}

interface Part {
	readonly access: RandomAccess;
	readonly offset: number;
	readonly size: number;
}

/** How an archive's first bytes say it is packed; `plain` archives can be read by seeking. */
export async function packingOf(path: string): Promise<Compression | 'plain'> {
	const access = await openFile(path);
	try {
		return await packing(access, path);
	} finally {
		await access.close();
	}
}

async function packing(access: RandomAccess, path: string): Promise<Compression | 'plain'> {
	const start = await access.read(0, Math.min(blockBytes, access.size));
	const compression = compressionOf(start);
	if (compression === undefined && !isTarStart(start)) {
		throw new ArchiveError('notArchive', path);
	}
	return compression ?? 'plain';
}

/** An uncompressed archive on disk. Reads its table of contents: one header for each entry. Throws `notArchive` for others. */
export async function openArchive(path: string, options: OpenArchiveOptions = {}): Promise<SeekableArchive> {
	const limits = options.limits ?? defaultLimits;
	const access = await openFile(path);
	try {
		if (await packing(access, path) !== 'plain') {
			throw new ArchiveError('notArchive', path);
		}
		const parts = new OuterPaths<Part>(limits);
		const parser = new TarParser({
			entry: entry => {
				const file = parts.add(entry);
				if (file !== undefined) {
					parts.set(file, { access, offset: parser.offset, size: entry.bodyBytes });
				}
			},
			entryEnd: () => undefined,
		}, limits);
		await walkTar(access, { offset: 0, size: access.size }, parser, options.signal);
		parser.end({ marked: true });
		return archiveOver(path => Promise.resolve(parts.get(path)), () => access.close(), options);
	} catch (error) {
		await access.close();
		throw error;
	}
}

/** A folder in the form of an OCI image layout, or an unpacked archive. */
export function openLayout(folder: string, options: OpenArchiveOptions = {}): SeekableArchive {
	const opened = new Map<string, Promise<RandomAccess | undefined>>();
	const partAt = async (path: string): Promise<Part | undefined> => {
		const file = join(folder, ...pathNames(Buffer.from(path)).map(String));
		const opening = opened.get(file) ?? openFile(file).catch((error: NodeJS.ErrnoException) => {
			if (error.code === 'ENOENT' || error.code === 'ENOTDIR') {
				return undefined;
			}
			throw error;
		});
		opened.set(file, opening);
		const access = await opening;
		return access === undefined ? undefined : { access, offset: 0, size: access.size };
	};
	const close = async (): Promise<void> => {
		for (const access of await Promise.allSettled(opened.values())) {
			await (access.status === 'fulfilled' ? access.value?.close() : undefined);
		}
	};
	return archiveOver(partAt, close, options);
}

function archiveOver(partAt: (path: string) => Promise<Part | undefined>, close: () => Promise<void>, options: OpenArchiveOptions): SeekableArchive {
	const limits = options.limits ?? defaultLimits;
	let jsonBytes = 0;
	let layerBytes = 0;
	const layerAt = async (path: string): Promise<Part> => {
		const part = await partAt(path);
		if (part === undefined) {
			throw new ArchiveError('missingBlob', path);
		}
		return part;
	};
	return {
		close,
		resolve: path => Promise.resolve(path),
		json: async path => {
			const part = await partAt(path);
			if (part === undefined) {
				return undefined;
			}
			jsonBytes += part.size;
			if (part.size > limits.jsonBytes || jsonBytes > limits.allJsonBytes) {
				throw exceeded(limits, part.size > limits.jsonBytes ? 'jsonBytes' : 'allJsonBytes', path);
			}
			return part.access.read(part.offset, part.size);
		},
		layer: async (path, diffId) => {
			const part = await layerAt(path);
			const known = part.size > (options.verifyBytes ?? defaultVerifyBytes) ? await options.known?.(diffId) : undefined;
			if (known !== undefined) {
				return known;
			}
			try {
				const before = layerBytes;
				const index = await indexOf(part, path, diffId, limits, { ...options, onProgress: bytes => options.onProgress?.(before + bytes) });
				layerBytes += index.tarBytes;
				return index;
			} catch (error) {
				throw about(path, error);
			}
		},
		layerTar: async function* (path, from) {
			const part = await layerAt(path);
			const compression = compressionOf(await part.access.read(part.offset, Math.min(blockBytes, part.size)));
			if (compression === undefined) {
				yield* bytesOf(part.access, { offset: part.offset + from, size: Math.max(0, part.size - from) }, options.signal);
			} else {
				yield* after(inflated(bytesOf(part.access, part, options.signal), compression, limits), from);
			}
		},
	};
}

/** A stream without its first bytes. */
export async function* after(stream: AsyncIterable<Buffer>, bytes: number): AsyncGenerator<Buffer> {
	let left = bytes;
	for await (const chunk of stream) {
		if (left < chunk.length) {
			yield left === 0 ? chunk : chunk.subarray(left);
		}
		left = Math.max(0, left - chunk.length);
	}
}

async function indexOf(part: Part, path: string, diffId: string, limits: ArchiveLimits, { signal, verifyBytes = defaultVerifyBytes, onProgress }: OpenArchiveOptions): Promise<LayerIndex> {
	const start = await part.access.read(part.offset, Math.min(blockBytes, part.size));
	const compression = compressionOf(start);
	if (compression === undefined && part.size > 0 && !isTarStart(start)) {
		throw new ArchiveError('badHeader', path, { found: 'no tar' });
	}
	if (compression === undefined && part.size > verifyBytes) {
		return walkedIndex(part, path, diffId, limits, signal);
	}
	const bytes = bytesOf(part.access, part, signal);
	const scanner = new LayerScanner(limits);
	let read = 0;
	for await (const chunk of compression === undefined ? bytes : inflated(bytes, compression, limits)) {
		signal?.throwIfAborted();
		scanner.write(chunk);
		read += chunk.length;
		onProgress?.(read);
	}
	return scanner.finish();
}

async function walkedIndex(part: Part, path: string, diffId: string, limits: ArchiveLimits, signal: AbortSignal | undefined): Promise<LayerIndex> {
	// A blob that is not compressed is named by its diffID: a wrong one shows without reading the layer.
	const named = /(?:^|\/)blobs\/sha256\/([0-9a-f]{64})$/.exec(path)?.[1];
	if (named !== undefined && `sha256:${named}` !== diffId) {
		throw new ArchiveError('digestMismatch', path, { found: `sha256:${named}` });
	}
	const builder = new LayerIndexBuilder(limits);
	const parser = new TarParser({ entry: entry => { builder.entry(entry); }, entryEnd: () => { builder.entryEnd(); } }, limits);
	await walkTar(part.access, part, parser, signal);
	parser.end({ marked: false });
	return builder.finish({ diffId, verified: false, tarBytes: part.size });
}

const defaultVerifyBytes = 16 << 20;
