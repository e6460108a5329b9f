import { readSource, type NamedSource } from '../core/layerFile';

/** The image that a tree's row is about: rows that are one carry it as `named`. Undefined for anything else. */
export function namedSourceOf(argument: unknown): NamedSource | undefined {
	if (typeof argument !== 'object' || argument === null || !('named' in argument)) {
		return undefined;
	}
	const named = argument.named as Partial<NamedSource> | undefined;
	const source = readSource(named?.source);
	return source !== undefined && typeof named?.name === 'string' ? { source, name: named.name } : undefined;
}
