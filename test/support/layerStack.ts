import type { LayerIndex } from '../../src/core/layers/layerIndex';
import { LayerScanner } from '../../src/core/layers/layerScanner';
import { defaultLimits } from '../../src/core/layers/limits';
import { rootOf, walkTree } from '../../src/core/layers/tree';
import { layerTar, type LayerEntry } from './layerTar';

/** Indexes of layers given by their entries, lowest first. */
export function stackOfTars(tars: readonly Buffer[]): readonly LayerIndex[] {
	return tars.map(indexOfTar);
}

export function stackOfEntries(...layers: readonly (readonly (LayerEntry | string)[])[]): readonly LayerIndex[] {
	return stackOfTars(layers.map(layerTar));
}

export function indexOfTar(tar: Buffer): LayerIndex {
	const scanner = new LayerScanner(defaultLimits);
	// Pieces that fall on no block boundary.
	for (let at = 0; at < tar.length; at += 1000) {
		scanner.write(tar.subarray(at, at + 1000));
	}
	return scanner.finish();
}

/** The merged view, a line for each path: `/a 1` a file and its size, `/a/` a directory, `/a -> b`, `/a => /b`. */
export function drawTree(stack: readonly LayerIndex[]): string {
	return [...walkTree(stack, rootOf(stack))].map(({ path, kind, size, link, device }) => {
		switch (kind) {
			case 'directory': return `${path}/`;
			case 'symlink': return `${path} -> ${link ?? ''}`;
			case 'hardlink': return `${path} => ${link ?? ''} ${size}`;
			case 'file': return `${path} ${size}`;
			case 'character': case 'block': case 'fifo': return `${path} ${kind}${device === undefined ? '' : ` ${device}`}`;
		}
	}).join('\n');
}
