import type { Change } from './changes';
import type { LayerStack } from './layeredImage';
import { childNamed, nodeFlag } from './layerIndex';
import { nameBytes } from './nameBytes';
import { findNode, metadataOf, type TreeNode } from './tree';

/** A layer that added, modified or removed a path. */
export interface Touch {
	/** Position in the stack, lowest 0. */
	readonly layer: number;
	readonly change: Change;
	/** What is there after the layer; for a removed path what was there before. */
	readonly entry: TreeNode;
}

/** Every layer that touched a path, lowest first; of a directory only what was done to itself. */
export function touchesOf(stack: LayerStack, path: string): readonly Touch[] {
	const touches: Touch[] = [];
	let before: TreeNode | undefined;
	for (let layer = 0; layer < stack.length; layer++) {
		const upTo = stack.slice(0, layer + 1);
		const after = findNode(upTo, path);
		if (after === undefined) {
			if (before !== undefined) {
				touches.push({ layer, change: 'removed', entry: before });
			}
		} else if (before === undefined) {
			touches.push({ layer, change: 'added', entry: after });
		} else if (isNew(upTo, path, before, after)) {
			touches.push({ layer, change: 'modified', entry: after });
		}
		before = after;
	}
	return touches;
}

function isNew(stack: LayerStack, path: string, before: TreeNode, after: TreeNode): boolean {
	if (before.kind === 'directory' || after.kind === 'directory') {
		return before.kind !== after.kind || metadataOf(stack, before) !== metadataOf(stack, after);
	}
	const index = stack.at(-1)!;
	let node: number | undefined = 0;
	for (const name of path.split('/')) {
		if (name !== '' && name !== '.') {
			node = node === undefined ? undefined : childNamed(index, node, nameBytes(name));
		}
	}
	return node !== undefined && (index.flags[node]! & nodeFlag.implied) === 0;
}
