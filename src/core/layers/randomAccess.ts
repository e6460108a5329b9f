import { constants, readSync, type Stats } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { ArchiveError } from './archiveError';

/** Bytes that can be read anywhere. */
export interface RandomAccess {
	readonly size: number;
	/** Exactly these bytes, in a buffer of their own. Throws `truncated` where they end sooner. */
	read(offset: number, length: number): Promise<Buffer>;
	/**
	 * Fills a buffer at once, for the many short reads of a walk: a turn of the thread pool costs more than each of them.
	 */
	readInto(bytes: Buffer, offset: number): void;
	close(): Promise<void>;
}

/** A regular file on disk. Throws the system's error where there is none, `notFile` for anything but a file. */
export async function openFile(path: string): Promise<RandomAccess> {
	const { size } = await statFile(path);
	// What becomes a pipe in between must not keep us waiting for its writer.
	const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
	return {
		size,
		read: async (offset, length) => {
			const bytes = Buffer.allocUnsafe(length);
			for (let filled = 0; filled < length;) {
				const { bytesRead } = await file.read(bytes, filled, length - filled, offset + filled);
				if (bytesRead === 0) {
					throw new ArchiveError('truncated', path);
				}
				filled += bytesRead;
			}
			return bytes;
		},
		readInto: (bytes, offset) => {
			for (let filled = 0; filled < bytes.length;) {
				const bytesRead = readSync(file.fd, bytes, filled, bytes.length - filled, offset + filled);
				if (bytesRead === 0) {
					throw new ArchiveError('truncated', path);
				}
				filled += bytesRead;
			}
		},
		close: () => file.close(),
	};
}

/** What the system tells of a regular file. Throws `notFile` for others: a pipe or a device may keep who opens it for ever. */
export async function statFile(path: string): Promise<Stats> {
	const found = await stat(path);
	if (!found.isFile()) {
		const kind = found.isDirectory() ? 'directory' : found.isFIFO() ? 'fifo' : found.isSocket() ? 'socket' : found.isCharacterDevice() ? 'character device' : 'block device';
		throw new ArchiveError('notFile', path, { found: kind });
	}
	return found;
}

/** A part of it, front to back. */
export async function* bytesOf(access: RandomAccess, range: { readonly offset: number; readonly size: number }, signal?: AbortSignal): AsyncGenerator<Buffer> {
	const end = range.offset + range.size;
	for (let at = range.offset; at < end; at += pieceBytes) {
		signal?.throwIfAborted();
		yield await access.read(at, Math.min(pieceBytes, end - at));
	}
}

const pieceBytes = 256 << 10;
