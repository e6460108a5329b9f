import type { CacheRecord } from './engine';

/**
 * Whether a record of BuildKit's cache is a layer of a base image. Those that the containerd store already has carry no
 * description (seen on 28.5); a layer that a build made always does.
 */
export function isBaseRecord({ description, type }: CacheRecord): boolean {
	return (description === '' && type === 'regular') || description.startsWith('from local ') || description.startsWith('pulled from ');
}
