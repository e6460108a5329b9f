import { ArchiveError, exceeded } from './archiveError';
import type { ArchiveLimits } from './limits';
import { bodySegments, type SparseSegment } from './sparse';
import { TarParser, type TarEntry } from './tarParser';

/**
 * The bytes of one file, front to back, out of a layer's tar that starts at the file's entry (`contentOffset`). Reads
 * no further than the file's end. Holes of sparse files come as zeros. Throws `badHeader` where no file starts there,
 * `truncated` where it is cut.
 */
export async function* fileContent(tar: AsyncIterable<Buffer>, limits: ArchiveLimits): AsyncGenerator<Buffer> {
	let entry: TarEntry | undefined;
	let done = false;
	let pieces: Buffer[] = [];
	const parser = new TarParser({
		entry: first => { entry ??= { ...first, path: Buffer.from(first.path) }; },
		body: bytes => {
			if (!done) {
				pieces.push(bytes);
			}
		},
		entryEnd: () => { done = true; },
	}, limits);
	const body = async function* (): AsyncGenerator<Buffer> {
		for await (const chunk of tar) {
			parser.write(chunk);
			if (entry !== undefined && entry.kind !== 'file') {
				throw new ArchiveError('badHeader', entry.path.toString(), { found: entry.kind });
			}
			yield* pieces;
			pieces = [];
			if (done) {
				return;
			}
		}
		throw new ArchiveError('truncated');
	};
	const stream = body();
	const first = await stream.next();
	if (first.done === true) {
		yield* zeros(entry?.size ?? 0);
		return;
	}
	const bytes = chained(first.value, stream);
	if (entry?.sparse === undefined) {
		yield* bytes;
	} else {
		yield* filled(bytes, entry, limits);
	}
}

/** The whole file in memory. Throws `bound` (`contentBytes`) where it is larger than that. */
export async function contentBytes(content: AsyncIterable<Buffer>, limits: ArchiveLimits): Promise<Buffer> {
	const parts: Buffer[] = [];
	let bytes = 0;
	for await (const part of content) {
		bytes += part.length;
		if (bytes > limits.contentBytes) {
			throw exceeded(limits, 'contentBytes');
		}
		parts.push(part);
	}
	return Buffer.concat(parts);
}

async function* chained(first: Buffer, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
	yield first;
	yield* rest;
}

/** Puts the data of a sparse file where its map says, zeros between. */
async function* filled(body: AsyncIterable<Buffer>, entry: TarEntry, limits: ArchiveLimits): AsyncGenerator<Buffer> {
	const reader = exactReader(body);
	const segments = entry.sparse === 'inBody' ? await mapInBody(reader, limits) : entry.sparse ?? [];
	let at = 0;
	for (const { offset, bytes } of segments) {
		if (offset < at || offset + bytes > entry.size) {
			throw new ArchiveError('badHeader', entry.path.toString(), { found: 'sparse map' });
		}
		yield* zeros(offset - at);
		for (let left = bytes; left > 0;) {
			const part = await reader(Math.min(left, zeroPiece.length));
			left -= part.length;
			yield part;
		}
		at = offset + bytes;
	}
	yield* zeros(entry.size - at);
}

async function mapInBody(reader: (bytes: number) => Promise<Buffer>, limits: ArchiveLimits): Promise<readonly SparseSegment[]> {
	let map = await reader(512);
	for (;;) {
		const lines = map.toString('latin1').split('\n');
		const count = Number(lines[0]);
		if (!(count <= limits.sparseSegments)) {
			throw exceeded(limits, 'sparseSegments');
		}
		if (lines.length > 2 * count + 1) {
			return bodySegments(map, limits).segments;
		}
		map = Buffer.concat([map, await reader(512)]);
	}
}

/** Reads exact numbers of bytes from pieces of any size. */
function exactReader(stream: AsyncIterable<Buffer>): (bytes: number) => Promise<Buffer> {
	const chunks = stream[Symbol.asyncIterator]();
	let held: Buffer = Buffer.alloc(0);
	return async bytes => {
		while (held.length < bytes) {
			const next = await chunks.next();
			if (next.done === true) {
				throw new ArchiveError('truncated');
			}
			held = Buffer.concat([held, next.value]);
		}
		const part = held.subarray(0, bytes);
		held = held.subarray(bytes);
		return part;
	};
}

const zeroPiece = Buffer.alloc(64 << 10);

function* zeros(bytes: number): Generator<Buffer> {
	for (let left = bytes; left > 0; left -= zeroPiece.length) {
		yield left < zeroPiece.length ? zeroPiece.subarray(0, left) : zeroPiece;
	}
}
