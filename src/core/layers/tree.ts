import { ArchiveError } from './archiveError';
import {
	childNamed, compareNames, linkOf, nameOf, nodeFlag, nodeKind, noContent, xattrsOf, type LayerIndex,
} from './layerIndex';
import type { LayerStack } from './layeredImage';
import { nameBytes } from './nameBytes';
import type { TarEntryKind } from './tarParser';

export type EntryKind = TarEntryKind;

/** A node of one layer. */
export interface LayerNode {
	/** Position in the stack, lowest 0. */
	readonly layer: number;
	readonly node: number;
}

/**
 * A path of the merged view: what a container sees when the layers up to one are on top of each other. Children are
 * computed when asked for.
 */
export interface TreeNode {
	readonly name: string;
	/** From `/`. */
	readonly path: string;
	readonly kind: EntryKind;
	/** The layer whose entry is seen. */
	readonly layer: number;
	readonly node: number;
	/** Bytes of a file as it reads; 0 for what is no file. */
	readonly size: number;
	readonly mode: number;
	readonly uid: number;
	readonly gid: number;
	/** Milliseconds since the epoch. */
	readonly modifiedAt: number;
	/** Target of a symlink or a hard link. */
	readonly link: string | undefined;
	/** `major:minor` of a device. */
	readonly device: string | undefined;
	/** For a directory: the layers that make it up, highest first. */
	readonly parts: readonly LayerNode[];
}

/** What a subtree comes to. A file of several names counts at its first. */
export interface Totals {
	readonly bytes: number;
	/** Everything but directories. */
	readonly files: number;
	/** Everything, the node itself included. */
	readonly entries: number;
}

/** The root of the merged view of all layers of a stack. For the view up to layer n pass the layers up to n. */
export function rootOf(stack: LayerStack): TreeNode {
	return directoryNode(stack, '', '/', stack.map((_, layer) => ({ layer, node: 0 })).reverse());
}

/** Sorted by the bytes of their names. Nothing for what is no directory. */
export function childrenOf(stack: LayerStack, directory: TreeNode): readonly TreeNode[] {
	const children: TreeNode[] = [];
	const add = (same: readonly LayerNode[]): void => {
		const node = visibleNode(stack, directory, same);
		if (node !== undefined) {
			children.push(node);
		}
	};
	forEachRun(stack, directory.parts, add);
	return children;
}

/** A path from `/`; undefined where the view has none. Symlinks are not followed. */
export function findNode(stack: LayerStack, path: string, root = rootOf(stack)): TreeNode | undefined {
	let node: TreeNode | undefined = root;
	for (const name of path.split('/')) {
		if (name !== '' && name !== '.') {
			node = node === undefined ? undefined : childOf(stack, node, name);
		}
	}
	return node;
}

export function childOf(stack: LayerStack, directory: TreeNode, name: string): TreeNode | undefined {
	const bytes = nameBytes(name);
	const same: LayerNode[] = [];
	for (const { layer, node } of directory.parts) {
		const child = childNamed(stack[layer]!, node, bytes);
		if (child !== undefined) {
			same.push({ layer, node: child });
		}
	}
	return visibleNode(stack, directory, same);
}

/**
 * What a path leads to with symlinks followed, as a process in a container would see it: absolute targets start at the
 * image's root and `..` ends there. Undefined where it leads to nothing. Throws `linkLoop`.
 */
export function resolveNode(stack: LayerStack, path: string, root = rootOf(stack)): TreeNode | undefined {
	const above: TreeNode[] = [root];
	const names = path.split('/').reverse();
	for (let steps = 0; names.length > 0; ) {
		const name = names.pop()!;
		if (name === '' || name === '.') {
			continue;
		}
		if (name === '..') {
			above.length = Math.max(1, above.length - 1);
			continue;
		}
		const node = childOf(stack, above.at(-1)!, name);
		if (node === undefined) {
			return undefined;
		}
		if (node.kind !== 'symlink') {
			above.push(node);
			continue;
		}
		if (++steps > maxLinks) {
			throw new ArchiveError('linkLoop', path);
		}
		if (node.link?.startsWith('/') === true) {
			above.length = 1;
		}
		names.push(...(node.link ?? '').split('/').reverse());
	}
	return above.at(-1);
}

