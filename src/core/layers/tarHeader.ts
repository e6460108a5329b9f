import { ArchiveError } from './archiveError';

/** One header block of a tar: V7, ustar (POSIX.1-1988), GNU, or PAX (POSIX.1-2001) before its records are applied. */
export interface TarHeader {
	/** The type flag as a character; NUL reads as `0`. */
	readonly type: string;
	readonly path: Buffer;
	readonly link: Buffer;
	readonly mode: number;
	readonly uid: number;
	readonly gid: number;
	/** Bytes of the body as the header says. */
	readonly size: number;
	/** Seconds since the epoch. */
	readonly mtime: number;
	readonly deviceMajor: number;
	readonly deviceMinor: number;
}

export const blockBytes = 512;

const space = 0x20;
const slash = Buffer.from('/');
const posixMagic = Buffer.from('ustar\0');

export function isZeroBlock(block: Buffer): boolean {
	if (block[0] !== 0) {
		return false;
	}
	for (let at = 0; at < blockBytes; at++) {
		if (block[at] !== 0) {
			return false;
		}
	}
	return true;
}

/** True where the block's checksum holds, by either of the two sums that tars in the wild carry (unsigned, signed). */
export function isHeaderBlock(block: Buffer): boolean {
	const claimed = octal(block, 148, 8);
	if (claimed === undefined) {
		return false;
	}
	let sum = 8 * space;
	for (let at = 0; at < 148; at++) {
		sum += block[at]!;
	}
	for (let at = 156; at < blockBytes; at++) {
		sum += block[at]!;
	}
	return claimed === sum || claimed === sum - 256 * highBytes(block);
}

/** How many bytes a signed sum counts as negative. */
function highBytes(block: Buffer): number {
	let count = 0;
	for (let at = 0; at < blockBytes; at++) {
		count += at < 148 || at >= 156 ? block[at]! >> 7 : 0;
	}
	return count;
}

/** Throws `badHeader`. The names are views of the block: who keeps them copies them. */
export function decodeHeader(block: Buffer): TarHeader {
	if (!isHeaderBlock(block)) {
		throw new ArchiveError('badHeader', undefined, { found: 'checksum' });
	}
	const name = text(block, 0, 100);
	const prefix = block[345] !== 0 && block.compare(posixMagic, 0, 6, 257, 263) === 0 ? text(block, 345, 155) : undefined;
	const flag = block[156]!;
	return {
		type: flag === 0 ? '0' : String.fromCharCode(flag),
		path: prefix === undefined || prefix.length === 0 ? name : Buffer.concat([prefix, slash, name]),
		link: text(block, 157, 100),
		mode: number(block, 100, 8, 'mode'),
		uid: number(block, 108, 8, 'uid'),
		gid: number(block, 116, 8, 'gid'),
		size: sizeOf(number(block, 124, 12, 'size')),
		mtime: number(block, 136, 12, 'mtime'),
		// Some writers leave rubbish here for entries that are no device, so it is never an error.
		deviceMajor: numeric(block, 329, 8) ?? 0,
		deviceMinor: numeric(block, 337, 8) ?? 0,
	};
}

/** A size as it may be: whole, not negative, countable. */
export function sizeOf(value: number): number {
	if (!Number.isSafeInteger(value) || value < 0) {
		throw new ArchiveError('badHeader', undefined, { found: `size ${value}` });
	}
	return value;
}

/** A number of a header: octal text, or GNU's base-256 where the first bit is set. Undefined where it is neither. */
export function numeric(block: Buffer, at: number, length: number): number | undefined {
	const first = block[at]!;
	if ((first & 0x80) === 0) {
		return octal(block, at, length);
	}
	const negative = (first & 0x40) !== 0;
	let value = negative ? (first | ~0x7f) : first & 0x7f;
	for (let next = at + 1; next < at + length; next++) {
		value = value * 256 + block[next]!;
	}
	return value;
}

function number(block: Buffer, at: number, length: number, field: string): number {
	const value = numeric(block, at, length);
	if (value === undefined) {
		throw new ArchiveError('badHeader', undefined, { found: field });
	}
	return value;
}

function octal(block: Buffer, at: number, length: number): number | undefined {
	let end = at + length;
	while (at < end && (block[at] === space || block[at] === 0)) {
		at++;
	}
	while (end > at && (block[end - 1] === space || block[end - 1] === 0)) {
		end--;
	}
	let value = 0;
	for (; at < end; at++) {
		const digit = block[at]! - 0x30;
		if (digit < 0 || digit > 7) {
			// A number ends at its first NUL; what is behind is rubbish of the writer's buffer.
			return block[at] === 0 ? value : undefined;
		}
		value = value * 8 + digit;
	}
	return value;
}

function text(block: Buffer, at: number, length: number): Buffer {
	let end = at;
	while (end < at + length && block[end] !== 0) {
		end++;
	}
	return end === at ? none : block.subarray(at, end);
}

const none = Buffer.alloc(0);
