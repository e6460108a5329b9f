import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import type { Engine, ImageSummary, ImportRequest } from '../core/engine/engine';
import { EngineError, isEngineError, type EngineErrorReason } from '../core/engine/engineError';
import { FileError, toFileError } from '../core/fileError';
import { ArchiveError } from '../core/layers/archiveError';
import { readImageStream } from '../core/layers/imageStream';
import { compressionOf } from '../core/layers/inflater';
import { defaultLimits } from '../core/layers/limits';
import { openFile } from '../core/layers/randomAccess';
import { blockBytes, isHeaderBlock, isZeroBlock } from '../core/layers/tarHeader';
import { TarParser } from '../core/layers/tarParser';
import { walkTar } from '../core/layers/walkTar';
import { loadedImages } from '../core/loadedImages';
import { imageLayers } from './imageLayers';
import type { ImageAnswers } from './imageRows';
import { writeWholeTar } from './writeWholeTar';

/** Bytes moved so far, of how many where that is known. */
export type ToldBytes = (bytes: number, total: number | undefined) => void;

/** Images by reference or id, and what their archive will about hold. */
export interface ArchivePlan {
	readonly references: readonly string[];
	/** Bytes of all their layers, each counted once; undefined where one is not known. */
	readonly totalBytes: number | undefined;
	/** Bytes that several of them have in common, and that are in the archive once; 0 where that is not known. */
	readonly savedBytes: number;
}

/** What saving these images would write, from a store of this kind (`EngineInfo.imageStore`). Throws `EngineError`. */
export async function planArchive(answers: ImageAnswers, imageStore: string, images: readonly { readonly reference: string; readonly image: Pick<ImageSummary, 'id' | 'platforms'> }[]): Promise<ArchivePlan> {
	const ids = [...new Set(images.map(({ image }) => image.id))];
	const references = images.map(({ reference }) => reference);
	if (imageStore === 'containerd') {
		// It writes the compressed copies, which it tells of a whole image (as its size) and not of a layer.
		const [only, ...more] = ids;
		return { references, totalBytes: only === undefined || more.length > 0 ? undefined : contentBytes(images[0]!.image.platforms) ?? (await answers.details(only)).sizeBytes, savedBytes: 0 };
	}
	const layers = (await Promise.all(ids.map(id => imageLayers(answers, id)))).flatMap(one => one.layers);
	const once = [...new Map(layers.map(layer => [layer.chainId, layer])).values()];
	const sum = (some: typeof layers): number => some.reduce((total, { bytes = 0 }) => total + bytes, 0);
	return {
		references,
		totalBytes: once.some(({ bytes }) => bytes === undefined) ? undefined : sum(once),
		savedBytes: sum(layers) - sum(once),
	};
}

/** Of what is here, where there are several: an archive holds them all. */
function contentBytes(platforms: ImageSummary['platforms']): number | undefined {
	return platforms.length < 2 ? undefined : platforms.filter(({ isPresent }) => isPresent).reduce((sum, platform) => sum + platform.contentBytes, 0);
}

/** Saves images into one archive; its bytes. The file is there only when it is whole. Throws as `writeWholeTar`. */
export async function saveArchive(engine: Engine, { references, totalBytes }: ArchivePlan, path: string, told: ToldBytes, signal: AbortSignal): Promise<number> {
	const archive = await engine.saveImages(references, signal);
	return writeWholeTar(path, archive, bytes => { told(bytes, totalBytes); }, signal);
}

/** As `saveArchive`, for the file system of a container. */
export async function saveFileSystem(engine: Engine, containerId: string, path: string, told: ToldBytes, signal: AbortSignal): Promise<number> {
	const tar = await engine.exportContainer(containerId, signal);
	return writeWholeTar(path, tar, bytes => { told(bytes, undefined); }, signal);
}

/** Loads an archive; the names and ids of what came in. Throws `EngineError`, `FileError` (`noTar`, `badArchive`), or the signal's reason. */
export async function loadArchive(engine: Engine, path: string, told: ToldBytes, signal: AbortSignal): Promise<readonly string[]> {
	const loaded: string[] = [];
	await reading(path, told, () => requireWhole(path, signal), async archive => {
		try {
			for await (const message of engine.loadImages(archive, signal)) {
				if (message.error !== undefined) {
					throw new EngineError('badRequest', message.error, path);
				}
				loaded.push(...loadedImages(message));
			}
		} catch (refused) {
			throw isEngineError(refused) && refusals.has(refused.reason) ? await whyRefused(path, refused, signal) : refused;
		}
	});
	return loaded;
}

