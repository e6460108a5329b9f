import { existsSync } from 'node:fs';
import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { Worker } from 'node:worker_threads';
import { EngineError } from '../core/engine/engineError';
import { Unanswered, type LocalRequest } from '../core/engine/localAnswer';
import { ArchiveError } from '../core/layers/archiveError';
import { readImageStream, type ReadImageOptions } from '../core/layers/imageStream';
import type { LayeredImage } from '../core/layers/layeredImage';
import type { LayerIndex } from '../core/layers/layerIndex';
import { decodeLayerIndex } from '../core/layers/layerIndexFile';
import { defaultLimits } from '../core/layers/limits';
import { imageOfRecord } from './imageRecord';
import type { FromThread, ThreadData, ToThread } from './layerThreadProgram';

/** Gives the stream; what it is asked from may still be preparing it. */
export type AskStream = () => AsyncIterable<Buffer> | Promise<AsyncIterable<Buffer>>;

export interface ReadStreamOptions extends ReadImageOptions {
	/** What gives the same stream to a thread that asks itself. */
	readonly request?: LocalRequest | undefined;
}

/** As `readImageStream`. The stream is asked for only where a thread cannot get it by itself. Throws `EngineError` too. */
export type ReadStream = (ask: AskStream, options: ReadStreamOptions) => Promise<LayeredImage>;

/**
 * Reads images in a thread: hashing and indexing go on while the next bytes come from the engine, and the editor's own
 * thread stays free. `program` is the bundle of `layerThreadProgram`; where it is missing, or no thread can be had, the
 * asker's own thread reads.
 */
export function layerThread(program: string, log: (message: string) => void): ReadStream {
	return async (ask, { request, ...options }) => {
		if (!existsSync(program)) {
			return readImageStream(await ask(), options);
		}
		if (request !== undefined) {
			try {
				return await readByItself(program, request, options);
			} catch (error) {
				// Whatever keeps the thread from asking, asking for it tells.
				if (!(error instanceof Unanswered)) {
					throw error;
				}
			}
		}
		return readFed(program, ask, options, log);
	};
}

/** Throws `Unanswered` also where there is no thread. */
async function readByItself(program: string, request: LocalRequest, options: ReadImageOptions): Promise<LayeredImage> {
	const { signal } = options;
	signal?.throwIfAborted();
	const thread = startThread(program, options, request);
	thread.answer.catch(() => undefined);
	const aborted = new Promise<never>((_resolve, reject) => { signal?.addEventListener('abort', () => { reject(signal.reason as Error); }, { once: true }); });
	try {
		await Promise.race([aborted, thread.ready.catch(() => { throw new Unanswered(); })]);
		return imageOf(await Promise.race([aborted, thread.answer]), options);
	} finally {
		thread.end();
	}
}

async function readFed(program: string, ask: AskStream, options: ReadImageOptions, log: (message: string) => void): Promise<LayeredImage> {
	// It is ready by the time an engine has prepared an archive.
	const thread = startThread(program, options, undefined);
	thread.ready.catch(() => undefined);
	let source: Readable | undefined;
	try {
		const stream = await ask();
		source = stream instanceof Readable ? stream : Readable.from(stream);
		const ended = finished(source, { writable: false });
		ended.catch(() => undefined);
		try {
			await thread.ready;
		} catch (error) {
			log(`Layers are read without a thread: ${String(error)}`);
			return await readImageStream(source, options);
		}
		await Promise.race([pump(source, ended, thread, options), thread.answer]);
		return imageOf(await thread.answer, options);
	} finally {
		thread.end();
		source?.destroy();
	}
}

function imageOf({ record, indexes }: Answer, { known }: ReadImageOptions): LayeredImage {
	const all = new Map(known);
	for (const bytes of indexes) {
		const index = decodeLayerIndex(Buffer.from(bytes.buffer));
		if (index !== undefined) {
			all.set(index.diffId, index);
		}
	}
	return imageOfRecord(record, all)!;
}

type Answer = Extract<FromThread, { readonly kind: 'read' }>;

