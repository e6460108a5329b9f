import { ArchiveError, exceeded } from './archiveError';
import type { ArchiveLimits } from './limits';
import { paxRecords } from './paxRecords';
import { isPaxSparse, oldGnuSegments, oldGnuLogicalSize, paxLogicalSize, paxSegments, type SparseSegment } from './sparse';
import { blockBytes, decodeHeader, isZeroBlock, sizeOf, type TarHeader } from './tarHeader';

export type TarEntryKind = 'file' | 'directory' | 'symlink' | 'hardlink' | 'character' | 'block' | 'fifo';

/**
 * One entry of a tar with its extension headers applied. Names are bytes as written, not made safe, and may be views
 * that hold during the call only.
 */
export interface TarEntry {
	readonly kind: TarEntryKind;
	readonly path: Buffer;
	readonly link: Buffer;
	/** Bytes of the body in the tar. */
	readonly bodyBytes: number;
	/** Bytes of the file as a reader sees it: more than the body's for a sparse file. */
	readonly size: number;
	/** Where the data of a sparse file goes; `inBody`: a PAX 1.0 map stands before the data. */
	readonly sparse: readonly SparseSegment[] | 'inBody' | undefined;
	readonly mode: number;
	readonly uid: number;
	readonly gid: number;
	/** Milliseconds since the epoch. */
	readonly modifiedAt: number;
	readonly deviceMajor: number;
	readonly deviceMinor: number;
	readonly xattrs: ReadonlyMap<string, Buffer> | undefined;
	/** Where the entry starts in the tar, its extension headers included. */
	readonly offset: number;
}

export interface TarHandler {
	entry(entry: TarEntry): void;
	/** A piece of the last entry's body; the bytes are valid during the call. Left out by who wants no bodies. */
	body?(bytes: Buffer): void;
	/** The last entry's body is complete; called for entries without one too. */
	entryEnd(): void;
}

type State = 'header' | 'extension' | 'sparse' | 'body' | 'padding' | 'end';

/**
 * Reads a tar that is pushed into it in pieces of any size; keeps one block at a time. Throws `ArchiveError` and must
 * not be used after that. tar-stream does not know sparse files, keeps no offsets, decodes names that are not UTF-8
 * into the same one, and cannot skip; so layers are read here.
 */
export class TarParser {
	/** Bytes taken so far. */
	offset = 0;
	/** Where the last entry's body starts. */
	bodyOffset = 0;
	private state: State = 'header';
	private readonly held = Buffer.allocUnsafe(blockBytes);
	private heldBytes = 0;
	/** Bytes until the state's end. */
	private left = 0;
	private paddingLeft = 0;
	private zeroBlocks = 0;
	private entryOffset: number | undefined;
	private extensionType = '';
	private extension: Buffer[] = [];
	private longPath: Buffer | undefined;
	private longLink: Buffer | undefined;
	private pax: ReadonlyMap<string, Buffer> | undefined;
	private sparseHeader: TarHeader | undefined;
	private segments: SparseSegment[] = [];
	private logicalSize = 0;

	constructor(private readonly handler: TarHandler, private readonly limits: ArchiveLimits) {}

	write(chunk: Buffer): void {
		let at = 0;
		while (at < chunk.length) {
			switch (this.state) {
				case 'header':
				case 'sparse': {
					const taken = Math.min(blockBytes - this.heldBytes, chunk.length - at);
					if (taken === blockBytes) {
						this.offset += blockBytes;
						this.block(chunk, at);
					} else {
						chunk.copy(this.held, this.heldBytes, at, at + taken);
						this.heldBytes += taken;
						this.offset += taken;
						if (this.heldBytes === blockBytes) {
							this.heldBytes = 0;
							this.block(this.held, 0);
						}
					}
					at += taken;
					break;
				}
				case 'extension':
				case 'body':
				case 'padding': {
					const taken = Math.min(this.left, chunk.length - at);
					if (this.state === 'extension') {
						this.extension.push(Buffer.from(chunk.subarray(at, at + taken)));
					} else if (this.state === 'body') {
						this.handler.body?.(chunk.subarray(at, at + taken));
					}
					at += taken;
					this.take(taken);
					break;
				}
				case 'end':
					this.offset += chunk.length - at;
					return;
			}
		}
	}

