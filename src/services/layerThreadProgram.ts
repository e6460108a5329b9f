import { on } from 'node:events';
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import type { ImageChoice } from '../core/image/imageSource';
import { isEngineError, type EngineError } from '../core/engine/engineError';
import { localAnswer, Unanswered, type LocalRequest } from '../core/engine/localAnswer';
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
	/** What to ask for the archive; undefined where the asker sends it. */
	readonly request: LocalRequest | undefined;
}

/** A piece of the stream: the first `bytes` of a block; none at the stream's end. The block goes back when it is read. */
export interface ToThread {
	readonly block: ArrayBuffer;
	readonly bytes: number;
}

/**
 * `read`: the image, and the indexes of the layers that the asker has not, encoded. `came`: how far the answer to the
 * request is. `unanswered`: as `Unanswered`.
 */
export type FromThread =
	| { readonly kind: 'ready' }
	| { readonly kind: 'taken'; readonly block: ArrayBuffer }
	| { readonly kind: 'came'; readonly bytes: number }
	| { readonly kind: 'read'; readonly record: ImageRecord; readonly indexes: readonly Uint8Array<ArrayBuffer>[] }
	| { readonly kind: 'refused'; readonly why: Pick<ArchiveError, 'kind' | 'subject' | 'bound' | 'limit' | 'found'> }
	| { readonly kind: 'unanswered' }
	| { readonly kind: 'lost'; readonly why: Pick<EngineError, 'reason' | 'message' | 'subject'> }
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
async function readForAsker(port: MessagePort, { limits, image, platform, known, request }: ThreadData): Promise<void> {
	// Nothing of a known layer is looked at but its length.
	const stubs = new Map(known.map(({ diffId, tarBytes }) => [diffId, { diffId, tarBytes, verified: true } as LayerIndex]));
	try {
		const stream = request === undefined ? received(port) : localAnswer(request);
		const read = await readImageStream(stream, { limits, image, platform, known: stubs, onProgress: request === undefined ? undefined : telling(port) });
		const found = new Set(read.layers.map(({ index }) => index).filter(index => stubs.get(index.diffId) !== index));
		const indexes = Array.from(found, index => new Uint8Array(encodeLayerIndex(index)));
		port.postMessage({ kind: 'read', record: imageRecord(read), indexes } satisfies FromThread, indexes.map(({ buffer }) => buffer));
	} catch (error) {
		port.postMessage(failureOf(error, request));
	}
}

/** A message now and then: one for each piece would cost more than it tells. */
function telling(port: MessagePort): (bytes: number) => void {
	let told = 0;
	return bytes => {
		if (bytes - told >= toldBytes) {
			told = bytes;
			port.postMessage({ kind: 'came', bytes } satisfies FromThread);
		}
	};
}

const toldBytes = 4 << 20;

/** Errors lose their class on the way between threads. */
function failureOf(error: unknown, request: LocalRequest | undefined): FromThread {
	if (error instanceof Unanswered) {
		return { kind: 'unanswered' };
	}
	if (isEngineError(error)) {
		const { reason, message, subject } = error;
		return { kind: 'lost', why: { reason, message, subject } };
	}
	if (error instanceof ArchiveError) {
		// An engine that died ends its answer too early.
		if (request !== undefined && error.kind === 'truncated' && error.subject === undefined) {
			return { kind: 'lost', why: { reason: 'unreachable', message: 'aborted', subject: request.endpointUrl } };
		}
		const { kind, subject, bound, limit, found } = error;
		return { kind: 'refused', why: { kind, subject, bound, limit, found } };
	}
	return { kind: 'failed', message: error instanceof Error ? error.stack ?? error.message : String(error) };
}

const port = parentPort!;
port.postMessage({ kind: 'ready' } satisfies FromThread);
void readForAsker(port, workerData as ThreadData);
