import { createReadStream } from 'node:fs';
import type { ImageSource } from '../core/image/imageSource';
import { ArchiveError } from '../core/layers/archiveError';
import { openArchive, openLayout, packingOf, type SeekableArchive } from '../core/layers/archiveFile';
import { contentBytes, fileContent } from '../core/layers/content';
import { readImageStream } from '../core/layers/imageStream';
import { layerInStream } from '../core/layers/layerInStream';
import { stackOf, type LayeredImage } from '../core/layers/layeredImage';
import type { LayerIndex } from '../core/layers/layerIndex';
import { defaultLimits, type ArchiveLimits } from '../core/layers/limits';
import { contentOf, type TreeNode } from '../core/layers/tree';
import type { AskEngine } from './layerStore';

export interface ReadOptions {
	readonly signal?: AbortSignal;
	readonly limits?: ArchiveLimits;
}

/** A content: the layer that holds it, lowest 0, and its number there. */
export interface ContentPlace {
	readonly layer: number;
	readonly content: number;
}

/** An image and where it was read from. */
export interface LoadedImage {
	readonly source: ImageSource;
	readonly image: LayeredImage;
}

/**
 * The bytes of a file in the merged view of an image, hard links followed. From an archive on disk by seeking where it
 * is not compressed; from an engine the image streams by until the file has passed. Throws `ArchiveError` (`notFile` for
 * what is no regular file), `EngineError`, or the signal's reason.
 */
export function openFile(loaded: LoadedImage, node: TreeNode, engine: AskEngine, options: ReadOptions = {}): AsyncGenerator<Buffer> {
	const place = contentOf(stackOf(loaded.image), node);
	if (place === undefined) {
		throw new ArchiveError('notFile', node.path, { found: node.kind });
	}
	return openContent(loaded, place, engine, options);
}

/** The whole file in memory. Throws `bound` (`contentBytes`) before reading one that is larger. */
export async function readFile(loaded: LoadedImage, node: TreeNode, engine: AskEngine, options: ReadOptions = {}): Promise<Buffer> {
	const limits = options.limits ?? defaultLimits;
	if (node.size > limits.contentBytes) {
		throw new ArchiveError('bound', node.path, { bound: 'contentBytes', limit: limits.contentBytes });
	}
	return contentBytes(openFile(loaded, node, engine, options), limits);
}

export async function* openContent({ source, image }: LoadedImage, { layer, content }: ContentPlace, engine: AskEngine, options: ReadOptions = {}): AsyncGenerator<Buffer> {
	const { index, path } = image.layers[layer]!;
	const limits = options.limits ?? defaultLimits;
	if (index.contentSize[content] === 0) {
		return;
	}
	const from = index.contentOffset[content]!;
	if (source.kind === 'layout') {
		yield* fromFiles(openLayout(source.path, options), path, from, limits);
	} else if (source.kind === 'archive' && await packingOf(source.path) === 'plain') {
		yield* fromFiles(await openArchive(source.path, options), path, from, limits);
	} else {
		const open = async (): Promise<AsyncIterable<Buffer> & { destroy(): void }> => source.kind === 'archive'
			? createReadStream(source.path, { signal: options.signal, highWaterMark: 256 << 10 })
			: (await engine()).saveImage(source.reference, options.signal ?? new AbortController().signal);
		const at = path ?? await pathOfLayer(await open(), source, index, options);
		const stream = await open();
		try {
			yield* fileContent(layerInStream(stream, at, from, limits), limits);
		} finally {
			stream.destroy();
		}
	}
}

async function* fromFiles(files: SeekableArchive, path: string | undefined, from: number, limits: ArchiveLimits): AsyncGenerator<Buffer> {
	try {
		yield* fileContent(files.layerTar(path ?? '', from), limits);
	} finally {
		await files.close();
	}
}

/** An image that was put together from known layers has not seen its archive: which entry is which it tells at its end. */
async function pathOfLayer(stream: AsyncIterable<Buffer> & { destroy(): void }, source: ImageSource, index: LayerIndex, options: ReadOptions): Promise<string> {
	try {
		const { layers } = await readImageStream(stream, { ...options, platform: source.platform, known: diffId => diffId === index.diffId ? index : undefined });
		const path = layers.find(({ diffId }) => diffId === index.diffId)?.path;
		if (path === undefined) {
			throw new ArchiveError('missingBlob', index.diffId);
		}
		return path;
	} finally {
		stream.destroy();
	}
}
