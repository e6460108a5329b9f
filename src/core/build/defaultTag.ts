import { basename, dirname } from 'node:path';

/**
 * The tag of a build for which nobody chose one: named after the Dockerfile's folder, below `strata/` so that it
 * cannot take the name of an image that somebody else made. `dev.Dockerfile` and `Dockerfile.dev` add their own name.
 */
export function defaultTag(dockerfilePath: string): string {
	const folder = partOf(basename(dirname(dockerfilePath))) || 'image';
	const own = partOf(basename(dockerfilePath).replace(/^(?:docker|container)file\.?|\.?(?:docker|container)file$/gi, ''));
	return `strata/${own === '' ? folder : `${folder}-${own}`}:latest`;
}

/** Only what a repository's name may hold (distribution/reference: lower case, digits, single separators inside). */
function partOf(name: string): string {
	return name.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '');
}
