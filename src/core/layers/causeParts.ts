import type { Cause, CauseKind } from './causes';
import { nameOf, nodeKind, type LayerIndex } from './layerIndex';
import type { Waste } from './waste';

export const mostPaths = 10;

/** A directory or file of a layer that a cause counts. */
export interface Part {
	readonly path: string;
	readonly bytes: number;
	readonly files: number;
}

/** The sum of its parts. */
export function cause(kind: CauseKind, layer: number, parts: readonly Part[], wastedBytes: number, firstLayer?: number): Cause {
	const largest = [...parts].sort((left, right) => right.bytes - left.bytes);
	return {
		kind, layer, wastedBytes, firstLayer, packages: [],
		bytes: parts.reduce((sum, part) => sum + part.bytes, 0),
		files: parts.reduce((sum, part) => sum + part.files, 0),
		paths: largest.slice(0, mostPaths).map(part => part.path),
	};
}

/** Directories of a layer with their paths, parents first; does not go below one for which `enter` is false. */
export function* directories(index: LayerIndex, enter: (path: string) => boolean): Generator<readonly [node: number, path: string]> {
	const pending: (readonly [number, string])[] = [[0, '']];
	for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
		const [node, path] = next;
		yield next;
		if (path !== '' && !enter(path)) {
			continue;
		}
		for (let child = index.firstChild[node]!; child < index.firstChild[node + 1]!; child++) {
			if (index.kind[child] === nodeKind.directory) {
				pending.push([child, `${path}/${nameOf(index, child)}`]);
			}
		}
	}
}

/** Bytes below these directories of a layer that a later one buried. */
export function wastedBelow(waste: Waste, layer: number, directories: readonly string[]): number {
	const prefixes = directories.map(path => `${path}/`);
	return waste.files
		.filter(file => file.addedIn === layer && prefixes.some(prefix => file.path.startsWith(prefix)))
		.reduce((sum, file) => sum + file.bytes, 0);
}