/** Every node below a directory, parents before children, in the order of names. */
export function* walkTree(stack: LayerStack, directory: TreeNode): Generator<TreeNode> {
	for (const child of childrenOf(stack, directory)) {
		yield child;
		yield* walkTree(stack, child);
	}
}

const totalsOfNode = new WeakMap<TreeNode, Totals>();

/** Costs nothing where one layer makes up the whole subtree. */
export function totalsOf(stack: LayerStack, node: TreeNode): Totals {
	if (node.kind !== 'directory') {
		return { bytes: ownBytes(stack[node.layer]!, node.node), files: 1, entries: 1 };
	}
	const totals = totalsOfNode.get(node) ?? directoryTotals(stack, node.parts);
	totalsOfNode.set(node, totals);
	return totals;
}

/** Where a file's content is: the layer that holds it and its number there. Undefined for what is no regular file. */
export function contentOf(stack: LayerStack, node: TreeNode): { readonly layer: number; readonly content: number } | undefined {
	const content = stack[node.layer]!.content[node.node]!;
	if (content !== noContent) {
		return { layer: node.layer, content };
	}
	const target = danglingTarget(stack, node);
	return target === undefined ? undefined : contentOf(stack, target);
}

/** A fingerprint of everything but content, size and time; for telling whether an entry changed. */
export function metadataOf(stack: LayerStack, { layer, node, mode, uid, gid, kind, link, device }: TreeNode): string {
	const shape = kind === 'hardlink' ? 'file' : kind;
	return [shape, mode, uid, gid, kind === 'symlink' ? link : '', device, xattrsOf(stack[layer]!, node)].join(' ');
}

function ownBytes(index: LayerIndex, node: number): number {
	const content = index.content[node]!;
	return content !== noContent && index.contentNode[content] === node ? index.contentSize[content]! : 0;
}

function directoryTotals(stack: LayerStack, parts: readonly LayerNode[]): Totals {
	const [first] = parts;
	if (parts.length === 1) {
		const index = stack[first!.layer]!;
		const { node } = first!;
		return { bytes: index.subtreeBytes[node]!, files: index.subtreeFiles[node]!, entries: index.subtreeEntries[node]! };
	}
	let [bytes, files, entries] = [0, 0, 1];
	forEachRun(stack, parts, same => {
		const top = same[0]!;
		const index = stack[top.layer]!;
		const kind = index.kind[top.node]!;
		if (same.length === 1) {
			bytes += index.subtreeBytes[top.node]!;
			files += index.subtreeFiles[top.node]!;
			entries += index.subtreeEntries[top.node]!;
		} else if (kind === nodeKind.directory) {
			const totals = directoryTotals(stack, visibleParts(stack, directoriesOf(stack, same)));
			bytes += totals.bytes;
			files += totals.files;
			entries += totals.entries;
		} else if (kind !== nodeKind.whiteout) {
			bytes += ownBytes(index, top.node);
			files++;
			entries++;
		}
	});
	return { bytes, files, entries };
}

/** For each name below any of the parts, in order, the nodes of that name in the order of the parts. */
export function forEachRun(stack: LayerStack, parts: readonly LayerNode[], use: (same: readonly LayerNode[]) => void): void {
	const cursors = parts.map(({ layer, node }) => {
		const index = stack[layer]!;
		return { layer, index, at: index.firstChild[node]!, end: index.firstChild[node + 1]! };
	}).filter(({ at, end }) => at < end);
	const [first] = cursors;
	if (first !== undefined && cursors.length === 1) {
		for (; first.at < first.end; first.at++) {
			use([{ layer: first.layer, node: first.at }]);
		}
		return;
	}
	for (;;) {
		let least: (typeof cursors)[number] | undefined;
		for (const cursor of cursors) {
			if (cursor.at < cursor.end && (least === undefined || compareNames(cursor.index, cursor.at, least.index, least.at) < 0)) {
				least = cursor;
			}
		}
		if (least === undefined) {
			return;
		}
		const { index, at } = least;
		const same: LayerNode[] = [];
		for (const cursor of cursors) {
			if (cursor === least || (cursor.at < cursor.end && compareNames(cursor.index, cursor.at, index, at) === 0)) {
				same.push({ layer: cursor.layer, node: cursor.at });
				cursor.at++;
			}
		}
		use(same);
	}
}

