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

/** True for a block of zeros. Blocks are told by where they start in a piece: cutting one out costs more than reading it. */
export function isZeroBlock(bytes: Buffer, start = 0): boolean {
	const end = start + blockBytes;
	for (let at = start; at < end; at++) {
		if (bytes[at] !== 0) {
			return false;
		}
	}
	return true;
}

/** True where the block's checksum holds, by either of the two sums that tars in the wild carry (unsigned, signed). */
export function isHeaderBlock(bytes: Buffer, start = 0): boolean {
	const claimed = octal(bytes, start + 148, 8);
	if (claimed === undefined) {
		return false;
	}
	let sum = 8 * space + sumOfBlock(bytes, start);
	for (let at = start + 148; at < start + 156; at++) {
		sum -= bytes[at]!;
	}
	return claimed === sum || claimed === sum - 256 * highBytes(bytes, start);
}

const blockWords = new Uint32Array(blockBytes / 4);
const wordBytes = Buffer.from(blockWords.buffer);

/** Most of a header's cost is its checksum: it is summed four bytes at a time, in two lanes of 16 bits that cannot overflow. */
function sumOfBlock(bytes: Buffer, start: number): number {
	bytes.copy(wordBytes, 0, start, start + blockBytes);
	let even = 0;
	let odd = 0;
	for (let at = 0; at < blockWords.length; at++) {
		const word = blockWords[at]!;
		even += word & 0xff00ff;
		odd += (word >>> 8) & 0xff00ff;
	}
	return (even & 0xffff) + (even >>> 16) + (odd & 0xffff) + (odd >>> 16);
}

/** How many bytes a signed sum counts as negative. */
function highBytes(bytes: Buffer, start: number): number {
	let count = 0;
	for (let at = 0; at < blockBytes; at++) {
		count += at < 148 || at >= 156 ? bytes[start + at]! >> 7 : 0;
	}
	return count;
}

/** Throws `badHeader`. The names are views of the bytes: who keeps them copies them. */
export function decodeHeader(bytes: Buffer, start = 0): TarHeader {
	if (!isHeaderBlock(bytes, start)) {
		throw new ArchiveError('badHeader', undefined, { found: 'checksum' });
	}
	const name = text(bytes, start, 100);
	const flag = bytes[start + 156]!;
	return {
		type: flag === 0 ? '0' : String.fromCharCode(flag),
		path: bytes[start + 345] === 0 ? name : prefixed(bytes, start, name),
		link: text(bytes, start + 157, 100),
		mode: number(bytes, start + 100, 8, 'mode'),
		uid: number(bytes, start + 108, 8, 'uid'),
		gid: number(bytes, start + 116, 8, 'gid'),
		size: sizeOf(number(bytes, start + 124, 12, 'size')),
		mtime: number(bytes, start + 136, 12, 'mtime'),
		// Some writers leave rubbish here for entries that are no device, so it is never an error.
		deviceMajor: numeric(bytes, start + 329, 8) ?? 0,
		deviceMinor: numeric(bytes, start + 337, 8) ?? 0,
	};
}

/** POSIX.1-1988 keeps the folders of a long path apart; GNU has other things there. */
function prefixed(bytes: Buffer, start: number, name: Buffer): Buffer {
	const isPosix = bytes.compare(posixMagic, 0, 6, start + 257, start + 263) === 0;
	return isPosix ? Buffer.concat([text(bytes, start + 345, 155), slash, name]) : name;
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