/**
 * Of an archive that ends between two files engines take the layers that are there, and leave an image of them. Throws
 * `FileError`, of a cut one `badArchive`; what else is wrong with an archive engines find themselves.
 */
async function requireWhole(path: string, signal: AbortSignal): Promise<void> {
	const start = await requireTar(path);
	if (start.length < blockBytes || !isHeaderBlock(start)) {
		return;
	}
	const access = await openFile(path);
	let tellsImages = false;
	const parser = new TarParser({
		entry: ({ path: name }) => { tellsImages ||= /^(?:\.\/)?(?:manifest|index)\.json$/.test(String(name)); },
		entryEnd: () => undefined,
	}, defaultLimits);
	try {
		await walkTar(access, { offset: 0, size: access.size }, parser, signal);
		parser.end({ marked: !tellsImages });
	} catch (cause) {
		signal.throwIfAborted();
		if (cause instanceof ArchiveError && cause.kind === 'truncated') {
			throw new FileError('badArchive', path, cause.message, { cause });
		}
		if (!(cause instanceof ArchiveError)) {
			throw toFileError(cause, path) as Error;
		}
	} finally {
		await access.close();
	}
}

const refusals: ReadonlySet<EngineErrorReason> = new Set<EngineErrorReason>(['badRequest', 'failed']);

/** Engines say of a broken archive what they stumbled over. What Strata finds wrong with it says more; if that is nothing, theirs stands. */
async function whyRefused(path: string, refused: EngineError, signal: AbortSignal): Promise<unknown> {
	if (isForeign(await firstBlock(path))) {
		return refused;
	}
	const file = createReadStream(path, { highWaterMark: 1 << 20 });
	try {
		await readImageStream(file, { signal });
		return refused;
	} catch (cause) {
		signal.throwIfAborted();
		return cause instanceof ArchiveError && cause.kind !== 'bound' ? new FileError('badArchive', path, refused.message, { cause }) : refused;
	} finally {
		file.destroy();
	}
}

/** Makes an image of a tar; its id. Throws as `loadArchive`. */
export async function importFileSystem(engine: Engine, request: ImportRequest, path: string, told: ToldBytes, signal: AbortSignal): Promise<string> {
	return reading(path, told, () => requireTar(path), tar => engine.importImage(request, tar, signal));
}

/** By its first block; engines uncompress these (moby go-archive/compression). What is none they call cut off, or make an image of it. */
async function requireTar(path: string): Promise<Buffer> {
	const start = await firstBlock(path);
	const isTar = compressionOf(start) !== undefined || isForeign(start) || (start.length === blockBytes && (isHeaderBlock(start) || isZeroBlock(start)));
	if (!isTar) {
		throw new FileError('noTar', path, 'neither a tar header nor compressed');
	}
	return start;
}

/** Compressed in a way that engines can read and Strata cannot: bzip2, xz. */
function isForeign(start: Buffer): boolean {
	return [Buffer.from('BZh'), Buffer.from('fd377a585a00', 'hex')].some(magic => start.subarray(0, magic.length).equals(magic));
}

async function firstBlock(path: string): Promise<Buffer> {
	const file = await open(path).catch((cause: unknown) => { throw toFileError(cause, path) as Error; });
	try {
		const { buffer, bytesRead } = await file.read(Buffer.alloc(blockBytes));
		return buffer.subarray(0, bytesRead);
	} catch (cause) {
		throw toFileError(cause, path) as Error;
	} finally {
		await file.close();
	}
}

/** `check` comes before the file is opened: what fails while nobody listens to it would end the program. */
async function reading<T>(path: string, told: ToldBytes, check: () => Promise<unknown>, use: (file: ReturnType<typeof createReadStream>) => Promise<T>): Promise<T> {
	const found = await stat(path).catch((cause: unknown) => { throw toFileError(cause, path) as Error; });
	if (!found.isFile()) {
		throw new FileError('failed', path, 'not a file');
	}
	await check();
	const file = createReadStream(path, { highWaterMark: 1 << 20 });
	let bytes = 0;
	file.on('data', chunk => { told(bytes += chunk.length, found.size); });
	// It flows only once the engine takes it.
	file.pause();
	try {
		return await use(file);
	} catch (cause) {
		throw toFileError(cause, path) as Error;
	} finally {
		file.destroy();
	}
}
