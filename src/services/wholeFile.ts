import { createHash, randomBytes } from 'node:crypto';
import { link, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const unfinished = '.tmp';
/** What is unfinished for longer belongs to nobody any more: its writer was killed. */
const abandonedMs = 60 * 60 * 1000;

/**
 * Writes a file so that every reader finds the old content or the new, also where writers are killed or the machine
 * stops: written beside, flushed, then put in place. Several processes may write the same file; the last one wins.
 */
export async function writeWhole(path: string, text: string): Promise<void> {
	await rename(await writeBeside(path, text), path);
}

/** The same for a file that must not be there yet. False: another process was first, and its file stays. */
export async function createWhole(path: string, text: string): Promise<boolean> {
	const beside = await writeBeside(path, text);
	try {
		await link(beside, path);
		return true;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'EEXIST') {
			return false;
		}
		throw error;
	} finally {
		await rm(beside, { force: true });
	}
}

/** Removes what writers that were killed left beside their files. */
export async function removeAbandoned(folder: string): Promise<void> {
	const names = await readdir(folder).catch(() => []);
	await Promise.all(names.filter(name => name.endsWith(unfinished)).map(async name => {
		const path = join(folder, name);
		const writtenAt = await stat(path).then(({ mtimeMs }) => mtimeMs, () => undefined);
		if (writtenAt !== undefined && Date.now() - writtenAt > abandonedMs) {
			await rm(path, { force: true });
		}
	}));
}

/** A name for a file or folder that stands for any text, such as a path. */
export function fileNameOf(text: string): string {
	return createHash('sha256').update(text).digest('hex').slice(0, 24);
}

async function writeBeside(path: string, text: string): Promise<string> {
	await mkdir(dirname(path), { recursive: true });
	const beside = `${path}.${randomBytes(4).toString('hex')}${unfinished}`;
	const file = await open(beside, 'wx', 0o600);
	try {
		await file.writeFile(text);
		await file.sync();
	} finally {
		await file.close();
	}
	return beside;
}
