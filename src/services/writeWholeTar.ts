import { basename } from 'node:path';
import { Transform, type Readable } from 'node:stream';
import { EngineError } from '../core/engine/engineError';
import { writeWholeStream } from './writeWholeStream';

/** A tar ends in two blocks of zeros (POSIX ustar). */
const tarEnd = 512;

/**
 * As `writeWholeStream` for a tar; returns its bytes. Throws `failed` too, where the stream ended in the engine's error:
 * an engine that fails under way appends its words and ends the answer like any other.
 */
export async function writeWholeTar(path: string, tar: Readable, told: (bytes: number) => void, signal: AbortSignal): Promise<number> {
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
	await writeWholeStream(path, [tar, watch], signal, () => {
		if (tail.length < tarEnd || tail.some(byte => byte !== 0)) {
			throw new EngineError('failed', lastWords(tail), basename(path));
		}
	});
	return bytes;
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
