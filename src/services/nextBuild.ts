import { dirname } from 'node:path';
import { plainBuild, type BuildDefaults, type BuildOptions } from '../core/build/buildOptions';
import type { Dockerfile } from '../core/dockerfile/model';
import { argNames } from '../core/dockerfile/nameValue';
import type { BuildChoices } from './buildOptionsStore';

/** The next build of a Dockerfile, as choices and settings have it; without tags. */
export function nextBuild(path: string, dockerfile: Dockerfile, choices: BuildChoices, defaults: BuildDefaults): BuildOptions {
	const network = defaults.network === 'default' ? undefined : defaults.network;
	return {
		...plainBuild(choices.contextPath ?? dirname(path), path),
		target: choices.target,
		buildArgs: { ...declared(defaults.buildArgs, dockerfile), ...choices.buildArgs },
		pull: choices.pull ?? false,
		platform: choices.platform,
		network: choices.network ?? network,
		builder: choices.builder ?? defaults.builder,
		secrets: choices.secrets ?? {},
		sshAgent: choices.sshAgent ?? false,
	};
}

/** The setting's arguments, as far as the Dockerfile declares them: a builder complains of others. */
function declared(buildArgs: Readonly<Record<string, string>>, { instructions, escape }: Dockerfile): Readonly<Record<string, string>> {
	const names = new Set(instructions.filter(({ keyword }) => keyword === 'ARG').flatMap(({ args }) => argNames(args, escape)).map(({ name }) => name));
	return Object.fromEntries(Object.entries(buildArgs).filter(([name]) => names.has(name)));
}
