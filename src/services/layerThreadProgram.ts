import { on } from 'node:events';
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import type { ImageChoice } from '../core/image/imageSource';
import { ArchiveError } from '../core/layers/archiveError';
import { readImageStream } from '../core/layers/imageStream';
import type { LayerIndex } from '../core/layers/layerIndex';
import { encodeLayerIndex } from '../core/layers/layerIndexFile';
import type { ArchiveLimits } from '../core/layers/limits';
import { imageRecord, type ImageRecord } from './imageRecord';

/** What the thread is to read. */
export interface ThreadData extends ImageChoice {
	readonly limits: ArchiveLimits;
	/** Layers whose indexes the asker has. */
	readonly known: readonly Pick<LayerIndex, 'diffId' | 'tarBytes'>[];
}

/** A piece of the stream: the first `bytes` of a block; none at the stream's end. The block goes back when it is read. */
export interface ToThread {
	readonly block: ArrayBuffer;
	readonly bytes: number;
}

/** `read`: the image, and the indexes of the layers that the asker has not, encoded. */
export type FromThread =
	| { readonly kind: 'ready' }
	| { readonly kind: 'taken'; readonly block: ArrayBuffer }
	| { readonly kind: 'read'; readonly record: ImageRecord; readonly indexes: readonly Uint8Array<ArrayBuffer>[] }
	| { readonly kind: 'refused'; readonly why: Pick<ArchiveError, 'kind' | 'subject' | 'bound' | 'limit' | 'found'> }
	| { readonly kind: 'failed'; readonly message: string };

async function* received(port: MessagePort): AsyncGenerator<Buffer> {
	for await (const [{ block, bytes }] of on(port, 'message') as AsyncIterable<readonly [ToThread]>) {
		if (bytes === 0) {
			return;
		}
		yield Buffer.from(block, 0, bytes);
		// Who asks for the next piece keeps nothing of this one.
		port.postMessage({ kind: 'taken', block } satisfies FromThread, [block]);
	}
}

/** Reads one image in a thread of its own. Started by `layerThread`, which see. */
async function readForAsker(port: MessagePort, { limits, image, platform, known }: ThreadData): Promise<void> {
	// Nothing of a known layer is looked at but its length.
	const stubs = new Map(known.map(({ diffId, tarBytes }) => [diffId, { diffId, tarBytes, verified: true } as LayerIndex]));
	try {
		const read = await readImageStream(received(port), { limits, image, platform, known: stubs });
		const found = new Set(read.layers.map(({ index }) => index).filter(index => stubs.get(index.diffId) !== index));
		const indexes = Array.from(found, index => new Uint8Array(encodeLayerIndex(index)));
		port.postMessage({ kind: 'read', record: imageRecord(read), indexes } satisfies FromThread, indexes.map(({ buffer }) => buffer));
	} catch (error) {
		port.postMessage(failureOf(error));
	}
}

/** Errors lose their class on the way between threads. */
function failureOf(error: unknown): FromThread {
	if (error instanceof ArchiveError) {
		const { kind, subject, bound, limit, found } = error;
		return { kind: 'refused', why: { kind, subject, bound, limit, found } };
	}
	return { kind: 'failed', message: error instanceof Error ? error.stack ?? error.message : String(error) };
}

const port = parentPort!;
port.postMessage({ kind: 'ready' } satisfies FromThread);
void readForAsker(port, workerData as ThreadData);
