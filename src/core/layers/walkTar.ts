import { ArchiveError } from './archiveError';
import type { RandomAccess } from './randomAccess';
import type { TarParser } from './tarParser';

/**
 * Shows a tar's headers to a parser and jumps over bodies. Where files are small it reads on, since a jump costs more
 * than the bytes it spares; after a jump it reads at once what it needed from the one before to the next, since files
 * come in runs of like sizes. Others get their turn in between.
 */
export async function walkTar(access: RandomAccess, range: { readonly offset: number; readonly size: number }, parser: TarParser, signal?: AbortSignal): Promise<void> {
	const held = Buffer.allocUnsafe(mostBytes);
	let at = 0;
	let ahead = leastBytes;
	let jumpedTo = 0;
	let pauseAt = Date.now() + turnMs;
	while (at < range.size && !parser.ended) {
		if (Date.now() > pauseAt) {
			await new Promise<void>(resolve => { setImmediate(resolve); });
			signal?.throwIfAborted();
			pauseAt = Date.now() + turnMs;
		}
		const skippable = parser.skippable;
		if (at + skippable > range.size) {
			throw new ArchiveError('truncated');
		}
		if (skippable >= jumpBytes) {
			ahead = Math.min(Math.max(parser.bodyOffset - jumpedTo, leastBytes), mostBytes);
			parser.skip();
			at += skippable;
			jumpedTo = at;
			continue;
		}
		const chunk = held.subarray(0, Math.min(ahead, range.size - at));
		access.readInto(chunk, range.offset + at);
		parser.write(chunk);
		at += chunk.length;
		ahead = Math.min(ahead * 2, mostBytes);
	}
}

const leastBytes = 2 << 10;
const mostBytes = 64 << 10;
const jumpBytes = 8 << 10;
const turnMs = 10;
