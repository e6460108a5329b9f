import { Decompress } from 'fzstd';
import zlib, { type Gunzip } from 'node:zlib';
import { ArchiveError, exceeded } from './archiveError';
import type { ArchiveLimits } from './limits';

export type Compression = 'gzip' | 'zstd';

/** Uncompresses what is pushed into it; the output goes to the sink it was made with. */
export interface Inflater {
	/** Resolves when the bytes are consumed. Throws `badCompression`, `bound`, and what the sink throws. */
	write(bytes: Buffer): Promise<void>;
	/** Throws `truncated` where the compressed data is not complete. */
	end(): Promise<void>;
	/** Gives up what it holds. To be called in any case. */
	close(): void;
}

/** By the first bytes (RFC 1952; RFC 8878, frames and skippable frames). */
export function compressionOf(start: Buffer): Compression | undefined {
	if (start[0] === 0x1f && start[1] === 0x8b) {
		return 'gzip';
	}
	const magic = start.length < 4 ? 0 : start.readUInt32LE(0);
	return magic === zstdMagic || (magic & 0xfffffff0) >>> 0 === zstdSkippableMagic ? 'zstd' : undefined;
}

export function inflaterFor(compression: Compression, sink: (bytes: Buffer) => void, limits: ArchiveLimits): Inflater {
	const meter = meterFor(limits);
	const counted = (bytes: Buffer): void => {
		meter.out(bytes.length);
		sink(bytes);
	};
	if (compression === 'gzip') {
		return streamInflater(zlib.createGunzip({ chunkSize: 128 << 10 }), counted, meter, limits);
	}
	const native = nativeZstd(limits);
	return native === undefined ? plainZstd(counted, meter, limits) : streamInflater(native, counted, meter, limits);
}

const zstdMagic = 0xfd2fb528;
const zstdSkippableMagic = 0x184d2a50;

interface Meter {
	in(bytes: number): void;
	out(bytes: number): void;
}

function meterFor(limits: ArchiveLimits): Meter {
	let taken = 0;
	let given = 0;
	return {
		in: bytes => { taken += bytes; },
		out: bytes => {
			given += bytes;
			if (given > limits.layerBytes) {
				throw exceeded(limits, 'layerBytes');
			}
			if (given > limits.inflationFreeBytes && given > taken * limits.inflationRatio) {
				throw exceeded(limits, 'inflationRatio');
			}
		},
	};
}

/** zlib's streams work outside the event loop; one piece is under way at a time, so nothing queues up. */
function streamInflater(stream: Gunzip, sink: (bytes: Buffer) => void, meter: Meter, limits: ArchiveLimits): Inflater {
	let failure: unknown;
	let wake: (() => void) | undefined;
	// zlib ends by itself where something else follows the compressed data, and answers no write then.
	let ended = false;
	const fail = (error: unknown): void => {
		failure ??= error;
		stream.destroy();
		wake?.();
	};
	stream.on('data', (bytes: Buffer) => {
		try {
			if (failure === undefined) {
				sink(bytes);
			}
		} catch (error) {
			fail(error);
		}
	});
	stream.on('error', (error: NodeJS.ErrnoException) => { fail(zlibError(error, limits)); });
	stream.on('end', () => {
		ended = true;
		wake?.();
	});
	const step = (start: (done: (error?: Error | null) => void) => void): Promise<void> => new Promise((resolve, reject) => {
		wake = () => {
			wake = undefined;
			if (failure === undefined) {
				resolve();
			} else {
				reject(failure as Error);
			}
		};
		if (failure === undefined && !ended) {
			start(error => {
				if (error) {
					fail(zlibError(error, limits));
				}
				wake?.();
			});
		} else {
			wake();
		}
	});
	return {
		write: bytes => {
			meter.in(bytes.length);
			return step(done => { stream.write(bytes, done); });
		},
		end: () => step(() => { stream.end(); }),
		close: () => { stream.destroy(); },
	};
}

