import type { ExploredImage } from './exploredImage';
import { childrenOf, contentOf, findNode, totalsOf, type TreeNode } from './layers/tree';
import type { WastedFile } from './layers/waste';
import type { LayerStack } from './layers/layeredImage';
import type { PictureNode } from './pictureMessages';

/** Parts smaller than this share of the whole are drawn together, so that a picture has some thousand parts at most. */
const leastShare = 1 / 1500;

/** The picture of a folder of the image's final view, wasted bytes included; undefined where there is nothing there. */
export function pictureOf(explored: ExploredImage, path: string): PictureNode | undefined {
	const top = explored.stack.length - 1;
	if (top < 0) {
		return undefined;
	}
	const stack = explored.upTo(top);
	const node = findNode(stack, path, explored.root(top));
	const wasted = foldersOf(explored.waste().files);
	const folder = wasted.get(path);
	if (node?.kind !== 'directory' && folder === undefined) {
		return undefined;
	}
	const whole = (node?.kind === 'directory' ? totalsOf(stack, node).bytes : 0) + (folder?.bytes ?? 0);
	return folderPicture({ stack, wasted, least: whole * leastShare }, node?.kind === 'directory' ? node : undefined, path, path === '/' ? '/' : path.slice(path.lastIndexOf('/') + 1));
}

interface WastedFolder {
	bytes: number;
	readonly folders: Set<string>;
	readonly files: WastedFile[];
}

interface Drawing {
	readonly stack: LayerStack;
	readonly wasted: ReadonlyMap<string, WastedFolder>;
	readonly least: number;
}

function folderPicture(drawing: Drawing, node: TreeNode | undefined, path: string, name: string): PictureNode {
	const { stack, wasted, least } = drawing;
	const gone = wasted.get(path);
	const parts: PictureNode[] = [];
	const inTree = new Set<string>();
	for (const child of node === undefined ? [] : childrenOf(stack, node)) {
		if (child.kind === 'directory') {
			inTree.add(child.path);
			const bytes = totalsOf(stack, child).bytes + (wasted.get(child.path)?.bytes ?? 0);
			parts.push(bytes < least ? small(child, bytes, wasted.get(child.path)?.bytes ?? 0) : folderPicture(drawing, child, child.path, child.name));
		} else if (totalsOf(stack, child).bytes > 0) {
			parts.push({ kind: 'file', name: child.name, path: child.path, bytes: child.size, wastedBytes: 0, layer: contentOf(stack, child)?.layer ?? child.layer, count: 1, children: [] });
		}
	}
	for (const folder of gone?.folders ?? []) {
		if (!inTree.has(folder)) {
			parts.push(folderPicture(drawing, undefined, folder, folder.slice(folder.lastIndexOf('/') + 1)));
		}
	}
	for (const { path: file, bytes, addedIn } of gone?.files ?? []) {
		parts.push({ kind: 'wasted', name: file.slice(file.lastIndexOf('/') + 1), path: file, bytes, wastedBytes: bytes, layer: addedIn, count: 1, children: [] });
	}
	const children = together(parts, path, least);
	return {
		kind: 'folder', name, path, count: 1, layer: undefined, children,
		bytes: children.reduce((sum, { bytes }) => sum + bytes, 0),
		wastedBytes: children.reduce((sum, { wastedBytes }) => sum + wastedBytes, 0),
	};
}

function small({ name, path, parts }: TreeNode, bytes: number, wastedBytes: number): PictureNode {
	return { kind: 'folder', name, path, bytes, wastedBytes, layer: parts.length === 1 ? parts[0]!.layer : undefined, count: 1, children: [] };
}

/** Largest first; what is too small to be seen becomes one part at the end. */
function together(parts: readonly PictureNode[], path: string, least: number): readonly PictureNode[] {
	const sorted = [...parts].sort((left, right) => right.bytes - left.bytes);
	const at = sorted.findIndex(({ bytes }) => bytes < least);
	if (at < 0 || at === sorted.length - 1) {
		return sorted;
	}
	const rest = sorted.slice(at);
	const layers = new Set(rest.map(({ layer }) => layer));
	const others: PictureNode = {
		kind: 'others', name: '', path, count: rest.length, children: [],
		bytes: rest.reduce((sum, { bytes }) => sum + bytes, 0),
		wastedBytes: rest.reduce((sum, { wastedBytes }) => sum + wastedBytes, 0),
		layer: layers.size === 1 ? rest[0]!.layer : undefined,
	};
	return others.bytes === 0 ? sorted.slice(0, at) : [...sorted.slice(0, at), others];
}

/** Wasted files by folder, with the sums of every folder above. */
function foldersOf(files: readonly WastedFile[]): ReadonlyMap<string, WastedFolder> {
	const folders = new Map<string, WastedFolder>();
	const folderAt = (path: string): WastedFolder => {
		const known = folders.get(path) ?? { bytes: 0, folders: new Set<string>(), files: [] };
		folders.set(path, known);
		return known;
	};
	for (const file of files) {
		let below: string | undefined;
		for (let at = file.path.lastIndexOf('/'); ; at = file.path.lastIndexOf('/', at - 1)) {
			const path = at <= 0 ? '/' : file.path.slice(0, at);
			const folder = folderAt(path);
			folder.bytes += file.bytes;
			if (below === undefined) {
				folder.files.push(file);
			} else {
				folder.folders.add(below);
			}
			below = path;
			if (at <= 0) {
				break;
			}
		}
	}
	return folders;
}
