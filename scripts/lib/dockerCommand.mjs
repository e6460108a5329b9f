import { join } from 'node:path';
import { whyNotRootOnDebian } from './debian.mjs';
import { installEngine } from './engines.mjs';

/** Docker's command line: that of the engine whose packages have one, where we may install it; else the machine's own. */
export async function findDocker() {
	if (await whyNotRootOnDebian()) {
		return 'docker';
	}
	const [folder] = await installEngine('20.10');
	return join(folder, 'usr/bin/docker');
}