	/** Bytes that a reader may jump over, when it does not want the body. */
	get skippable(): number {
		return this.state === 'body' ? this.left + this.paddingLeft : this.state === 'padding' ? this.left : 0;
	}

	/** Says that `skippable` bytes were jumped over. */
	skip(): void {
		if (this.state === 'body') {
			this.take(this.left);
		}
		if (this.state === 'padding') {
			this.take(this.left);
		}
	}

	/** True after the end mark: whatever follows is no part of the tar. */
	get ended(): boolean {
		return this.state === 'end';
	}

	/**
	 * No more bytes come. Throws `truncated` in the middle of something, and with `marked` also where the end mark is
	 * missing; layers without one are accepted by engines, and their digest tells whether they are whole.
	 */
	end({ marked }: { readonly marked: boolean }): void {
		const clean = this.state === 'end' || (this.state === 'header' && this.heldBytes === 0 && this.entryOffset === undefined);
		if (!clean || (marked && this.state !== 'end' && this.zeroBlocks === 0)) {
			throw new ArchiveError('truncated');
		}
	}

	private take(bytes: number): void {
		this.offset += bytes;
		this.left -= bytes;
		if (this.left > 0) {
			return;
		}
		if (this.state === 'body') {
			this.handler.entryEnd();
			this.after('padding', this.paddingLeft);
		} else if (this.state === 'extension') {
			this.after('padding', this.paddingLeft);
			this.extended();
		} else {
			this.state = 'header';
		}
	}

	private after(state: 'extension' | 'body' | 'padding', bytes: number): void {
		this.state = bytes > 0 ? state : 'header';
		this.left = bytes;
		if (state !== 'padding') {
			this.paddingLeft = (blockBytes - bytes % blockBytes) % blockBytes;
		}
	}

	private block(bytes: Buffer, at: number): void {
		if (this.state === 'sparse') {
			this.moreSegments(bytes.subarray(at, at + blockBytes));
			return;
		}
		if (bytes[at] === 0 && isZeroBlock(bytes, at)) {
			if (this.entryOffset !== undefined) {
				throw new ArchiveError('badHeader', undefined, { found: 'extension without entry' });
			}
			this.zeroBlocks++;
			if (this.zeroBlocks === 2) {
				this.state = 'end';
			}
			return;
		}
		if (this.zeroBlocks > 0) {
			throw new ArchiveError('badHeader', undefined, { found: 'entry after the end' });
		}
		this.entryOffset ??= this.offset - blockBytes;
		const header = decodeHeader(bytes, at);
		switch (header.type) {
			case 'x': case 'g': case 'L': case 'K':
				if (header.size > this.limits.headerBytes) {
					throw exceeded(this.limits, 'headerBytes');
				}
				this.extensionType = header.type;
				this.extension = [];
				if (header.size === 0) {
					this.extended();
				} else {
					this.after('extension', header.size);
				}
				break;
			case 'S':
				// Its names are views of a block that the next ones overwrite.
				this.sparseHeader = { ...header, path: Buffer.from(header.path), link: Buffer.from(header.link) };
				this.logicalSize = oldGnuLogicalSize(bytes, at);
				this.segments = oldGnuSegments(bytes, at + 386, 4);
				if (bytes[at + 482] === 0) {
					this.sparseEntry();
				} else {
					this.state = 'sparse';
				}
				break;
			default:
				this.start(header, undefined, header.size);
		}
	}

	private extended(): void {
		const data = Buffer.concat(this.extension);
		this.extension = [];
		switch (this.extensionType) {
			case 'x': this.pax = paxRecords(data); break;
			case 'L': this.longPath = untilNul(data); break;
			case 'K': this.longLink = untilNul(data); break;
			// A global header (`g`) is a comment to engines; it opens no entry.
			default: this.entryOffset = undefined;
		}
	}