/** What of nodes of one path is seen: the highest, and for a directory what lies below it. */
function visibleNode(stack: LayerStack, directory: TreeNode, same: readonly LayerNode[]): TreeNode | undefined {
	const [top] = same;
	if (top === undefined) {
		return undefined;
	}
	const index = stack[top.layer]!;
	const kind = index.kind[top.node]!;
	if (kind === nodeKind.whiteout) {
		return undefined;
	}
	const name = nameOf(index, top.node);
	const path = directory.path === '/' ? `/${name}` : `${directory.path}/${name}`;
	if (kind !== nodeKind.directory) {
		return leafNode(stack, name, path, top);
	}
	return directoryNode(stack, name, path, directoriesOf(stack, same));
}

/** The nodes, highest first, that are directories with nothing else between. */
function directoriesOf(stack: LayerStack, same: readonly LayerNode[]): readonly LayerNode[] {
	const other = same.findIndex(({ layer, node }) => stack[layer]!.kind[node] !== nodeKind.directory);
	return other < 0 ? same : same.slice(0, other);
}

/** Those of a path's directories whose children are seen: down to the first opaque one. */
function visibleParts(stack: LayerStack, directories: readonly LayerNode[]): readonly LayerNode[] {
	const opaque = directories.findIndex(({ layer, node }) => (stack[layer]!.flags[node]! & nodeFlag.opaque) !== 0);
	return opaque < 0 ? directories : directories.slice(0, opaque + 1);
}

function directoryNode(stack: LayerStack, name: string, path: string, directories: readonly LayerNode[]): TreeNode {
	const parts = visibleParts(stack, directories);
	// A layer that only implies a directory says nothing of it; an opaque mark hides what is in it, not the directory.
	const said = directories.find(({ layer, node }) => !isImplied(stack[layer]!, node)) ?? directories[0];
	const index = said === undefined ? undefined : stack[said.layer]!;
	const node = said?.node ?? 0;
	return {
		name, path, kind: 'directory', parts,
		layer: said?.layer ?? 0, node,
		size: 0,
		mode: index?.mode[node] ?? 0o755, uid: index?.uid[node] ?? 0, gid: index?.gid[node] ?? 0,
		modifiedAt: index?.modifiedAt[node] ?? 0,
		link: undefined, device: undefined,
	};
}

function leafNode(stack: LayerStack, name: string, path: string, { layer, node }: LayerNode): TreeNode {
	const index = stack[layer]!;
	const kind = kindOf(index, node);
	const link = linkOf(index, node);
	const isDevice = kind === 'character' || kind === 'block';
	const content = index.content[node]!;
	const leaf: TreeNode = {
		name, path, kind, layer, node,
		size: content === noContent ? 0 : index.contentSize[content]!,
		mode: index.mode[node]!, uid: index.uid[node]!, gid: index.gid[node]!,
		modifiedAt: index.modifiedAt[node]!,
		link: isDevice ? undefined : link, device: isDevice ? link : undefined,
		parts: [],
	};
	const target = index.kind[node] === nodeKind.danglingLink ? danglingTarget(stack, leaf) : undefined;
	return target === undefined ? leaf : { ...leaf, size: target.size, mode: target.mode, uid: target.uid, gid: target.gid, modifiedAt: target.modifiedAt };
}

/** What a hard link of a layer refers to in the layers below it. */
function danglingTarget(stack: LayerStack, node: TreeNode): TreeNode | undefined {
	const { layer } = node;
	return stack[layer]!.kind[node.node] !== nodeKind.danglingLink || node.link === undefined || layer === 0
		? undefined
		: findNode(stack.slice(0, layer), node.link);
}

export function kindOf(index: LayerIndex, node: number): EntryKind {
	switch (index.kind[node]) {
		case nodeKind.directory: return 'directory';
		case nodeKind.symlink: return 'symlink';
		case nodeKind.character: return 'character';
		case nodeKind.block: return 'block';
		case nodeKind.fifo: return 'fifo';
		case nodeKind.danglingLink: return 'hardlink';
		default: return (index.flags[node]! & nodeFlag.hardLink) === 0 ? 'file' : 'hardlink';
	}
}

function isImplied(index: LayerIndex, node: number): boolean {
	return (index.flags[node]! & nodeFlag.implied) !== 0;
}

const maxLinks = 40;
