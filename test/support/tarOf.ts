import { pack } from 'tar-stream';
import { Readable } from 'node:stream';

/** One entry: text, bytes, or all that a tar can say. A name that ends in `/` is a directory. */
export type TarEntry = string | Buffer | {
	readonly data?: string | Buffer;
	/** Default 0644, directories 0755. */
	readonly mode?: number;
	/** Default 2024-01-01, so that a tar made twice is the same bytes. */
	readonly mtime?: Date;
	readonly uid?: number;
	readonly gid?: number;
	readonly type?: 'file' | 'directory' | 'symlink' | 'link' | 'fifo' | 'character-device' | 'block-device';
	readonly linkname?: string;
	readonly pax?: Readonly<Record<string, string>>;
};

export type TarFiles = Readonly<Record<string, TarEntry>>;

/** A tar of these files, in this order. */
export function tarOf(files: TarFiles): Readable {
	const tar = pack();
	for (const [name, file] of Object.entries(files)) {
		const entry = typeof file === 'string' || Buffer.isBuffer(file) ? { data: file } : file;
		const type = entry.type ?? (name.endsWith('/') ? 'directory' : 'file');
		tar.entry({
			name,
			type,
			mode: entry.mode ?? (type === 'directory' ? 0o755 : 0o644),
			mtime: entry.mtime ?? new Date(Date.UTC(2024, 0, 1)),
			uid: entry.uid ?? 0,
			gid: entry.gid ?? 0,
			...(entry.linkname === undefined ? {} : { linkname: entry.linkname }),
			...(entry.pax === undefined ? {} : { pax: { ...entry.pax } }),
		}, entry.data ?? '');
	}
	tar.finalize();
	return Readable.from(tar);
}

/** The same tar as bytes. */
export async function tarBytesOf(files: TarFiles): Promise<Buffer> {
	const chunks: Buffer[] = [];
	for await (const chunk of tarOf(files) as AsyncIterable<Buffer>) {
		chunks.push(chunk);
	}
	return Buffer.concat(chunks);
}
