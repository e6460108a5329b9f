/** What a tar header says of one entry. */
export interface TarEntry {
	/** Relative, with forward slashes; a directory's without the last one. */
	readonly path: string;
	readonly kind: 'file' | 'directory' | 'symlink' | 'hardlink';
	readonly mode: number;
	readonly size: number;
	readonly link: string | undefined;
	readonly mtimeMs: number;
}

const block = 512;
const typeflags = { file: '0', hardlink: '1', symlink: '2', directory: '5' } as const;
/** Largest number of the size and mtime fields: eleven octal digits. */
const largest = 8 ** 11 - 1;

/**
 * The header blocks of one entry (POSIX ustar, with a pax header before it where a name, a size or a time does not
 * fit). Owner and group are 0 and nameless, as the docker CLI sends them: BuildKit keeps what the tar says.
 *
 * Ours and not tar-stream's, whose pack cannot write a mode of 0, overflows at the year 2038 and takes headers
 * without back-pressure, so that a context of many folders would stand in memory.
 */
export function tarHeader(entry: TarEntry): Buffer {
	const path = entry.kind === 'directory' ? `${entry.path}/` : entry.path;
	const seconds = Math.floor(entry.mtimeMs / 1000);
	const records = {
		...(fits(path) ? {} : { path }),
		...(entry.link === undefined || fits(entry.link) ? {} : { linkpath: entry.link }),
		...(entry.size > largest ? { size: String(entry.size) } : {}),
		...(seconds < 0 || seconds > largest ? { mtime: String(seconds) } : {}),
	};
	const mtime = Math.min(Math.max(seconds, 0), largest);
	const header = ustar({
		name: fits(path) ? path : 'pax', typeflag: typeflags[entry.kind], mode: entry.mode,
		size: Math.min(entry.size, largest), mtime, link: entry.link !== undefined && fits(entry.link) ? entry.link : '',
	});
	const pax = Buffer.from(Object.entries(records).map(([key, value]) => paxRecord(key, value)).join(''));
	if (pax.length === 0) {
		return header;
	}
	return Buffer.concat([
		ustar({ name: 'PaxHeader', typeflag: 'x', mode: 0o644, size: pax.length, mtime, link: '' }),
		pax,
		Buffer.alloc(paddingOf(pax.length)),
		header,
	]);
}

/** Zeros that fill the last block of a body of `size` bytes. */
export function paddingOf(size: number): number {
	return (block - (size % block)) % block;
}

/** The end of an archive: two empty blocks. */
export const tarEnd = Buffer.alloc(2 * block);

interface Fields {
	readonly name: string;
	readonly typeflag: string;
	readonly mode: number;
	readonly size: number;
	readonly mtime: number;
	readonly link: string;
}

function ustar(fields: Fields): Buffer {
	const header = Buffer.alloc(block);
	header.write(fields.name, 0, 100, 'latin1');
	header.write(octal(fields.mode, 7), 100, 'latin1');
	header.write(octal(0, 7), 108, 'latin1');
	header.write(octal(0, 7), 116, 'latin1');
	header.write(octal(fields.size, 11), 124, 'latin1');
	header.write(octal(fields.mtime, 11), 136, 'latin1');
	// The checksum counts its own field as spaces.
	header.fill(' ', 148, 156, 'latin1');
	header.write(fields.typeflag, 156, 'latin1');
	header.write(fields.link, 157, 100, 'latin1');
	header.write('ustar\0' + '00', 257, 'latin1');
	header.write(octal(0, 7), 329, 'latin1');
	header.write(octal(0, 7), 337, 'latin1');
	let sum = 0;
	for (const byte of header) {
		sum += byte;
	}
	header.write(`${octal(sum, 6)}\0 `, 148, 'latin1');
	return header;
}

function octal(value: number, digits: number): string {
	return value.toString(8).padStart(digits, '0');
}

/** `<length> <key>=<value>\n`, where the length counts its own digits. */
function paxRecord(key: string, value: string): string {
	const rest = Buffer.byteLength(` ${key}=${value}\n`);
	let length = rest + String(rest).length;
	length = rest + String(length).length;
	return `${length} ${key}=${value}\n`;
}

function fits(name: string): boolean {
	return name.length <= 100 && /^[\x01-\x7f]*$/.test(name);
}
