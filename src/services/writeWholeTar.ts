import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { EngineError } from '../core/engine/engineError';
import { toFileError } from '../core/fileError';

/** A tar ends in two blocks of zeros (POSIX ustar). */
const tarEnd = 512;

/**
 * Writes a tar into a file that is there only when it is whole: whatever fails, the file at `path` is as it was before.
 * Returns its bytes. Throws the stream's error, a `FileError`, the signal's reason, or `failed` where the stream ended
 * in the engine's error: an engine that fails under way appends its words and ends the answer like any other.
 */
export async function writeWholeTar(path: string, tar: Readable, told: (bytes: number) => void, signal: AbortSignal): Promise<number> {
	const unfinished = join(dirname(path), `.${basename(path)}.${randomUUID().slice(0, 8)}.unfinished`);
	let bytes = 0;
	let tail = Buffer.alloc(0);
	const watch = new Transform({
		transform(chunk: Buffer, _encoding, done) {
			bytes += chunk.length;
			tail = Buffer.concat([tail, chunk.subarray(-tarEnd)]).subarray(-tarEnd);
			told(bytes);
			done(undefined, chunk);
		},
	});
	try {
		await pipeline(tar, watch, createWriteStream(unfinished, { flags: 'wx', flush: true }), { signal });
		if (tail.length < tarEnd || tail.some(byte => byte !== 0)) {
			throw new EngineError('failed', lastWords(tail), basename(path));
		}
		await rename(unfinished, path);
		return bytes;
	} catch (cause) {
		await rm(unfinished, { force: true });
		throw signal.aborted ? signal.reason : toFileError(cause, path);
	}
}

/** The engine's words behind a tar that it could not finish. */
function lastWords(tail: Buffer): string {
	const said = /\{"errorDetail".*\}/s.exec(tail.toString('utf8'))?.[0];
	try {
		const { error } = JSON.parse(said ?? '{}') as { readonly error?: unknown };
		return typeof error === 'string' ? error : 'the archive ended too soon';
	} catch {
		return 'the archive ended too soon';
	}
}