interface Thread {
	/** Rejects where there is no thread. */
	readonly ready: Promise<unknown>;
	/** Rejects with what the thread failed with, whatever it was doing. */
	readonly answer: Promise<Answer>;
	/** A block that may be filled and sent; undefined where the thread has all of them. */
	freeBlock(): ArrayBuffer | undefined;
	/** Resolves when it has given one back. */
	blockFreed(): Promise<void>;
	send(piece: ToThread): void;
	end(): void;
}

function startThread(program: string, { limits = defaultLimits, image, platform, known = new Map<string, LayerIndex>(), onProgress }: ReadImageOptions, request: LocalRequest | undefined): Thread {
	const workerData: ThreadData = { limits, image, platform, known: Array.from(known.values(), ({ diffId, tarBytes }) => ({ diffId, tarBytes })), request };
	const worker = new Worker(program, { workerData });
	const free = Array.from({ length: blockCount }, () => new ArrayBuffer(blockBytes));
	let wake: (() => void) | undefined;
	let started = (): void => undefined;
	const ready = new Promise<void>(resolve => { started = resolve; });
	const answer = new Promise<Answer>((resolve, reject) => {
		worker.on('message', (message: FromThread) => {
			switch (message.kind) {
				case 'ready': started(); break;
				case 'taken':
					free.push(message.block);
					wake?.();
					break;
				case 'came': onProgress?.(message.bytes); break;
				case 'read': resolve(message); break;
				case 'refused': reject(new ArchiveError(message.why.kind, message.why.subject, message.why)); break;
				case 'unanswered': reject(new Unanswered()); break;
				case 'lost': reject(new EngineError(message.why.reason, message.why.message, message.why.subject)); break;
				case 'failed': reject(new Error(message.message)); break;
			}
		});
		worker.on('error', reject);
		worker.on('exit', () => { reject(new Error('The thread that reads layers has ended.')); });
	});
	return {
		ready: Promise.race([ready, answer]),
		answer,
		freeBlock: () => free.pop(),
		blockFreed: () => new Promise(resolve => { wake = resolve; }),
		send: piece => { worker.postMessage(piece, [piece.block]); },
		end: () => { void worker.terminate(); },
	};
}

/**
 * Fills blocks and sends them: engines send small pieces, and a message for each of them would cost more than copying them
 * together. The stream flows, since iterating over it copies its pieces too, and awaits each of them. Throws the stream's
 * error, or the signal's reason.
 */
async function pump(stream: Readable, ended: Promise<void>, thread: Thread, { signal, onProgress }: ReadImageOptions): Promise<void> {
	let block: Uint8Array<ArrayBuffer> | undefined;
	let filled = 0;
	let bytes = 0;
	let waiting: Promise<void> | undefined;
	const send = (): void => {
		if (block !== undefined) {
			thread.send({ block: block.buffer, bytes: filled });
			block = undefined;
			filled = 0;
		}
	};
	/** How much of a piece there was room for. */
	const fill = (chunk: Buffer): number => {
		let at = 0;
		while (at < chunk.length) {
			const free = block === undefined ? thread.freeBlock() : undefined;
			block ??= free && new Uint8Array(free);
			if (block === undefined) {
				break;
			}
			const taken = chunk.copy(block, filled, at);
			at += taken;
			filled += taken;
			if (filled === blockBytes) {
				send();
			}
		}
		return at;
	};
	const fillWhenFreed = async (chunk: Buffer): Promise<void> => {
		stream.pause();
		for (let rest = chunk; rest.length > 0; rest = rest.subarray(fill(rest))) {
			await thread.blockFreed();
		}
		stream.resume();
	};
	stream.on('data', (chunk: Buffer) => {
		if (signal?.aborted === true) {
			stream.destroy(signal.reason as Error);
			return;
		}
		bytes += chunk.length;
		onProgress?.(bytes);
		const taken = fill(chunk);
		if (taken < chunk.length) {
			waiting = fillWhenFreed(chunk.subarray(taken));
		}
	});
	await ended;
	await waiting;
	send();
	thread.send({ block: new ArrayBuffer(0), bytes: 0 });
}

const blockBytes = 1 << 20;
const blockCount = 4;
