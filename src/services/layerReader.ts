import { createReadStream } from 'node:fs';
import type { Engine } from '../core/engine/engine';
import type { ImageSource } from '../core/image/imageSource';
import { formatPlatform } from '../core/image/manifest';
import { ArchiveError } from '../core/layers/archiveError';
import { openArchive, openLayout, packingOf, type SeekableArchive } from '../core/layers/archiveFile';
import { fileContent } from '../core/layers/content';
import { readImageStream } from '../core/layers/imageStream';
import type { LayeredImage } from '../core/layers/layeredImage';
import { layerInStream } from '../core/layers/layerInStream';
import { defaultLimits } from '../core/layers/limits';
import type { LayerReader } from './exploredImages';
import type { LayerStore } from './layerStore';

/** Layers from the store, file contents from where the image is. `verified`: as `LoadOptions` has it. */
export function createLayerReader(store: LayerStore, engine: () => Promise<Engine>, { verified = false } = {}): LayerReader {
	return {
		image: (source, options) => store.load(source, engine, { ...options, verified }),
		content: async function* (source, image, { layer, content }, signal) {
			const from = image.layers[layer]?.index.contentOffset[content];
			if (from === undefined) {
				throw new ArchiveError('notFound');
			}
			yield* fileContent(layerTar(source, image, layer, from, engine, signal), defaultLimits);
		},
	};
}

async function* layerTar(source: ImageSource, image: LayeredImage, layer: number, from: number, engine: () => Promise<Engine>, signal: AbortSignal): AsyncGenerator<Buffer> {
	if (source.kind === 'engine') {
		yield* fromEngine(source.reference, image, layer, from, await engine(), signal);
		return;
	}
	const path = image.layers[layer]?.path;
	if (path === undefined) {
		throw new ArchiveError('missingBlob');
	}
	if (source.kind === 'layout') {
		yield* fromFiles(openLayout(source.path), path, from);
	} else if (await packingOf(source.path) === 'plain') {
		yield* fromFiles(await openArchive(source.path, { signal }), path, from);
	} else {
		const file = createReadStream(source.path, { signal, highWaterMark: 256 << 10 });
		try {
			yield* layerInStream(file, path, from, defaultLimits);
		} finally {
			file.destroy();
		}
	}
}

async function* fromFiles(files: SeekableArchive, path: string, from: number): AsyncGenerator<Buffer> {
	try {
		yield* files.layerTar(path, from);
	} finally {
		await files.close();
	}
}

/** An engine gives an image only whole; reading ends with the file. */
async function* fromEngine(reference: string, image: LayeredImage, layer: number, from: number, engine: Engine, signal: AbortSignal): AsyncGenerator<Buffer> {
	const path = image.layers[layer]?.path ?? await pathInArchive(reference, image, layer, engine, signal);
	const stream = await engine.saveImage(reference, signal, platformOf(image));
	try {
		yield* layerInStream(stream, path, from, defaultLimits);
	} finally {
		stream.destroy();
	}
}

/** Where the layer is in the engine's archive, for an image that was never read itself. */
async function pathInArchive(reference: string, image: LayeredImage, layer: number, engine: Engine, signal: AbortSignal): Promise<string> {
	const known = new Map(image.layers.map(({ diffId, index }) => [diffId, index]));
	const platform = platformOf(image);
	const stream = await engine.saveImage(reference, signal, platform);
	try {
		const path = (await readImageStream(stream, { signal, known, platform })).layers[layer]?.path;
		if (path === undefined) {
			throw new ArchiveError('missingBlob');
		}
		return path;
	} finally {
		stream.destroy();
	}
}

/** An image for several is read for the one whose layers are known. */
function platformOf(image: LayeredImage): string | undefined {
	return formatPlatform(image) || undefined;
}
