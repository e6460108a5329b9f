import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { toFileError } from '../core/fileError';

/**
 * Writes a stream into a file that is there only when it is whole: whatever fails, the file at `path` is as it was
 * before. `atEnd` is called before the file takes its place and throws where what came is not whole. Throws the stream's
 * error, `atEnd`'s, a `FileError`, or the signal's reason.
 */
export async function writeWholeStream(path: string, through: readonly [Readable, ...Transform[]], signal: AbortSignal, atEnd = (): void => undefined): Promise<void> {
	const unfinished = join(dirname(path), `.${basename(path)}.${randomUUID().slice(0, 8)}.unfinished`);
	const file = createWriteStream(unfinished, { flags: 'wx', flush: true });
	try {
		await pipeline([...through, file], { signal });
		atEnd();
		await rename(unfinished, path);
	} catch (cause) {
		// What fails at once is told of before the file is made, and it would be made after it was removed.
		if (!file.closed) {
			await new Promise<void>(resolve => { file.once('close', resolve); });
		}
		await rm(unfinished, { force: true });
		throw signal.aborted ? signal.reason : toFileError(cause, path);
	}
}
