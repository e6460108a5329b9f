import type { Change } from './changes';
import type { LayerStack } from './layeredImage';
import { hashOf } from './layerIndex';
import { childrenOf, contentOf, metadataOf, rootOf, walkTree, type TreeNode } from './tree';

/** A path that differs between the final trees of two images. */
export interface FileDifference {
	readonly path: string;
	/** From A to B. */
	readonly change: Change;
	readonly a: TreeNode | undefined;
	readonly b: TreeNode | undefined;
}

export interface ImageComparison {
	/** diffIDs, lowest first, each once. */
	readonly layers: { readonly shared: readonly string[]; readonly onlyA: readonly string[]; readonly onlyB: readonly string[] };
	/** Sorted by path. */
	readonly files: readonly FileDifference[];
}

/** A content in one of the two images. */
export interface ContentPlace {
	readonly side: 'a' | 'b';
	readonly layer: number;
	readonly content: number;
}

/**
 * Compares two images: their layers, and the trees that containers of them see. A file differs in kind, mode, owner,
 * extended attributes, size or content; times do not count. Where an index has no fingerprint of a content (it was read
 * by its headers alone) `fingerprint` is asked for one, but only for files that are alike in everything else.
 */
export async function compareImages(a: LayerStack, b: LayerStack, fingerprint: (place: ContentPlace) => Promise<string>): Promise<ImageComparison> {
	const files: FileDifference[] = [];
	for (const difference of differences(a, b, rootOf(a), rootOf(b))) {
		if (difference.change !== undefined) {
			files.push({ ...difference, change: difference.change });
			continue;
		}
		const [left, right] = await Promise.all([
			fingerprint({ side: 'a', ...contentOf(a, difference.a!)! }),
			fingerprint({ side: 'b', ...contentOf(b, difference.b!)! }),
		]);
		if (left !== right) {
			files.push({ ...difference, change: 'modified' });
		}
	}
	files.sort((left, right) => left.path < right.path ? -1 : 1);
	const [inA, inB] = [a, b].map(stack => new Set(stack.map(index => index.diffId))) as [Set<string>, Set<string>];
	return {
		layers: {
			shared: [...inA].filter(diffId => inB.has(diffId)),
			onlyA: [...inA].filter(diffId => !inB.has(diffId)),
			onlyB: [...inB].filter(diffId => !inA.has(diffId)),
		},
		files,
	};
}

/** A change of undefined: alike as far as the indexes tell. */
type Difference = Omit<FileDifference, 'change'> & { readonly change: Change | undefined };

function* differences(a: LayerStack, b: LayerStack, left: TreeNode, right: TreeNode): Generator<Difference> {
	if (isSameDirectory(a, b, left, right)) {
		return;
	}
	const inB = new Map(childrenOf(b, right).map(node => [node.name, node]));
	for (const before of childrenOf(a, left)) {
		const after = inB.get(before.name);
		inB.delete(before.name);
		if (after === undefined) {
			yield* all(a, before, node => ({ path: node.path, change: 'removed', a: node, b: undefined }));
			continue;
		}
		const change = changeBetween(a, b, before, after);
		if (change !== 'same') {
			yield { path: before.path, change: change === 'modified' ? 'modified' : undefined, a: before, b: after };
		}
		if (before.kind === 'directory' && after.kind === 'directory') {
			yield* differences(a, b, before, after);
		} else {
			for (const node of walkTree(a, before)) {
				yield { path: node.path, change: 'removed', a: node, b: undefined };
			}
			for (const node of walkTree(b, after)) {
				yield { path: node.path, change: 'added', a: undefined, b: node };
			}
		}
	}
	for (const added of inB.values()) {
		yield* all(b, added, node => ({ path: node.path, change: 'added', a: undefined, b: node }));
	}
}

function* all(stack: LayerStack, node: TreeNode, difference: (node: TreeNode) => Difference): Generator<Difference> {
	yield difference(node);
	for (const below of walkTree(stack, node)) {
		yield difference(below);
	}
}

/** Nothing below can differ where the same layers make up both. */
function isSameDirectory(a: LayerStack, b: LayerStack, left: TreeNode, right: TreeNode): boolean {
	return left.parts.length === right.parts.length && left.parts.every((part, at) => {
		const other = right.parts[at]!;
		return part.node === other.node && a[part.layer]!.diffId === b[other.layer]!.diffId;
	});
}

function changeBetween(a: LayerStack, b: LayerStack, before: TreeNode, after: TreeNode): 'same' | 'modified' | 'unknown' {
	if (metadataOf(a, before) !== metadataOf(b, after) || before.size !== after.size) {
		return 'modified';
	}
	const left = contentOf(a, before);
	const right = contentOf(b, after);
	if (left === undefined || right === undefined || before.size === 0) {
		return left === right || before.size === 0 ? 'same' : 'modified';
	}
	const [inA, inB] = [a[left.layer]!, b[right.layer]!];
	if (inA.diffId === inB.diffId && left.content === right.content) {
		return 'same';
	}
	const [leftHash, rightHash] = [hashOf(inA, left.content), hashOf(inB, right.content)];
	return leftHash === undefined || rightHash === undefined ? 'unknown' : leftHash === rightHash ? 'same' : 'modified';
}
