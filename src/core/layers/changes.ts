import type { LayerStack } from './layeredImage';
import { childNamed, nameBytesOf, nameOf, nodeFlag, nodeKind } from './layerIndex';
import { nameBytes } from './nameBytes';
import { childOf, childrenOf, contentOf, metadataOf, rootOf, totalsOf, type TreeNode } from './tree';

/** What a layer did to a path. */
export type Change = 'added' | 'modified' | 'removed';

/**
 * A path that a layer changed, or a directory on the way to one. A directory is `modified` where its mode, owner or
 * extended attributes changed; that something in it changed does not make it so, and then `change` is undefined.
 */
export interface ChangeNode {
	readonly name: string;
	/** From `/`. */
	readonly path: string;
	readonly change: Change | undefined;
	/** What is there after the layer; for a removed path what was there before. */
	readonly entry: TreeNode;
	/** What was there before, where something was. */
	readonly before: TreeNode | undefined;
	/** True where everything of lower layers is gone from this directory, whether or not it is a directory still. */
	readonly hidesBefore: boolean;
}

/** What a subtree of changes comes to, the node itself included. Bytes count a content once, at its first name. */
export interface ChangeTotals {
	readonly added: number;
	readonly modified: number;
	readonly removed: number;
	/** Bytes of file content that the layer holds here. */
	readonly bytes: number;
	/** Bytes of file content of lower layers that it took from view. */
	readonly removedBytes: number;
}

/** The changes of one layer: everything about it is computed from this when asked for. */
export interface LayerChanges {
	readonly root: ChangeNode;
	/** Sorted by the bytes of their names. */
	children(node: ChangeNode): readonly ChangeNode[];
	totals(node: ChangeNode): ChangeTotals;
}

/** What the layer at a position of a stack (lowest 0) changed, against the merged view of those below it. */
export function changesOf(stack: LayerStack, layer: number): LayerChanges {
	const upTo = stack.slice(0, layer + 1);
	const below = stack.slice(0, layer);
	const before = layer === 0 ? undefined : rootOf(below);
	const isOpaque = (stack[layer]!.flags[0]! & nodeFlag.opaque) !== 0;
	const root: ChangeNode = { name: '', path: '/', change: undefined, entry: rootOf(upTo), before, hidesBefore: isOpaque };
	const known = new WeakMap<ChangeNode, ChangeTotals>();
	const changes: LayerChanges = {
		root,
		children: node => childChanges(upTo, below, layer, node),
		totals: node => {
			const totals = known.get(node) ?? computeTotals(changes, upTo, below, layer, node);
			known.set(node, totals);
			return totals;
		},
	};
	return changes;
}

/** Every change below a node, parents before children. */
export function* walkChanges(changes: LayerChanges, node: ChangeNode = changes.root): Generator<ChangeNode> {
	for (const child of changes.children(node)) {
		if (child.change !== undefined) {
			yield child;
		}
		yield* walkChanges(changes, child);
	}
}

function childChanges(stack: LayerStack, below: LayerStack, layer: number, node: ChangeNode): readonly ChangeNode[] {
	if (node.change === 'removed') {
		return childrenOf(below, node.entry).map(removed);
	}
	const index = stack[layer]!;
	const own = node.entry.kind === 'directory' ? node.entry.parts.find(part => part.layer === layer) : undefined;
	const before = node.before?.kind === 'directory' ? node.before : undefined;
	const found: ChangeNode[] = [];
	if (own !== undefined) {
		for (let child = index.firstChild[own.node]!; child < index.firstChild[own.node + 1]!; child++) {
			const change = changeOf(stack, below, layer, node, before, child);
			if (change !== undefined) {
				found.push(change);
			}
		}
	}
	if (before !== undefined && (node.hidesBefore || own === undefined)) {
		for (const child of childrenOf(below, before)) {
			const still = own === undefined ? undefined : childNamed(index, own.node, nameBytesOf(below[child.layer]!, child.node));
			if (still === undefined) {
				found.push(removed(child));
			}
		}
		return sortedByName(found);
	}
	return found;
}

function sortedByName(changes: readonly ChangeNode[]): readonly ChangeNode[] {
	return changes
		.map(change => ({ change, bytes: nameBytes(change.name) }))
		.sort((left, right) => Buffer.compare(left.bytes, right.bytes))
		.map(({ change }) => change);
}

function changeOf(stack: LayerStack, below: LayerStack, layer: number, directory: ChangeNode, directoryBefore: TreeNode | undefined, child: number): ChangeNode | undefined {
	const index = stack[layer]!;
	const name = nameOf(index, child);
	const before = directoryBefore === undefined ? undefined : childOf(below, directoryBefore, name);
	if (index.kind[child] === nodeKind.whiteout) {
		return before === undefined ? undefined : removed(before);
	}
	const entry = childOf(stack, directory.entry, name)!;
	// Where everything before is hidden even an implied directory is a new one.
	const isImplied = !directory.hidesBefore && (index.flags[child]! & nodeFlag.implied) !== 0;
	const hidesBefore = directory.hidesBefore || entry.kind !== 'directory' || (index.flags[child]! & nodeFlag.opaque) !== 0;
	return { name, path: entry.path, change: changeBetween(stack, below, before, entry, isImplied), entry, before, hidesBefore };
}

function changeBetween(stack: LayerStack, below: LayerStack, before: TreeNode | undefined, entry: TreeNode, isImplied: boolean): Change | undefined {
	if (before === undefined) {
		return 'added';
	}
	const isSame = entry.kind === 'directory' && before.kind === 'directory'
		&& (isImplied || metadataOf(stack, entry) === metadataOf(below, before));
	return isSame ? undefined : 'modified';
}

function removed(before: TreeNode): ChangeNode {
	return { name: before.name, path: before.path, change: 'removed', entry: before, before, hidesBefore: true };
}

function computeTotals(changes: LayerChanges, stack: LayerStack, below: LayerStack, layer: number, node: ChangeNode): ChangeTotals {
	if (node.change === 'removed') {
		const { bytes, entries } = totalsOf(below, node.entry);
		return { added: 0, modified: 0, removed: entries, bytes: 0, removedBytes: bytes };
	}
	if (node.change === 'added') {
		const { bytes, entries } = totalsOf(stack, node.entry);
		return { added: entries, modified: 0, removed: 0, bytes, removedBytes: 0 };
	}
	let { added, modified, removed: removedCount, bytes, removedBytes } = ownTotals(stack, below, layer, node);
	for (const child of changes.children(node)) {
		const totals = changes.totals(child);
		added += totals.added;
		modified += totals.modified;
		removedCount += totals.removed;
		bytes += totals.bytes;
		removedBytes += totals.removedBytes;
	}
	return { added, modified, removed: removedCount, bytes, removedBytes };
}

function ownTotals(stack: LayerStack, below: LayerStack, layer: number, { change, entry, before }: ChangeNode): ChangeTotals {
	const index = stack[layer]!;
	const content = entry.layer === layer && entry.kind !== 'directory' ? contentOf(stack, entry) : undefined;
	const isOwn = content?.layer === layer && index.contentNode[content.content] === entry.node;
	return {
		added: 0,
		modified: change === 'modified' ? 1 : 0,
		removed: 0,
		bytes: isOwn ? entry.size : 0,
		removedBytes: before !== undefined && before.kind !== 'directory' && change === 'modified' ? totalsOf(below, before).bytes : 0,
	};
}
