import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, open, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';

/** A file as far as its content is known by looking at it from outside. */
export interface FileStat {
	/** Relative to the folder, forward slashes. */
	readonly path: string;
	readonly size: number;
	readonly mtimeMs: number;
	readonly ctimeMs: number;
	readonly inode: bigint;
}

export interface HashProgress {
	readonly files: number;
	readonly of: number;
}

/** Tells of work that reads the files of a folder. */
export type WhileHashing = <T>(folder: string, work: (report: (progress: HashProgress) => void) => Promise<T>) => Promise<T>;

export interface ContentHashesSettings {
	/** Where the hashes of each folder are kept; made when first written to. */
	readonly storageFolder: string;
	readonly log: (message: string) => void;
}

/** Size, mtime, ctime, inode and hash: a tuple, as there may be 20,000 of them. */
type Known = readonly [size: number, mtimeMs: number, ctimeMs: number, inode: string, hash: string];

interface Folder {
	readonly root: string;
	readonly known: Map<string, Known>;
	changed: boolean;
}

const atOnce = 16;
const piece = 256 * 1024;
const version = 1;

/**
 * A file that changed this short a time before it was read may change again without its times showing it: clocks of
 * file systems are coarse. Its hash is used and not kept.
 */
const restlessMs = 100;

const unzip = promisify(gunzip);
const zip = promisify(gzip);

/**
 * SHA-256 of files, kept on disk. A file whose size, times and inode are as they were is not read again. Several windows
 * may share the folder: the last to write wins, and nothing worse happens than that a file is read twice.
 */
export class ContentHashes {
	private readonly folders = new Map<string, Promise<Folder>>();

	constructor(private readonly settings: ContentHashesSettings) {}

	/**
	 * The hashes of these files of a folder, by path. A file that cannot be read, or is gone, is left out. Throws the
	 * signal's reason when aborted; what was hashed until then is kept.
	 */
	async hash(root: string, files: readonly FileStat[], signal: AbortSignal, onProgress?: (progress: HashProgress) => void): Promise<ReadonlyMap<string, string>> {
		const folder = await this.open(root);
		signal.throwIfAborted();
		const hashes = new Map<string, string>();
		const unread: FileStat[] = [];
		for (const file of files) {
			const known = folder.known.get(file.path);
			if (known !== undefined && isSame(known, file)) {
				hashes.set(file.path, known[4]);
			} else {
				unread.push(file);
			}
		}
		let done = 0;
		const queue = unread[Symbol.iterator]();
		const work = async (): Promise<void> => {
			for (const file of queue) {
				signal.throwIfAborted();
				const startedAt = Date.now();
				const hash = await hashFile(join(root, file.path), file.size, signal);
				if (hash !== undefined) {
					hashes.set(file.path, hash);
					if (Math.max(file.ctimeMs, file.mtimeMs) < startedAt - restlessMs) {
						folder.known.set(file.path, [file.size, file.mtimeMs, file.ctimeMs, String(file.inode), hash]);
						folder.changed = true;
					}
				}
				onProgress?.({ files: ++done, of: unread.length });
			}
		};
		try {
			await Promise.all(Array.from({ length: Math.min(atOnce, unread.length) }, work));
		} finally {
			await this.save(folder);
		}
		return hashes;
	}

	/** Hashes that are known without reading anything but the list that is kept. */
	async recall(root: string, files: readonly FileStat[]): Promise<ReadonlyMap<string, string>> {
		const { known } = await this.open(root);
		return new Map(files.flatMap(file => {
			const found = known.get(file.path);
			return found !== undefined && isSame(found, file) ? [[file.path, found[4]] as const] : [];
		}));
	}

	/** Drops what is known of files that are not in the folder any more. */
	async keepOnly(root: string, paths: ReadonlySet<string>): Promise<void> {
		const folder = await this.open(root);
		for (const path of folder.known.keys()) {
			if (!paths.has(path)) {
				folder.known.delete(path);
				folder.changed = true;
			}
		}
		await this.save(folder);
	}

	private open(root: string): Promise<Folder> {
		let folder = this.folders.get(root);
		if (folder === undefined) {
			folder = this.read(root).then(known => ({ root, known, changed: false }));
			this.folders.set(root, folder);
		}
		return folder;
	}

	private async read(root: string): Promise<Map<string, Known>> {
		const packed = await readFile(this.fileOf(root)).catch(() => undefined);
		if (packed === undefined) {
			return new Map();
		}
		try {
			const stored: unknown = JSON.parse((await unzip(packed)).toString());
			if (isStored(stored) && stored.root === root) {
				return new Map(stored.files.map(([path, ...known]) => [path, known]));
			}
		} catch (error) {
			this.settings.log(`${this.fileOf(root)} cannot be read and is made anew: ${error instanceof Error ? error.message : String(error)}`);
		}
		return new Map();
	}

	private async save(folder: Folder): Promise<void> {
		if (!folder.changed) {
			return;
		}
		folder.changed = false;
		const path = this.fileOf(folder.root);
		const files = [...folder.known].map(([name, known]) => [name, ...known]);
		try {
			await mkdir(dirname(path), { recursive: true });
			const beside = `${path}.${String(process.pid)}`;
			await writeFile(beside, await zip(JSON.stringify({ version, root: folder.root, files }), { level: 1 }));
			await rename(beside, path);
		} catch (error) {
			// Next time the files are read again; nothing else is lost.
			this.settings.log(`${path} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
		}
	}

	private fileOf(root: string): string {
		return join(this.settings.storageFolder, `${createHash('sha256').update(root).digest('hex').slice(0, 24)}.json.gz`);
	}
}

function isSame([size, mtimeMs, ctimeMs, inode]: Known, file: FileStat): boolean {
	return size === file.size && mtimeMs === file.mtimeMs && ctimeMs === file.ctimeMs && inode === String(file.inode);
}

/** The hash of what is sent of a file: as many bytes as it had when it was listed. */
async function hashFile(path: string, size: number, signal: AbortSignal): Promise<string | undefined> {
	const hash = createHash('sha256');
	const file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)).catch(() => undefined);
	if (file === undefined) {
		return undefined;
	}
	try {
		const buffer = Buffer.allocUnsafe(Math.max(1, Math.min(size, piece)));
		for (let left = size; left > 0;) {
			signal.throwIfAborted();
			const { bytesRead } = await file.read(buffer, 0, Math.min(left, buffer.length), null);
			if (bytesRead === 0) {
				return undefined;
			}
			hash.update(buffer.subarray(0, bytesRead));
			left -= bytesRead;
		}
		return hash.digest('hex');
	} catch (error) {
		signal.throwIfAborted();
		if (error instanceof Error && 'code' in error) {
			return undefined;
		}
		throw error;
	} finally {
		await file.close();
	}
}

function isStored(value: unknown): value is { readonly root: string; readonly files: readonly (readonly [string, ...Known])[] } {
	return typeof value === 'object' && value !== null && 'version' in value && value.version === version
		&& 'root' in value && typeof value.root === 'string' && 'files' in value && Array.isArray(value.files);
}
