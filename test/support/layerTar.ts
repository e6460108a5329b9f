/**
 * Tars written header by header, so that a test can say what no library writes: whiteouts, the same path twice, GNU and
 * PAX extensions, sparse files, names that are not UTF-8, and headers that lie.
 */
export interface LayerEntry {
	readonly path: string | Buffer;
	/** Default: `directory` for a path that ends in `/`, else `file`. */
	readonly type?: keyof typeof typeFlags;
	readonly data?: string | Buffer;
	readonly link?: string | Buffer;
	readonly mode?: number;
	readonly uid?: number;
	readonly gid?: number;
	/** Seconds. Default 2024-01-01. */
	readonly mtime?: number;
	readonly device?: readonly [number, number];
	readonly pax?: Readonly<Record<string, string | Buffer>>;
	/** Written as GNU does where it does not fit: `L` and `K` headers instead of PAX. */
	readonly gnu?: boolean;
	/** The size field, where it shall not be the data's. */
	readonly size?: number | Buffer;
	/** The type flag itself, where `type` is not enough. */
	readonly flag?: string;
	/** Bytes put into the header at these offsets, before the checksum is made. */
	readonly patch?: Readonly<Record<number, string | Buffer>>;
}

const typeFlags = { file: '0', link: '1', symlink: '2', character: '3', block: '4', directory: '5', fifo: '6' };

/** A tar of these entries with its end mark. A text stands for a path with itself as data; see `entryOf`. */
export function layerTar(entries: readonly (LayerEntry | string)[]): Buffer {
	return Buffer.concat([...entries.map(entry => entryBytes(entryOf(entry))), Buffer.alloc(1024)]);
}

/**
 * Short forms: `a/b` a file whose data is its path, `a/` a directory, `a -> b` a symlink, `a => b` a hard link,
 * `-a` a whiteout, `-a/` an opaque whiteout of a directory, `a = text` a file with that text, `a * 100` one of that size.
 */
export function entryOf(entry: LayerEntry | string): LayerEntry {
	if (typeof entry !== 'string') {
		return entry;
	}
	const [path = '', sign, rest = ''] = entry.split(/ (->|=>|=|\*) /);
	if (path.startsWith('-')) {
		const name = path.slice(1);
		return name.endsWith('/') ? { path: `${name}.wh..wh..opq` } : { path: name.replace(/([^/]*)$/, '.wh.$1') };
	}
	switch (sign) {
		case '->': return { path, type: 'symlink', link: rest };
		case '=>': return { path, type: 'link', link: rest };
		case '=': return { path, data: rest };
		case '*': return { path, data: Buffer.alloc(Number(rest), path) };
		default: return path.endsWith('/') ? { path } : { path, data: path };
	}
}

export function entryBytes(entry: LayerEntry): Buffer {
	const path = Buffer.from(entry.path);
	const link = Buffer.from(entry.link ?? '');
	const type = entry.type ?? (path.at(-1) === 0x2f ? 'directory' : 'file');
	const data = Buffer.from(entry.data ?? '');
	const pax: Record<string, string | Buffer> = { ...entry.pax };
	const before: Buffer[] = [];
	if (path.length > 100) {
		if (entry.gnu === true) {
			before.push(extension('L', Buffer.concat([path, Buffer.from([0])])));
		} else {
			pax['path'] ??= path;
		}
	}
	if (link.length > 100) {
		if (entry.gnu === true) {
			before.push(extension('K', Buffer.concat([link, Buffer.from([0])])));
		} else {
			pax['linkpath'] ??= link;
		}
	}
	if (Object.keys(pax).length > 0) {
		before.push(extension('x', Buffer.concat(Object.entries(pax).map(([key, value]) => paxRecord(key, value)))));
	}
	const flag = entry.flag ?? typeFlags[type];
	return Buffer.concat([...before, headerBlock(entry, path, link, flag, data.length), padded(data)]);
}

export function paxRecord(key: string, value: string | Buffer): Buffer {
	const rest = Buffer.concat([Buffer.from(` ${key}=`), Buffer.from(value), Buffer.from('\n')]);
	let length = rest.length;
	while (String(length).length + rest.length !== length) {
		length = String(length).length + rest.length;
	}
	return Buffer.concat([Buffer.from(String(length)), rest]);
}

export function padded(data: Buffer): Buffer {
	return Buffer.concat([data, Buffer.alloc((512 - data.length % 512) % 512)]);
}

export function octal(value: number, length: number): string {
	return `${value.toString(8).padStart(length - 1, '0')}\0`;
}

function extension(flag: string, data: Buffer): Buffer {
	return Buffer.concat([headerBlock({ path: '././@LongLink' }, Buffer.from('././@LongLink'), Buffer.alloc(0), flag, data.length), padded(data)]);
}

function headerBlock(entry: LayerEntry, path: Buffer, link: Buffer, flag: string, dataBytes: number): Buffer {
	const block = Buffer.alloc(512);
	path.copy(block, 0, 0, 100);
	block.write(octal(entry.mode ?? (flag === '5' ? 0o755 : 0o644), 8), 100, 'latin1');
	block.write(octal(entry.uid ?? 0, 8), 108, 'latin1');
	block.write(octal(entry.gid ?? 0, 8), 116, 'latin1');
	if (Buffer.isBuffer(entry.size)) {
		entry.size.copy(block, 124);
	} else {
		block.write(octal(entry.size ?? dataBytes, 12), 124, 'latin1');
	}
	block.write(octal(entry.mtime ?? Date.UTC(2024, 0, 1) / 1000, 12), 136, 'latin1');
	block.write(flag, 156, 'latin1');
	link.copy(block, 157, 0, 100);
	block.write(entry.gnu === true || flag === 'S' ? 'ustar  \0' : 'ustar\x0000', 257, 'latin1');
	if (entry.device !== undefined) {
		block.write(octal(entry.device[0], 8), 329, 'latin1');
		block.write(octal(entry.device[1], 8), 337, 'latin1');
	}
	for (const [at, bytes] of Object.entries(entry.patch ?? {})) {
		Buffer.from(bytes as string, 'latin1').copy(block, Number(at));
	}
	block.fill(' ', 148, 156);
	let sum = 0;
	for (let at = 0; at < block.length; at++) {
		sum += block[at]!;
	}
	block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
	return block;
}
