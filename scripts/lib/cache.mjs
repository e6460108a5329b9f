import { existsSync } from 'node:fs';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { alive, until } from './run.mjs';

/** What is downloaded or made once and shared by every clone on the machine. */
export const cacheRoot = process.env.STRATA_CACHE
	?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'strata');

/**
 * The folder `name` in the cache, filled by `make(folder)` the first time. It is made under another
 * name and renamed when complete, so an interrupted installation is never mistaken for one.
 */
export async function installed(name, make) {
	const target = join(cacheRoot, name);
	if (existsSync(target)) {
		return target;
	}
	return locked(name, async () => {
		if (!existsSync(target)) {
			const unfinished = `${target}.unfinished`;
			await rm(unfinished, { recursive: true, force: true });
			await mkdir(unfinished, { recursive: true });
			await make(unfinished);
			await rename(unfinished, target);
		}
		return target;
	});
}

/** One process at a time. A lock whose owner is gone is taken over. */
export async function locked(name, work) {
	const lock = join(cacheRoot, `${name}.lock`);
	await mkdir(dirname(lock), { recursive: true });
	await until(`another process to finish with ${name}; if there is none, remove ${lock}`, 900, () => take(lock), 250);
	try {
		return await work();
	} finally {
		await rm(lock, { force: true });
	}
}

async function take(lock) {
	const mine = `${lock}.${process.pid}`;
	await writeFile(mine, String(process.pid));
	try {
		// Linked, not written, so that a lock always says whose it is.
		await link(mine, lock);
		return true;
	} catch (error) {
		if (error.code !== 'EEXIST') {
			throw error;
		}
		await removeIfOrphaned(lock, mine);
		return false;
	} finally {
		await rm(mine, { force: true });
	}
}

/** Moved aside before it goes: somebody else may have taken it over since it was read. */
async function removeIfOrphaned(lock, aside) {
	const owner = await readFile(lock, 'utf8').catch(() => '');
	if (owner && !alive(Number(owner))) {
		await rename(lock, aside).catch(() => {});
		const moved = await readFile(aside, 'utf8').catch(() => '');
		if (moved !== owner && moved !== String(process.pid)) {
			await link(aside, lock).catch(() => {});
		}
	}
}
