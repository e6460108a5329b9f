import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { api } from './engineApi.mjs';

/** The engine that the user's own docker command would talk to, or another one at a usual place. */
export async function findUserEngine() {
	const runtime = process.env.XDG_RUNTIME_DIR;
	const candidates = [
		process.env.DOCKER_HOST,
		currentContext(),
		'unix:///var/run/docker.sock',
		runtime && `unix://${join(runtime, 'docker.sock')}`,
		`unix://${join(homedir(), '.docker/run/docker.sock')}`,
		runtime && `unix://${join(runtime, 'podman/podman.sock')}`,
	];
	for (const host of candidates) {
		if (host && await api(host, 'GET', '/_ping').then(() => true, () => false)) {
			return host;
		}
	}
	return undefined;
}

function currentContext() {
	const folder = process.env.DOCKER_CONFIG ?? join(homedir(), '.docker');
	const json = path => existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
	const name = process.env.DOCKER_CONTEXT ?? json(join(folder, 'config.json'))?.currentContext;
	const metas = join(folder, 'contexts/meta');
	if (!name || !existsSync(metas)) {
		return undefined;
	}
	return readdirSync(metas)
		.map(id => json(join(metas, id, 'meta.json')))
		.find(meta => meta?.Name === name)?.Endpoints?.docker?.Host;
}
