import { basename } from 'node:path';
import { Transform, type Readable } from 'node:stream';
import { EngineError } from '../core/engine/engineError';
import { endOf, lastWords } from '../core/engine/lastWords';
import { writeWholeStream } from './writeWholeStream';

/** A tar ends in two blocks of zeros (POSIX ustar). */
const tarEnd = 512;

/**
 * As `writeWholeStream` for a tar; returns its bytes. Throws `failed` too, where the stream ended in the engine's error:
 * an engine that fails under way appends its words and ends the answer like any other.
 */
export async function writeWholeTar(path: string, tar: Readable, told: (bytes: number) => void, signal: AbortSignal): Promise<number> {
	let bytes = 0;
	let end: Buffer = Buffer.alloc(0);
	const watch = new Transform({
		transform(chunk: Buffer, _encoding, done) {
			bytes += chunk.length;
			end = endOf(end, chunk);
			told(bytes);
			done(undefined, chunk);
		},
	});
	await writeWholeStream(path, [tar, watch], signal, () => {
		if (end.length < tarEnd || end.subarray(-tarEnd).some(byte => byte !== 0)) {
			throw new EngineError('failed', lastWords(end) ?? 'the archive ended too soon', basename(path));
		}
	});
	return bytes;
}