	private moreSegments(block: Buffer): void {
		this.segments.push(...oldGnuSegments(block, 0, 21));
		if (this.segments.length > this.limits.sparseSegments) {
			throw exceeded(this.limits, 'sparseSegments');
		}
		if (block[504] === 0) {
			this.sparseEntry();
		}
	}

	private sparseEntry(): void {
		this.start(this.sparseHeader!, this.segments, this.logicalSize);
	}

	private start(header: TarHeader, segments: readonly SparseSegment[] | undefined, size: number): void {
		const pax = this.pax;
		const path = pax?.get('GNU.sparse.name') ?? pax?.get('path') ?? this.longPath ?? header.path;
		const kind = kindOf(header.type, path);
		// Go's archive/tar, which engines use, gives these kinds no body whatever their size says.
		const bodyBytes = kind === 'file' ? paxSize(pax) ?? header.size : 0;
		const paxSparse = kind === 'file' && pax !== undefined && isPaxSparse(pax);
		const entry: TarEntry = {
			kind,
			path,
			link: pax?.get('linkpath') ?? this.longLink ?? header.link,
			bodyBytes,
			size: kind !== 'file' ? 0 : paxSparse ? paxLogicalSize(pax) : segments === undefined ? bodyBytes : size,
			sparse: paxSparse ? paxSegments(pax, this.limits) : segments,
			mode: header.mode & 0o7777,
			uid: Math.trunc(paxNumber(pax, 'uid') ?? header.uid) >>> 0,
			gid: Math.trunc(paxNumber(pax, 'gid') ?? header.gid) >>> 0,
			modifiedAt: Math.round((paxNumber(pax, 'mtime') ?? header.mtime) * 1000),
			deviceMajor: header.deviceMajor,
			deviceMinor: header.deviceMinor,
			xattrs: pax === undefined ? undefined : xattrsOf(pax),
			offset: this.entryOffset ?? this.offset - blockBytes,
		};
		if (entry.size > this.limits.fileBytes || bodyBytes > this.limits.fileBytes) {
			throw exceeded(this.limits, 'fileBytes', path.toString());
		}
		this.pax = this.longPath = this.longLink = this.entryOffset = this.sparseHeader = undefined;
		this.segments = [];
		this.bodyOffset = this.offset;
		this.after('body', bodyBytes);
		this.handler.entry(entry);
		if (bodyBytes === 0) {
			this.handler.entryEnd();
		}
	}
}

function kindOf(type: string, path: Buffer): TarEntryKind {
	switch (type) {
		case '1': return 'hardlink';
		case '2': return 'symlink';
		case '3': return 'character';
		case '4': return 'block';
		case '5': return 'directory';
		case '6': return 'fifo';
		// V7 knows no directories: a name that ends in a slash is one. Unknown types read as files (POSIX, ustar).
		default: return path.at(-1) === 0x2f ? 'directory' : 'file';
	}
}

function paxSize(pax: ReadonlyMap<string, Buffer> | undefined): number | undefined {
	const size = paxNumber(pax, 'size');
	return size === undefined ? undefined : sizeOf(size);
}

function paxNumber(pax: ReadonlyMap<string, Buffer> | undefined, key: string): number | undefined {
	const value = pax?.get(key);
	if (value === undefined) {
		return undefined;
	}
	const text = value.toString('latin1');
	if (!/^-?\d{1,20}(\.\d*)?$/.test(text)) {
		throw new ArchiveError('badHeader', undefined, { found: key });
	}
	return Number(text);
}

function xattrsOf(pax: ReadonlyMap<string, Buffer>): ReadonlyMap<string, Buffer> | undefined {
	const found = [...pax].filter(([key]) => key.startsWith('SCHILY.xattr.'));
	return found.length === 0 ? undefined : new Map(found.map(([key, value]) => [key.slice('SCHILY.xattr.'.length), value]));
}

function untilNul(data: Buffer): Buffer {
	const end = data.indexOf(0);
	return end < 0 ? data : data.subarray(0, end);
}
