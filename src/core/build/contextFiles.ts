import { lstat, readdir, readlink, stat } from 'node:fs/promises';
import type { BigIntStats, Dirent } from 'node:fs';
import { join } from 'node:path';
import { ContextError, toContextError } from './contextError';

/** Something in the build context, as it is packed and as its hash counts. Paths are relative, with forward slashes. */
export interface ContextEntry {
	readonly path: string;
	/** `other`: a socket, fifo or device; no builder takes one from a context, so it is not packed. */
	readonly kind: 'file' | 'directory' | 'symlink' | 'hardlink' | 'other';
	/** Permission bits, set-id and sticky included. */
	readonly mode: number;
	/** Bytes of content; 0 for all but files. */
	readonly size: number;
	/** A symlink's target as written; for a hard link the earlier path of the same file. */
	readonly link: string | undefined;
	readonly mtimeMs: number;
	readonly ctimeMs: number;
	readonly inode: bigint;
}

/** What of a folder belongs to the build context. Paths as in `ContextEntry`. */
export interface ContextFilter {
	includes(path: string): boolean;
	/** False where nothing below this folder can be included: then it is not walked. */
	mayIncludeBelow(folder: string): boolean;
}

const atOnce = 64;

/**
 * The entries of a build context: folders before what is in them, names in order. Nothing is held but the names of the
 * folders being walked and the inodes of files with several names. A folder that is itself excluded comes along when
 * something in it is included. Throws `ContextError`, and the signal's reason when aborted.
 */
export async function* listContext(root: string, filter: ContextFilter, signal: AbortSignal, platform: NodeJS.Platform = process.platform): AsyncGenerator<ContextEntry> {
	const about = await stat(root).catch(() => undefined);
	if (!about?.isDirectory()) {
		throw new ContextError('missingContext', root);
	}
	const walk: Walk = { root, filter, signal, platform, names: new Map() };
	for await (const batch of walkFolder(walk, '', [])) {
		yield* batch;
	}
}

interface Walk {
	readonly root: string;
	readonly filter: ContextFilter;
	readonly signal: AbortSignal;
	readonly platform: NodeJS.Platform;
	/** First path of each file that has several, by device and inode. */
	readonly names: Map<string, string>;
}

interface Child {
	readonly path: string;
	readonly included: boolean;
}

/** `owed`: excluded folders on the way here, to be told before the first included thing below them. */
async function* walkFolder(walk: Walk, folder: string, owed: ContextEntry[]): AsyncGenerator<readonly ContextEntry[]> {
	const children = await readFolder(walk, folder);
	for (let start = 0; start < children.length; start += atOnce) {
		walk.signal.throwIfAborted();
		const some = children.slice(start, start + atOnce);
		const abouts = await Promise.all(some.map(child => about(walk, child.path)));
		let batch: ContextEntry[] = [];
		for (const [index, { path, included }] of some.entries()) {
			const entry = await entryOf(walk, path, abouts[index]!);
			if (included) {
				batch.push(...owed.splice(0), entry);
			}
			if (entry.kind === 'directory' && (included || walk.filter.mayIncludeBelow(path))) {
				yield batch;
				batch = [];
				for await (const inner of walkFolder(walk, path, included ? [] : [...owed, entry])) {
					if (inner.length > 0) {
						owed.length = 0;
					}
					yield inner;
				}
			}
		}
		yield batch;
	}
}

async function readFolder(walk: Walk, folder: string): Promise<readonly Child[]> {
	let found: Dirent[];
	try {
		found = await readdir(join(walk.root, folder), { withFileTypes: true });
	} catch (error) {
		throw toContextError(error, folder === '' ? walk.root : folder);
	}
	const children: Child[] = [];
	for (const child of found) {
		const path = folder === '' ? child.name : `${folder}/${child.name}`;
		const included = walk.filter.includes(path);
		// What is excluded for good is not even looked at.
		if (included || (child.isDirectory() && walk.filter.mayIncludeBelow(path))) {
			children.push({ path, included });
		}
	}
	return children.sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function about(walk: Walk, path: string): Promise<BigIntStats> {
	try {
		return await lstat(join(walk.root, path), { bigint: true });
	} catch (error) {
		throw toContextError(error, path);
	}
}

async function entryOf(walk: Walk, path: string, about: BigIntStats): Promise<ContextEntry> {
	const kind = kindOf(about);
	const earlier = kind === 'file' ? earlierName(walk, path, about) : undefined;
	return {
		path,
		kind: earlier === undefined ? kind : 'hardlink',
		mode: walk.platform === 'win32' ? 0o755 : Number(about.mode & 0o7777n),
		size: kind === 'file' && earlier === undefined ? Number(about.size) : 0,
		link: kind === 'symlink' ? await linkTarget(walk, path) : earlier,
		mtimeMs: Number(about.mtimeMs),
		ctimeMs: Number(about.ctimeMs),
		inode: about.ino,
	};
}

/** Where a file has several names in the context, the first one told. On Windows the CLI does not look for them. */
function earlierName(walk: Walk, path: string, about: BigIntStats): string | undefined {
	if (about.nlink <= 1n || walk.platform === 'win32') {
		return undefined;
	}
	const identity = `${about.dev}:${about.ino}`;
	const earlier = walk.names.get(identity);
	if (earlier === undefined && walk.filter.includes(path)) {
		walk.names.set(identity, path);
	}
	return earlier;
}

async function linkTarget(walk: Walk, path: string): Promise<string> {
	try {
		const target = await readlink(join(walk.root, path));
		return walk.platform === 'win32' ? target.replaceAll('\\', '/') : target;
	} catch (error) {
		throw toContextError(error, path);
	}
}

function kindOf(about: BigIntStats): 'file' | 'directory' | 'symlink' | 'other' {
	if (about.isFile()) {
		return 'file';
	}
	if (about.isDirectory()) {
		return 'directory';
	}
	return about.isSymbolicLink() ? 'symlink' : 'other';
}
