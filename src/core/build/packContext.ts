import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline, Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { ContextError, toContextError } from './contextError';
import type { ContextEntry } from './contextFiles';
import { paddingOf, tarEnd, tarHeader } from './tarHeader';

/** What went into a packed build context. */
export interface ContextSummary {
	/** Regular files, hard links included. */
	readonly files: number;
	/** Bytes of their content. */
	readonly bytes: number;
	/** Bytes of the tar as sent. */
	readonly sentBytes: number;
	/** Sockets, fifos and devices left out, the first hundred. */
	readonly skipped: readonly string[];
}

export interface PackOptions {
	readonly root: string;
	/**
	 * Files whose content is given here rather than on disk, by path; those that are not among the entries are added.
	 * The Dockerfile is one, so that what is built is what was read.
	 */
	readonly contents: ReadonlyMap<string, Uint8Array>;
	/** Worth it for an engine at the end of a network, not for one on this machine. */
	readonly compress: boolean;
	readonly signal: AbortSignal;
}

export interface PackedContext {
	/** Fails with a `ContextError`, or the signal's reason when aborted. */
	readonly tar: Readable;
	/** As far as it has come; complete when the tar has ended. */
	summary(): ContextSummary;
}

/** A file up to this size is read whole, ahead of its turn. */
const smallFile = 64 * 1024;
const readAhead = 32;
const piece = 256 * 1024;

/**
 * A build context as a tar stream, packed as it is read: memory is bounded whatever the context's size. A file that
 * grows while it is packed is cut at the size it was listed with; one that shrinks fails with `changedSize`.
 */
export function packContext(entries: AsyncIterable<ContextEntry>, options: PackOptions): PackedContext {
	const summary = { files: 0, bytes: 0, sentBytes: 0, skipped: [] as string[] };
	const chunks = gathered(tarChunks(entries, options, summary));
	const tar = Readable.from(counted(options.compress ? compressed(chunks) : chunks, summary), { objectMode: false, highWaterMark: piece });
	return { tar, summary: () => ({ ...summary, skipped: [...summary.skipped] }) };
}

type Counts = { -readonly [Key in keyof ContextSummary]: Key extends 'skipped' ? string[] : number };

async function* tarChunks(entries: AsyncIterable<ContextEntry>, options: PackOptions, counts: Counts): AsyncGenerator<Buffer> {
	const missing = new Map(options.contents);
	for await (const { entry, body } of readingAhead(entries, options)) {
		options.signal.throwIfAborted();
		missing.delete(entry.path);
		if (entry.kind === 'other') {
			if (counts.skipped.length < 100) {
				counts.skipped.push(entry.path);
			}
			continue;
		}
		yield* tarFile(entry, body === undefined ? piecesOf(entry, options) : [await body], counts);
	}
	for (const [path, content] of missing) {
		const entry: ContextEntry = { path, kind: 'file', mode: 0o644, size: content.length, link: undefined, mtimeMs: 0, ctimeMs: 0, inode: 0n };
		yield* tarFile(entry, [content], counts);
	}
	yield tarEnd;
}

async function* tarFile(entry: ContextEntry, body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, counts: Counts): AsyncGenerator<Buffer> {
	if (entry.kind === 'other') {
		return;
	}
	yield tarHeader({ ...entry, kind: entry.kind });
	if (entry.kind === 'file' || entry.kind === 'hardlink') {
		counts.files++;
		counts.bytes += entry.size;
	}
	if (entry.kind === 'file') {
		for await (const chunk of body) {
			yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
		}
		yield Buffer.alloc(paddingOf(entry.size));
	}
}

interface Reading {
	readonly entry: ContextEntry;
	/** Content that is known or being read; undefined for what is read in its turn. */
	readonly body: Promise<Uint8Array> | undefined;
}

/** Keeps some small files under way, so that packing does not wait for the disk at each of them. */
async function* readingAhead(entries: AsyncIterable<ContextEntry>, options: PackOptions): AsyncGenerator<Reading> {
	const queue: Reading[] = [];
	for await (const listed of entries) {
		const content = options.contents.get(listed.path);
		if (content !== undefined) {
			// Whatever it is on disk, a link for instance, it is packed as the file it was read as.
			queue.push({ entry: { ...listed, kind: 'file', size: content.length, link: undefined }, body: Promise.resolve(content) });
		} else if (listed.kind === 'file' && listed.size <= smallFile) {
			const body = wholeOf(listed, options);
			// Its failure is told in its turn.
			body.catch(() => undefined);
			queue.push({ entry: listed, body });
		} else {
			queue.push({ entry: listed, body: undefined });
		}
		if (queue.length >= readAhead) {
			yield queue.shift()!;
		}
	}
	yield* queue;
}

async function wholeOf(entry: ContextEntry, options: PackOptions): Promise<Uint8Array> {
	if (entry.size === 0) {
		return new Uint8Array();
	}
	const chunks: Uint8Array[] = [];
	for await (const chunk of piecesOf(entry, options)) {
		chunks.push(chunk);
	}
	return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
}

async function* piecesOf(entry: ContextEntry, options: PackOptions): AsyncGenerator<Uint8Array> {
	let file: FileHandle | undefined;
	try {
		// Not through a link, and not waiting for a writer, should the file have become a link or a fifo since.
		file = await open(join(options.root, entry.path), constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
		let left = entry.size;
		while (left > 0) {
			options.signal.throwIfAborted();
			const buffer = Buffer.allocUnsafe(Math.min(left, piece));
			const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
			if (bytesRead === 0) {
				throw new ContextError('changedSize', entry.path);
			}
			left -= bytesRead;
			yield buffer.subarray(0, bytesRead);
		}
	} catch (error) {
		options.signal.throwIfAborted();
		throw toContextError(error, entry.path);
	} finally {
		await file?.close();
	}
}

/** Joins small chunks: one write for many small files. */
async function* gathered(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
	let held: Buffer[] = [];
	let size = 0;
	for await (const chunk of chunks) {
		held.push(chunk);
		size += chunk.length;
		if (size >= smallFile) {
			yield Buffer.concat(held, size);
			held = [];
			size = 0;
		}
	}
	yield Buffer.concat(held, size);
}

async function* counted(chunks: AsyncIterable<Buffer>, counts: Counts): AsyncGenerator<Buffer> {
	for await (const chunk of chunks) {
		counts.sentBytes += chunk.length;
		yield chunk;
	}
}

function compressed(chunks: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
	// The fastest level: the wire is what is saved, the engine unpacks it at once.
	return pipeline(Readable.from(chunks, { objectMode: false }), createGzip({ level: 1 }), () => undefined);
}
