import { ArchiveError } from './archiveError';
import { after } from './archiveFile';
import { firstBytes, rejoined, uncompressedArchive } from './imageStream';
import { inflated } from './inflated';
import { compressionOf } from './inflater';
import type { ArchiveLimits } from './limits';
import { OuterPaths } from './outerPaths';
import { TarParser } from './tarParser';

/**
 * The uncompressed tar of one layer, from an offset on, out of an archive that can only be read front to back. `path`
 * is that of the entry which holds the layer (`ImageLayer.path`). Reads no further than it is asked. Throws
 * `missingBlob` where the archive has no such entry.
 */
export async function* layerInStream(stream: AsyncIterable<Buffer>, path: string, from: number, limits: ArchiveLimits): AsyncGenerator<Buffer> {
	const stored = storedEntry(uncompressedArchive(stream, limits), path, limits);
	const start = await firstBytes(stored);
	const compression = compressionOf(start);
	const whole = rejoined(start, stored);
	yield* after(compression === undefined ? whole : inflated(whole, compression, limits), from);
}

async function* storedEntry(archive: AsyncIterable<Buffer>, path: string, limits: ArchiveLimits): AsyncGenerator<Buffer> {
	const paths = new OuterPaths<undefined>(limits);
	let wanted = false;
	let done = false;
	let pieces: Buffer[] = [];
	const parser = new TarParser({
		entry: entry => { wanted = paths.add(entry) === path; },
		body: bytes => {
			if (wanted) {
				pieces.push(bytes);
			}
		},
		entryEnd: () => { done ||= wanted; },
	}, limits);
	for await (const chunk of archive) {
		parser.write(chunk);
		yield* pieces;
		pieces = [];
		if (done) {
			return;
		}
	}
	throw new ArchiveError(wanted ? 'truncated' : 'missingBlob', path);
}
