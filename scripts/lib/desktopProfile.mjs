import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheRoot } from './cache.mjs';

/** The folder of a VS Code profile for `npm start`, kept from one time to the next, with these settings. */
export async function desktopProfile(settings) {
	const folder = join(cacheRoot, 'desktop-profile');
	await mkdir(join(folder, 'User'), { recursive: true });
	await writeFile(join(folder, 'User/settings.json'), JSON.stringify({ 'workbench.startupEditor': 'none', ...settings }));
	return folder;
}
