import type { Builder, EngineInfo } from '../engine/engine';
import type { SecretSource } from './secretSource';

/** What a build is asked for. */
export interface BuildOptions {
	/** Absolute paths. */
	readonly contextPath: string;
	readonly dockerfilePath: string;
	readonly tags: readonly string[];
	/** A stage's name; undefined: the last stage. */
	readonly target: string | undefined;
	readonly buildArgs: Readonly<Record<string, string>>;
	readonly noCache: boolean;
	/** Looks for newer bases in the registry. */
	readonly pull: boolean;
	readonly platform: string | undefined;
	readonly labels: Readonly<Record<string, string>>;
	readonly network: 'default' | 'none' | 'host' | undefined;
	/** `auto`: BuildKit where the engine has it. */
	readonly builder: Builder | 'auto';
	/** Builds with the frontend in the engine although a `# syntax=` line asks for another. */
	readonly ownFrontend: boolean;
	/** Where the secrets come from that RUN mounts, by id. */
	readonly secrets: Readonly<Record<string, SecretSource>>;
	/** Whether a RUN that mounts the SSH agent may use this machine's. */
	readonly sshAgent: boolean;
}

/** What builds are asked for where nothing was chosen for a Dockerfile: the settings. */
export interface BuildDefaults {
	readonly buildArgs: Readonly<Record<string, string>>;
	readonly network: 'default' | 'none' | 'host';
	readonly builder: BuildOptions['builder'];
}

/** A build of this Dockerfile that asks for nothing in particular. */
export function plainBuild(contextPath: string, dockerfilePath: string): BuildOptions {
	return {
		contextPath, dockerfilePath, tags: [], target: undefined, buildArgs: {}, noCache: false, pull: false, platform: undefined,
		labels: {}, network: undefined, builder: 'auto', ownFrontend: false, secrets: {}, sshAgent: false,
	};
}

export function chooseBuilder(asked: BuildOptions['builder'], engine: EngineInfo): Builder {
	return asked === 'auto' ? engine.hasBuildKit ? 'buildkit' : 'classic' : asked;
}

/** The engine's platform as images name it: `linux/amd64`. */
export function enginePlatform(engine: EngineInfo): string {
	const architectures: Readonly<Record<string, string>> = { x86_64: 'amd64', aarch64: 'arm64', armv7l: 'arm/v7', armv6l: 'arm/v6' };
	return `${engine.os}/${architectures[engine.architecture] ?? engine.architecture}`;
}
