import { ArchiveError } from './archiveError';
import type { RandomAccess } from './randomAccess';
import type { TarParser } from './tarParser';

/**
 * Shows a tar's headers to a parser and jumps over bodies. Where files are small it reads on, since a jump costs more
 * than the bytes it spares; after a jump it reads little, since another may follow.
 */
export async function walkTar(access: RandomAccess, range: { readonly offset: number; readonly size: number }, parser: TarParser, signal?: AbortSignal): Promise<void> {
	let at = 0;
	let ahead = leastBytes;
	while (at < range.size && !parser.ended) {
		signal?.throwIfAborted();
		const skippable = parser.skippable;
		if (at + skippable > range.size) {
			throw new ArchiveError('truncated');
		}
		if (skippable >= jumpBytes) {
			parser.skip();
			at += skippable;
			ahead = leastBytes;
			continue;
		}
		const chunk = await access.read(range.offset + at, Math.min(ahead, range.size - at));
		parser.write(chunk);
		at += chunk.length;
		ahead = Math.min(ahead * 2, mostBytes);
	}
}

const leastBytes = 8 << 10;
const mostBytes = 256 << 10;
const jumpBytes = 32 << 10;
