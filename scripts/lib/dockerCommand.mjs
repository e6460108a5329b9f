import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { unpacked, whyNotRootOnDebian } from './debian.mjs';
import { installEngine } from './engines.mjs';

/** Docker's command line: that of the engine whose packages have one, where we may install it; else the machine's own. */
export async function findDocker() {
	if (await whyNotRootOnDebian()) {
		return 'docker';
	}
	const [folder] = await installEngine('20.10');
	return join(folder, 'usr/bin/docker');
}

/**
 * Docker's command line of today, whose `build` is buildx. `configuration` is a folder of the caller's, which it then wants
 * as DOCKER_CONFIG.
 */
export async function findBuildx(configuration) {
	if (await whyNotRootOnDebian()) {
		return 'docker';
	}
	const folder = await installBuildx();
	await writeFile(join(configuration, 'config.json'), JSON.stringify({ cliPluginsExtraDirs: [join(folder, 'usr/libexec/docker/cli-plugins')] }));
	return join(folder, 'usr/bin/docker');
}

export function installBuildx() {
	return unpacked('forky', 'docker-cli', ['docker-cli', 'docker-buildx']);
}
