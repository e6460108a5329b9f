import type { ExploredImage } from '../../core/exploredImage';
import type { ImageRow } from '../../core/image/historyRows';
import type { LayerFile, NamedSource } from '../../core/layerFile';
import type { ChangeNode } from '../../core/layers/changes';
import { childrenOf, totalsOf, type TreeNode } from '../../core/layers/tree';
import type { PathTree } from '../../core/pathTree';
import type { HistoryNode } from './imagesModel';

/** What is shown under a history row: what its layer did, or all that a container of the layers up to it sees. */
export type LayerView = 'changes' | 'files';

/** The root of one of the views of a layer. */
export interface LayerViewNode {
	readonly kind: 'changes' | 'files';
	readonly named: NamedSource;
	readonly layer: number;
	readonly row: ImageRow;
	readonly parent: HistoryNode;
	readonly explored: ExploredImage;
}

/** A path below it. */
export interface PathEntryNode {
	readonly kind: 'entry';
	readonly entry: ChangeNode | TreeNode;
	readonly view: LayerViewNode;
	readonly parent: LayerViewNode | PathEntryNode;
	/** What commands act on; for a removed path where it was last. */
	readonly file: LayerFile;
}

/** The end of a page, or a word on what is not there. */
export interface NoteNode {
	readonly kind: 'note';
	readonly id: string;
	readonly text: string;
	/** What a click on it draws anew: the folder that has more, or the row whose layers were not read. */
	readonly more: LayerViewNode | PathEntryNode | HistoryNode | undefined;
	readonly parent: HistoryNode | LayerViewNode | PathEntryNode;
}

export type LayerTreeNode = LayerViewNode | PathEntryNode | NoteNode;

export function isLayerNode(node: { readonly kind: string }): node is LayerTreeNode {
	return node.kind === 'changes' || node.kind === 'files' || node.kind === 'entry' || node.kind === 'note';
}

export function isChange(entry: ChangeNode | TreeNode): entry is ChangeNode {
	return 'hidesBefore' in entry;
}

/** What is there; of a removed path what was there. */
export function entryOf(entry: ChangeNode | TreeNode): TreeNode {
	return isChange(entry) ? entry.entry : entry;
}

/** Whether it can be opened in an editor. */
export function isReadableKind(kind: TreeNode['kind']): boolean {
	return kind === 'file' || kind === 'hardlink' || kind === 'symlink';
}

export function fileOf({ named, layer }: LayerViewNode, entry: ChangeNode | TreeNode): LayerFile {
	const isGone = isChange(entry) && entry.change === 'removed';
	return { ...named, layer: isGone ? layer - 1 : layer, path: entry.path };
}

const trees = new WeakMap<ExploredImage, Map<string, PathTree<ChangeNode | TreeNode>>>();

/** A view as a tree of paths; what was computed of it is kept as long as the image's layers are known. */
export function treeOf(view: LayerViewNode): PathTree<ChangeNode | TreeNode> {
	const known = trees.get(view.explored) ?? new Map<string, PathTree<ChangeNode | TreeNode>>();
	trees.set(view.explored, known);
	const key = `${view.kind} ${String(view.layer)}`;
	const tree = known.get(key) ?? (view.kind === 'changes' ? changesTree(view) : filesTree(view));
	known.set(key, tree);
	return tree;
}

function changesTree({ explored, layer }: LayerViewNode): PathTree<ChangeNode | TreeNode> {
	const changes = explored.changes(layer);
	const known = new WeakMap<object, readonly ChangeNode[]>();
	return {
		root: changes.root,
		children: node => remembered(known, node, () => isChange(node) ? changes.children(node) : []),
		bytes: node => {
			const { bytes, removedBytes } = isChange(node) ? changes.totals(node) : { bytes: 0, removedBytes: 0 };
			return Math.max(bytes, removedBytes);
		},
	};
}

function filesTree({ explored, layer }: LayerViewNode): PathTree<ChangeNode | TreeNode> {
	const stack = explored.upTo(layer);
	const known = new WeakMap<object, readonly TreeNode[]>();
	return {
		root: explored.root(layer),
		children: node => remembered(known, node, () => childrenOf(stack, entryOf(node))),
		bytes: node => totalsOf(stack, entryOf(node)).bytes,
	};
}

function remembered<T>(known: WeakMap<object, T>, key: object, compute: () => T): T {
	const value = known.get(key) ?? compute();
	known.set(key, value);
	return value;
}
