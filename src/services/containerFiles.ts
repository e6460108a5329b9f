import { createWriteStream } from 'node:fs';
import { chmod, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { extract } from 'tar-stream';
import type { Engine } from '../core/engine/engine';
import { parentOf, type CopyUnit } from '../core/rebuild/copyPlan';

export interface ExportOptions {
	readonly signal: AbortSignal;
	/** Bytes of files written so far. */
	readonly onProgress?: (bytes: number) => void;
}

/** More than this is no container that somebody edited: it wants another way into an image. */
export const exportLimits = { files: 50_000, bytes: 4 * 2 ** 30 };

/**
 * Writes a Dockerfile and the files that it copies, as they are in the container, into a folder that must not exist. It
 * appears whole or not at all. Files are streamed; a path is written only where the plan names it, so none leads out of
 * the folder. Gives the paths that were gone when they were asked for.
 */
export async function exportContainerFiles(engine: Engine, containerId: string, folder: string, dockerfile: string, units: readonly CopyUnit[], options: ExportOptions): Promise<readonly string[]> {
	const unfinished = join(dirname(folder), `.${basename(folder)}.unfinished-${process.pid}`);
	await mkdir(dirname(folder), { recursive: true });
	await mkdir(unfinished);
	try {
		await writeFile(join(unfinished, 'Dockerfile'), dockerfile, { flag: 'wx' });
		const missing = await writeUnits(engine, containerId, unfinished, units, options);
		// Over a folder that came meanwhile this fails, unless that is empty.
		await rename(unfinished, folder);
		return missing;
	} finally {
		await rm(unfinished, { recursive: true, force: true });
	}
}

interface Target {
	readonly file: string;
	readonly isExecutable: boolean;
}

async function writeUnits(engine: Engine, containerId: string, folder: string, units: readonly CopyUnit[], { signal, onProgress }: ExportOptions): Promise<readonly string[]> {
	const waiting = new Map<string, Target>();
	const folders = new Set<string>();
	for (const unit of units) {
		const onDisk = (path: string): string => join(folder, unit.folder, ...path.split('/'));
		await mkdir(onDisk(unit.root), { recursive: true });
		for (const { path, kind, mode, link } of unit.entries) {
			await mkdir(onDisk(kind === 'directory' ? path : parentOf(path)), { recursive: true });
			if (kind === 'directory') {
				folders.add(path);
			} else if (kind === 'symlink') {
				await symlink(link ?? '', onDisk(path));
			} else {
				waiting.set(path, { file: onDisk(path), isExecutable: unit.mode === undefined && (mode & 0o111) !== 0 });
			}
		}
	}
	let bytes = 0;
	const write = async (target: Target, body: AsyncIterable<Buffer>): Promise<void> => {
		const counted = async function* (): AsyncGenerator<Buffer> {
			for await (const chunk of body) {
				bytes += chunk.length;
				onProgress?.(bytes);
				yield chunk;
			}
		};
		await pipeline(counted, createWriteStream(target.file, { flags: 'wx' }), { signal });
		// Whatever the umask of this process is: COPY takes the mode from the disk.
		await chmod(target.file, target.isExecutable ? 0o755 : 0o644);
	};
	const queue = [...rootsOf([...waiting.keys()], folders)];
	const work = async (): Promise<void> => {
		for (let root = queue.shift(); root !== undefined; root = queue.shift()) {
			await readRoot(engine, containerId, root, waiting, write, signal);
		}
	};
	await Promise.all(Array.from({ length: 4 }, work));
	// What came as a hard link to a file before it is asked for by its own name, which gives its bytes.
	for (const path of [...waiting.keys()]) {
		await readRoot(engine, containerId, path, waiting, write, signal);
	}
	for (const unit of units) {
		await plainFolders(join(folder, unit.folder), unit);
	}
	return [...waiting.keys()];
}

/** What to ask for so that every path comes: a whole folder where all of it is new, else the file. */
function rootsOf(paths: readonly string[], added: ReadonlySet<string>): ReadonlySet<string> {
	return new Set(paths.map(path => {
		let root = path;
		while (root !== '/' && added.has(parentOf(root))) {
			root = parentOf(root);
		}
		return root;
	}));
}

async function readRoot(engine: Engine, containerId: string, root: string, waiting: Map<string, Target>, write: (target: Target, body: AsyncIterable<Buffer>) => Promise<void>, signal: AbortSignal): Promise<void> {
	if (await engine.statInContainer(containerId, root, signal) === undefined) {
		return;
	}
	const above = parentOf(root);
	const stream = await engine.readFromContainer(containerId, root, signal);
	const tar = extract();
	stream.once('error', failure => { tar.destroy(failure); });
	try {
		for await (const entry of stream.pipe(tar)) {
			const path = `${above === '/' ? '' : above}/${entry.header.name.replace(/\/$/, '')}`;
			const target = entry.header.type === 'file' || entry.header.type === 'contiguous-file' ? waiting.get(path) : undefined;
			if (target === undefined) {
				entry.resume();
			} else {
				waiting.delete(path);
				await write(target, entry as unknown as AsyncIterable<Buffer>);
			}
		}
	} finally {
		stream.destroy();
	}
}

/** Folders are 0755 whatever the umask, since COPY takes their mode from the disk too. */
async function plainFolders(folder: string, { root, entries }: CopyUnit): Promise<void> {
	const all = new Set<string>();
	for (const { path, kind } of entries) {
		for (let one = kind === 'directory' ? path : parentOf(path); one !== root && one !== '/'; one = parentOf(one)) {
			all.add(one);
		}
	}
	for (const path of [...all, root]) {
		await chmod(join(folder, ...path.split('/')), 0o755);
	}
}
