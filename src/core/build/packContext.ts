import { close as closeWithCallback, constants, open as openWithCallback, read as readWithCallback } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline, Readable } from 'node:stream';
import { promisify } from 'node:util';
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
	/** As an engine measures the folder it unpacks: files, and the text of links. */
	readonly unpackedBytes: number;
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
/** Not through a link, and not waiting for a writer, should the file have become a link or a fifo since. */
const openFlags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
const openFile = promisify(openWithCallback);
const readFile = promisify(readWithCallback);
const closeFile = promisify(closeWithCallback);

/**
 * A build context as a tar stream, packed as it is read: memory is bounded whatever the context's size. A file that
 * grows while it is packed is cut at the size it was listed with; one that shrinks fails with `changedSize`.
 */
export function packContext(entries: AsyncIterable<ContextEntry>, options: PackOptions): PackedContext {
	const summary = { files: 0, bytes: 0, unpackedBytes: 0, sentBytes: 0, skipped: [] as string[] };
	const chunks = tarChunks(entries, options, summary);
	const tar = Readable.from(counted(options.compress ? compressed(chunks) : chunks, summary), { objectMode: false, highWaterMark: piece });
	return { tar, summary: () => ({ ...summary, skipped: [...summary.skipped] }) };
}

type Counts = { -readonly [Key in keyof ContextSummary]: Key extends 'skipped' ? string[] : number };

async function* tarChunks(entries: AsyncIterable<ContextEntry>, options: PackOptions, counts: Counts): AsyncGenerator<Buffer> {
	const missing = new Map(options.contents);
	const chunk = new Chunk();
	for await (const { entry, body } of readingAhead(entries, options)) {
		options.signal.throwIfAborted();
		missing.delete(entry.path);
		if (entry.kind === 'other') {
			if (counts.skipped.length < 100) {
				counts.skipped.push(entry.path);
			}
			continue;
		}
		chunk.add(tarHeader({ ...entry, kind: entry.kind }));
		if (body !== undefined) {
			chunk.add(await body);
		} else if (entry.kind === 'file') {
			for await (const bytes of piecesOf(entry, options)) {
				chunk.add(bytes);
				if (chunk.isFull) {
					yield chunk.take();
				}
			}
		}
		chunk.pad(entry.size);
		count(counts, entry);
		if (chunk.isFull) {
			yield chunk.take();
		}
	}
	for (const [path, content] of missing) {
		const entry = { path, kind: 'file' as const, mode: 0o644, size: content.length, link: undefined, mtimeMs: 0 };
		chunk.add(tarHeader(entry));
		chunk.add(content);
		chunk.pad(entry.size);
		count(counts, entry);
	}
	chunk.add(tarEnd);
	yield chunk.take();
}

function count(counts: Counts, { kind, size, link }: Pick<ContextEntry, 'kind' | 'size' | 'link'>): void {
	if (kind === 'file' || kind === 'hardlink') {
		counts.files++;
		counts.bytes += size;
	}
	counts.unpackedBytes += kind === 'symlink' ? Buffer.byteLength(link ?? '') : size;
}

/** Joins small pieces: one write for many small files. */
class Chunk {
	private held: Uint8Array[] = [];
	private size = 0;

	get isFull(): boolean {
		return this.size >= smallFile;
	}

	add(bytes: Uint8Array): void {
		this.held.push(bytes);
		this.size += bytes.length;
	}

	/** Fills the last block of a body of this size. */
	pad(size: number): void {
		const padding = paddingOf(size);
		if (padding > 0) {
			this.add(tarEnd.subarray(0, padding));
		}
	}

	take(): Buffer {
		const joined = Buffer.concat(this.held, this.size);
		this.held = [];
		this.size = 0;
		return joined;
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

/** Without a `FileHandle`, which costs more than the reading where files are small and many. */
async function wholeOf(entry: ContextEntry, options: PackOptions): Promise<Uint8Array> {
	const buffer = Buffer.allocUnsafe(entry.size);
	if (entry.size === 0) {
		return buffer;
	}
	try {
		const file = await openFile(join(options.root, entry.path), openFlags);
		try {
			for (let filled = 0; filled < buffer.length;) {
				const { bytesRead } = await readFile(file, buffer, filled, buffer.length - filled, null);
				if (bytesRead === 0) {
					throw new ContextError('changedSize', entry.path);
				}
				filled += bytesRead;
			}
		} finally {
			await closeFile(file);
		}
	} catch (error) {
		throw toContextError(error, entry.path);
	}
	return buffer;
}

async function* piecesOf(entry: ContextEntry, options: PackOptions): AsyncGenerator<Uint8Array> {
	let file: FileHandle | undefined;
	try {
		file = await open(join(options.root, entry.path), openFlags);
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

async function* counted(chunks: AsyncIterable<Buffer>, counts: Counts): AsyncGenerator<Buffer> {
	for await (const chunk of chunks) {
		counts.sentBytes += chunk.length;
		yield chunk;
	}
}

/** Begins when it is first read, so that where it never is no file was opened. */
async function* compressed(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
	// The fastest level: the wire is what is saved, the engine unpacks it at once.
	const packed: AsyncIterable<Buffer> = pipeline(Readable.from(chunks, { objectMode: false }), createGzip({ level: 1 }), () => undefined);
	yield* packed;
}
