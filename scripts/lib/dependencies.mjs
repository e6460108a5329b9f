import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './project.mjs';
import { run } from './run.mjs';

/** `npm ci`, unless node_modules already holds what the lockfile names. Needs nothing from node_modules itself. */
export async function installDependencies() {
	if (!upToDate()) {
		console.log('Installing the dependencies (npm ci).');
		await run('npm', ['ci'], { cwd: root, show: true });
	}
}

function upToDate() {
	const there = join(root, 'node_modules/.package-lock.json');
	if (!existsSync(there)) {
		return false;
	}
	const packages = file => JSON.parse(readFileSync(file, 'utf8')).packages;
	const present = packages(there);
	// Optional ones are for other machines.
	return Object.entries(packages(join(root, 'package-lock.json')))
		.every(([path, { version, optional }]) => path === '' || optional || present[path]?.version === version);
}
