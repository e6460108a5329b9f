import { posix } from 'node:path';
import type { ResolvedInstruction } from './dockerfile/resolved';

/**
 * Where in the build context a file of an image may have come from, by the COPY or ADD that put it there: paths
 * relative to the context, the likeliest first. A pattern (`*.conf`) gives the file of its folder with the same name.
 * Empty for what copies from elsewhere.
 */
export function copyOrigins({ instruction: { keyword }, words, source, workdir }: ResolvedInstruction, path: string): readonly string[] {
	if ((keyword !== 'COPY' && keyword !== 'ADD') || source?.kind !== 'context' || words.length < 2) {
		return [];
	}
	const sources = words.slice(0, -1).filter(word => !/^(?:https?|git|ssh):\/\/|^git@/.test(word));
	const written = words.at(-1)!;
	const destination = posix.resolve(workdir === '' ? '/' : workdir, written);
	const origins = sources.flatMap(word => {
		const from = posix.normalize(word).replace(/^\/+/, '');
		const isPattern = /[*?[]/.test(from);
		const inFolder = below(destination, path);
		return [
			// A file under a name of its own.
			...path === destination && !isPattern ? [from] : [],
			// A file into a folder.
			...inFolder !== undefined && inFolder === posix.basename(isPattern ? path : from) ? [isPattern ? posix.join(posix.dirname(from), inFolder) : from] : [],
			// A folder's content.
			...inFolder !== undefined && !isPattern ? [posix.join(from, inFolder)] : [],
			// Folders that a pattern names: their content comes, not they.
			...inFolder !== undefined && isPattern ? [posix.join(posix.dirname(from), inFolder)] : [],
		];
	});
	return [...new Set(origins)].filter(origin => origin !== '.' && !origin.startsWith('../'));
}

function below(folder: string, path: string): string | undefined {
	const prefix = folder === '/' ? '/' : `${folder}/`;
	return path.startsWith(prefix) ? path.slice(prefix.length) : undefined;
}
