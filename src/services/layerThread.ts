import { existsSync } from 'node:fs';
import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { Worker } from 'node:worker_threads';
import { ArchiveError } from '../core/layers/archiveError';
import { readImageStream, type ReadImageOptions } from '../core/layers/imageStream';
import type { LayeredImage } from '../core/layers/layeredImage';
import type { LayerIndex } from '../core/layers/layerIndex';
import { decodeLayerIndex } from '../core/layers/layerIndexFile';
import { defaultLimits } from '../core/layers/limits';
import { imageOfRecord } from './imageRecord';
import type { FromThread, ThreadData, ToThread } from './layerThreadProgram';

/** As `readImageStream`; what the stream is asked from may still be preparing it. */
export type ReadStream = (stream: AsyncIterable<Buffer> | Promise<AsyncIterable<Buffer>>, options: ReadImageOptions) => Promise<LayeredImage>;

/**
 * Reads images in a thread: hashing and indexing go on while the next bytes come from the engine, and the editor's own
 * thread stays free. `program` is the bundle of `layerThreadProgram`; where it is missing, or no thread can be had, the
 * asker's own thread reads.
 */
export function layerThread(program: string, log: (message: string) => void): ReadStream {
	return async (stream, options) => existsSync(program) ? readInThread(program, stream, options, log) : readImageStream(await stream, options);
}

async function readInThread(program: string, asked: AsyncIterable<Buffer> | Promise<AsyncIterable<Buffer>>, options: ReadImageOptions, log: (message: string) => void): Promise<LayeredImage> {
	const { limits = defaultLimits, image, platform, known = new Map<string, LayerIndex>() } = options;
	const data: ThreadData = { limits, image, platform, known: Array.from(known.values(), ({ diffId, tarBytes }) => ({ diffId, tarBytes })) };
	// It is ready by the time an engine has prepared an archive.
	const thread = startThread(program, data);
	thread.ready.catch(() => undefined);
	let source: Readable | undefined;
	try {
		const stream = await asked;
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
		const { record, indexes } = await thread.answer;
		const all = new Map(known);
		for (const bytes of indexes) {
			const index = decodeLayerIndex(Buffer.from(bytes.buffer));
			if (index !== undefined) {
				all.set(index.diffId, index);
			}
		}
		return imageOfRecord(record, all)!;
	} finally {
		thread.end();
		source?.destroy();
	}
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

function startThread(program: string, workerData: ThreadData): Thread {
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
				case 'read': resolve(message); break;
				case 'refused': reject(new ArchiveError(message.why.kind, message.why.subject, message.why)); break;
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
