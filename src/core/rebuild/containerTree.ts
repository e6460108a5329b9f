import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { LayerStack } from '../layers/layeredImage';
import { LayerIndexBuilder } from '../layers/layerIndexBuilder';
import { defaultLimits, type ArchiveLimits } from '../layers/limits';
import { TarParser } from '../layers/tarParser';

export interface ReadTreeOptions {
	readonly limits?: ArchiveLimits;
	readonly signal?: AbortSignal | undefined;
	/** Bytes of the stream read so far. */
	readonly onProgress?: ((bytes: number) => void) | undefined;
}

/**
 * A container's whole file system, out of what the engine exports (`GET /containers/{id}/export`), as a stack of one
 * layer: so that it is compared as images are. What is mounted is not in it. Throws `ArchiveError`, or the signal's reason.
 */
export async function readContainerTree(exported: Readable, { limits = defaultLimits, signal, onProgress }: ReadTreeOptions = {}): Promise<LayerStack> {
	const builder = new LayerIndexBuilder(limits);
	const parser = new TarParser(builder, limits);
	let bytes = 0;
	try {
		for await (const chunk of exported as AsyncIterable<Buffer>) {
			signal?.throwIfAborted();
			bytes += chunk.length;
			parser.write(chunk);
			onProgress?.(bytes);
		}
		parser.end({ marked: true });
	} finally {
		exported.destroy();
	}
	// Its name only has to differ from every layer's.
	return [builder.finish({ diffId: `container:${randomUUID()}`, verified: false, tarBytes: bytes })];
}

/** Paths that the engine puts into every container, or mounts over; they are of no image. */
const engineFiles = ['/.dockerenv', '/etc/hosts', '/etc/hostname', '/etc/resolv.conf', '/etc/mtab', '/run/.containerenv'];
const engineFolders = ['/dev', '/proc', '/sys'];

/** Whether a path is the engine's or under a mount: nothing that an image could or should hold. */
export function outsideImage(mounts: readonly string[]): (path: string) => boolean {
	const folders = [...engineFolders, ...mounts];
	return path => engineFiles.includes(path) || folders.some(folder => path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`));
}
