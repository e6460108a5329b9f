import type { EndpointWorld } from './endpointWorld';

export interface WellKnownSocket {
	readonly path: string;
	readonly url: string;
	/** The product that makes it. */
	readonly name: string;
}

/** Where engines put their sockets when nobody says otherwise, the most usual first. */
export function wellKnownSockets({ platform, env, homeDir }: Pick<EndpointWorld, 'platform' | 'env' | 'homeDir'>): readonly WellKnownSocket[] {
	if (platform === 'win32') {
		return [
			pipe('docker_engine', 'Docker'),
			pipe('dockerDesktopLinuxEngine', 'Docker Desktop'),
			pipe('podman-machine-default', 'Podman'),
		];
	}
	const runtime = env['XDG_RUNTIME_DIR'];
	const colima = env['COLIMA_HOME'] || `${homeDir}/.colima`;
	return [
		socket('/var/run/docker.sock', 'Docker'),
		...(runtime ? [socket(`${runtime}/docker.sock`, 'Docker rootless')] : []),
		socket(`${homeDir}/.docker/run/docker.sock`, 'Docker Desktop'),
		socket(`${homeDir}/.docker/desktop/docker.sock`, 'Docker Desktop'),
		socket(`${colima}/default/docker.sock`, 'Colima'),
		socket(`${homeDir}/.orbstack/run/docker.sock`, 'OrbStack'),
		socket(`${homeDir}/.rd/docker.sock`, 'Rancher Desktop'),
		socket(`${homeDir}/.lima/docker/sock/docker.sock`, 'Lima'),
		...(runtime ? [socket(`${runtime}/podman/podman.sock`, 'Podman')] : []),
		socket(`${homeDir}/.local/share/containers/podman/machine/podman.sock`, 'Podman'),
		socket('/run/podman/podman.sock', 'Podman'),
	];
}

function socket(path: string, name: string): WellKnownSocket {
	return { path, url: `unix://${path}`, name };
}

function pipe(pipeName: string, name: string): WellKnownSocket {
	return { path: `//./pipe/${pipeName}`, url: `npipe:////./pipe/${pipeName}`, name };
}
