import { ArchiveError, exceeded } from './archiveError';
import type { ArchiveLimits } from './limits';
import { numeric, sizeOf } from './tarHeader';

/** A run of data in a sparse file; what lies between runs is zeros (GNU tar manual, Storing Sparse Files). */
export interface SparseSegment {
	readonly offset: number;
	readonly bytes: number;
}

/** Segments in an old GNU header or in one of its extension blocks. */
export function oldGnuSegments(block: Buffer, at: number, count: number): SparseSegment[] {
	const segments: SparseSegment[] = [];
	for (let index = 0; index < count; index++, at += 24) {
		if (block[at] === 0) {
			break;
		}
		segments.push({ offset: sizeOf(numeric(block, at, 12) ?? NaN), bytes: sizeOf(numeric(block, at + 12, 12) ?? NaN) });
	}
	return segments;
}

/** `start`: where the header block is in the bytes. */
export function oldGnuLogicalSize(bytes: Buffer, start: number): number {
	return sizeOf(numeric(bytes, start + 483, 12) ?? NaN);
}

export function isPaxSparse(pax: ReadonlyMap<string, Buffer>): boolean {
	return pax.has('GNU.sparse.major') || pax.has('GNU.sparse.map') || pax.has('GNU.sparse.offset');
}

export function paxLogicalSize(pax: ReadonlyMap<string, Buffer>): number {
	return wholeNumber((pax.get('GNU.sparse.realsize') ?? pax.get('GNU.sparse.size'))?.toString('latin1'));
}

/** The map of PAX 0.0 and 0.1 stands in the records; that of 1.0 in the body. */
export function paxSegments(pax: ReadonlyMap<string, Buffer>, limits: ArchiveLimits): readonly SparseSegment[] | 'inBody' {
	const map = pax.get('GNU.sparse.map')?.toString('latin1');
	const numbers = map === undefined
		? interleaved(pax.get('GNU.sparse.offset')?.toString('latin1'), pax.get('GNU.sparse.numbytes')?.toString('latin1'))
		: map.split(',');
	return numbers === undefined ? 'inBody' : pairs(numbers, limits);
}

/**
 * The map at the start of a PAX 1.0 body: a count, then offsets and sizes, one number a line, padded to a block.
 * Returns the segments and the length of the map.
 */
export function bodySegments(body: Buffer, limits: ArchiveLimits): { readonly segments: readonly SparseSegment[]; readonly mapBytes: number } {
	let at = 0;
	const line = (): string => {
		const end = body.indexOf(0x0a, at);
		if (end < 0) {
			throw new ArchiveError('badHeader', undefined, { found: 'sparse map' });
		}
		const text = body.toString('latin1', at, end);
		at = end + 1;
		return text;
	};
	const count = wholeNumber(line());
	if (count > limits.sparseSegments) {
		throw exceeded(limits, 'sparseSegments');
	}
	const numbers = Array.from({ length: 2 * count }, line);
	return { segments: pairs(numbers, limits), mapBytes: Math.ceil(at / 512) * 512 };
}

function interleaved(offsets: string | undefined, sizes: string | undefined): readonly string[] | undefined {
	const lengths = sizes?.split(',');
	return offsets?.split(',').flatMap((offset, index) => [offset, lengths?.[index] ?? '']);
}

function pairs(numbers: readonly string[], limits: ArchiveLimits): readonly SparseSegment[] {
	if (numbers.length > 2 * limits.sparseSegments) {
		throw exceeded(limits, 'sparseSegments');
	}
	const segments: SparseSegment[] = [];
	for (let index = 0; index + 1 < numbers.length; index += 2) {
		segments.push({ offset: wholeNumber(numbers[index]), bytes: wholeNumber(numbers[index + 1]) });
	}
	return segments;
}

function wholeNumber(text: string | undefined): number {
	if (text === undefined || !/^\d{1,16}$/.test(text)) {
		throw new ArchiveError('badHeader', undefined, { found: 'sparse map' });
	}
	return sizeOf(Number(text));
}
