import { posix, win32 } from 'node:path';

/** All of a machine that decides where its engine is; given, so that another machine can be told of in a test. */
export interface EndpointWorld {
	/** A URL, or the name of a Docker context; empty or undefined where the person set none. */
	readonly setting: string | undefined;
	readonly env: Readonly<Record<string, string | undefined>>;
	readonly homeDir: string;
	readonly platform: NodeJS.Platform;
	/** Undefined where there is no such file, or none that may be read. */
	readFile(path: string): Promise<Buffer | undefined>;
	exists(path: string): Promise<boolean>;
	/** Names in a folder; empty where there is none. */
	readFolder(path: string): Promise<readonly string[]>;
}

/** Where the Docker CLI keeps its configuration: DOCKER_CONFIG, else `~/.docker`. */
export function dockerConfigFolder(world: Pick<EndpointWorld, 'env' | 'homeDir' | 'platform'>): string {
	return world.env['DOCKER_CONFIG'] || pathsOf(world).join(world.homeDir, '.docker');
}

/** The path rules of the machine told of, which need not be this one. */
export function pathsOf(world: Pick<EndpointWorld, 'platform'>): typeof posix {
	return world.platform === 'win32' ? win32 : posix;
}
