import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { ArchiveError } from '../core/layers/archiveError';
import { counted, readImageStream, type ReadImageOptions } from '../core/layers/imageStream';
import type { LayeredImage } from '../core/layers/layeredImage';
import type { LayerIndex } from '../core/layers/layerIndex';
import { decodeLayerIndex } from '../core/layers/layerIndexFile';
import { defaultLimits } from '../core/layers/limits';
import { imageOfRecord } from './imageRecord';
import type { FromThread, ThreadData, ToThread } from './layerThreadProgram';

/** As `readImageStream`. */
export type ReadStream = (stream: AsyncIterable<Buffer>, options: ReadImageOptions) => Promise<LayeredImage>;

/**
 * Reads images in a thread: hashing and indexing go on while the next bytes come from the engine, and the editor's own
 * thread stays free. `program` is the bundle of `layerThreadProgram`; where it is missing, or no thread can be had, the
 * asker's own thread reads.
 */
export function layerThread(program: string, log: (message: string) => void): ReadStream {
	return (stream, options) => existsSync(program) ? readInThread(program, stream, options, log) : readImageStream(stream, options);
}

async function readInThread(program: string, stream: AsyncIterable<Buffer>, options: ReadImageOptions, log: (message: string) => void): Promise<LayeredImage> {
	const { limits = defaultLimits, image, platform, known = new Map<string, LayerIndex>() } = options;
	const data: ThreadData = { limits, image, platform, known: Array.from(known.values(), ({ diffId, tarBytes }) => ({ diffId, tarBytes })) };
	let thread: Thread;
	try {
		thread = await startThread(program, data);
	} catch (error) {
		log(`Layers are read without a thread: ${String(error)}`);
		return readImageStream(stream, options);
	}
	try {
		await Promise.race([pump(counted(stream, options), thread), thread.answer]);
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
	}
}

type Answer = Extract<FromThread, { readonly kind: 'read' }>;

interface Thread {
	/** Rejects with what the thread failed with, whatever it was doing. */
	readonly answer: Promise<Answer>;
	/** A block that may be filled and sent. */
	block(): Promise<ArrayBuffer>;
	send(piece: ToThread): void;
	end(): void;
}

async function startThread(program: string, workerData: ThreadData): Promise<Thread> {
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
	await Promise.race([ready, answer]);
	return {
		answer,
		block: async () => {
			while (free.length === 0) {
				await new Promise<void>(resolve => { wake = resolve; });
			}
			return free.pop()!;
		},
		send: piece => { worker.postMessage(piece, [piece.block]); },
		end: () => { void worker.terminate(); },
	};
}

/** Engines send small pieces; a message for each of them would cost more than copying them together. */
async function pump(stream: AsyncIterable<Buffer>, thread: Thread): Promise<void> {
	let block = await thread.block();
	let bytes = 0;
	for await (const chunk of stream) {
		for (let at = 0; at < chunk.length;) {
			const taken = chunk.copy(new Uint8Array(block), bytes, at);
			at += taken;
			bytes += taken;
			if (bytes === blockBytes) {
				thread.send({ block, bytes });
				block = await thread.block();
				bytes = 0;
			}
		}
	}
	if (bytes > 0) {
		thread.send({ block, bytes });
		block = await thread.block();
	}
	thread.send({ block, bytes: 0 });
}

const blockBytes = 256 << 10;
const blockCount = 8;
