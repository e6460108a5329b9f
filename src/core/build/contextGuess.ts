import { dirname, join, relative, sep } from 'node:path';
import type { ResolvedDockerfile } from '../dockerfile/resolved';

/**
 * Another folder that fits better as build context than the Dockerfile's own: the nearest one above it, up to `top`,
 * that has all the files which the Dockerfile copies from its context, where its own folder lacks some.
 * Undefined: the own folder is as good as any.
 */
export async function guessContext(
	dockerfilePath: string,
	top: string,
	resolved: ResolvedDockerfile,
	exists: (path: string) => Promise<boolean>,
): Promise<string | undefined> {
	const sources = contextSources(resolved);
	const hasAll = async (folder: string): Promise<boolean> =>
		(await Promise.all(sources.map(source => exists(join(folder, source))))).every(Boolean);
	const own = dirname(dockerfilePath);
	if (sources.length === 0 || await hasAll(own)) {
		return undefined;
	}
	for (let folder = own; folder !== top && isBelow(folder, top);) {
		folder = dirname(folder);
		if (await hasAll(folder)) {
			return folder;
		}
	}
	return undefined;
}

/** Plain paths only: of a pattern, an address or a path with an unknown variable nobody can say whether it is there. */
function contextSources({ instructions }: ResolvedDockerfile): readonly string[] {
	return instructions
		.filter(({ source, unset }) => source?.kind === 'context' && unset.length === 0)
		.flatMap(({ words }) => words.slice(0, -1))
		.filter(word => !/[*?[\]$]|^<<|^\w+:\/\/|^git@/.test(word));
}

function isBelow(folder: string, top: string): boolean {
	const path = relative(top, folder);
	return path !== '' && path !== '..' && !path.startsWith(`..${sep}`);
}