function zlibError(error: NodeJS.ErrnoException, limits: ArchiveLimits): ArchiveError {
	if (error.code === 'ZSTD_error_frameParameter_windowTooLarge') {
		return exceeded(limits, 'zstdWindowBytes');
	}
	const truncated = error.code === 'Z_BUF_ERROR' || error.code === 'ZSTD_error_srcSize_wrong' || /unexpected end/i.test(error.message);
	return new ArchiveError(truncated ? 'truncated' : 'badCompression', undefined, { found: error.message, cause: error });
}

/** Node has zstd from 22.15 on, and so has VS Code from 1.102 on. */
function nativeZstd(limits: ArchiveLimits): Gunzip | undefined {
	const { createZstdDecompress, constants } = zlib as unknown as {
		readonly createZstdDecompress?: (options: object) => Gunzip;
		readonly constants: { readonly ZSTD_d_windowLogMax?: number };
	};
	const windowLogMax = constants.ZSTD_d_windowLogMax;
	return createZstdDecompress === undefined || windowLogMax === undefined
		? undefined
		: createZstdDecompress({ chunkSize: 128 << 10, params: { [windowLogMax]: Math.floor(Math.log2(limits.zstdWindowBytes)) } });
}

/** In JavaScript, in small pieces, since one compressed byte may become a megabyte. */
function plainZstd(sink: (bytes: Buffer) => void, meter: Meter, limits: ArchiveLimits): Inflater {
	let start = Buffer.alloc(0);
	let checked = false;
	const decompress = new Decompress(bytes => {
		if (bytes.length > 0) {
			sink(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
		}
	});
	const push = (bytes: Buffer, final: boolean): void => {
		try {
			decompress.push(bytes, final);
		} catch (error) {
			throw error instanceof ArchiveError ? error : zstdError(error);
		}
	};
	const pushAll = async (bytes: Buffer): Promise<void> => {
		for (let at = 0; at < bytes.length; at += zstdPieceBytes) {
			const piece = bytes.subarray(at, at + zstdPieceBytes);
			meter.in(piece.length);
			push(piece, false);
			await new Promise<void>(resolve => { setImmediate(resolve); });
		}
	};
	const check = (): void => {
		checked = true;
		if (windowBytes(start) > limits.zstdWindowBytes) {
			throw exceeded(limits, 'zstdWindowBytes');
		}
	};
	return {
		write: async bytes => {
			// The window is allocated at the frame's header, so that is looked at first.
			if (!checked) {
				start = Buffer.concat([start, bytes]);
				if (start.length < 18) {
					return;
				}
				check();
				bytes = start;
			}
			await pushAll(Buffer.from(bytes));
		},
		end: async () => {
			if (!checked) {
				check();
				await pushAll(start);
			}
			push(Buffer.alloc(0), true);
		},
		close: () => undefined,
	};
}

const zstdPieceBytes = 16 << 10;

function zstdError(error: unknown): ArchiveError {
	const code = (error as { readonly code?: unknown }).code;
	const message = error instanceof Error ? error.message : String(error);
	// 5: ZstdErrorCode.UnexpectedEOF.
	return new ArchiveError(code === 5 ? 'truncated' : 'badCompression', undefined, { found: message, cause: error });
}

/** RFC 8878, 3.1.1.1: the window that the first frame asks for. */
function windowBytes(start: Buffer): number {
	if (start.length < 14 || start.readUInt32LE(0) !== zstdMagic) {
		return 0;
	}
	const descriptor = start[4]!;
	if ((descriptor & 0x20) === 0) {
		const window = start[5]!;
		const base = 2 ** (10 + (window >> 3));
		return base + (base / 8) * (window & 7);
	}
	const at = 5 + [0, 1, 2, 4][descriptor & 3]!;
	switch (descriptor >> 6) {
		case 0: return start[at]!;
		case 1: return start.readUInt16LE(at) + 256;
		case 2: return start.readUInt32LE(at);
		// A single segment of unknown size past 4 GiB is no layer that fits a window anyway.
		default: return at + 8 > start.length ? Infinity : Number(start.readBigUInt64LE(at));
	}
}
