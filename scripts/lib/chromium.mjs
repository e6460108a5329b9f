import { install } from './debian.mjs';
import { onPath } from './run.mjs';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** The path of a Chromium; Debian's is installed if there is none. */
export async function findChromium() {
	const found = process.env.STRATA_CHROMIUM ?? await firstOnPath();
	if (found) {
		return found;
	}
	await install(['chromium']);
	return firstOnPath();
}

async function firstOnPath() {
	for (const name of names) {
		const path = await onPath(name);
		if (path) {
			return path;
		}
	}
	return undefined;
}

/** A browser without a person: no sandbox (root), no GPU, and none of its own traffic. */
export const chromiumArguments = [
	'--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
	'--disable-background-networking', '--disable-component-update', '--disable-sync',
];
