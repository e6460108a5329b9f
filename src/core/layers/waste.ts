import type { LayerStack } from './layeredImage';
import { nodeFlag, nodeKind, noContent, pathOf } from './layerIndex';
import { contentOf, forEachRun, kindOf, rootOf, walkTree, type LayerNode } from './tree';

/**
 * How content was buried. `overwritten`: the path got another entry. `removed`: the path, or a directory above it, was
 * deleted. `hidden`: something that is no directory took the place of a directory above it.
 */
export type Burial = 'overwritten' | 'removed' | 'hidden';

/** Content of a lower layer that the final tree cannot reach, under any of its names. */
export interface WastedFile {
	/** The path it was added at. */
	readonly path: string;
	readonly bytes: number;
	/** Position of the layer that holds it, lowest 0. */
	readonly addedIn: number;
	/** Position of the layer from which on it cannot be reached. */
	readonly buriedIn: number;
	readonly how: Burial;
}

export interface Waste {
	/** Bytes of all regular-file contents of all layers. */
	readonly totalBytes: number;
	readonly wastedBytes: number;
	/** 1 − wasted / total; 1 for an image without content. */
	readonly efficiency: number;
	/** Most bytes first. */
	readonly files: readonly WastedFile[];
	/** By position: bytes that the layer added and a later one buried. */
	readonly wastedByLayer: readonly number[];
}

interface Death {
	readonly layer: number;
	readonly how: Burial;
}

interface Part extends LayerNode {
	/** What buried the directory above it already. */
	readonly death: Death | undefined;
}

/**
 * Wasted bytes: what regular files of lower layers hold and no path of the final tree leads to. The copy that is seen
 * is no waste, nor is content with another name (a hard link) that is still seen.
 */
export function wasteOf(stack: LayerStack): Waste {
	const buried = stack.map(() => new Map<number, Death[]>());
	const bury = ({ layer, node }: LayerNode, death: Death): void => {
		const content = stack[layer]!.content[node]!;
		if (content !== noContent && stack[layer]!.contentSize[content]! > 0) {
			const deaths = buried[layer]!.get(content);
			if (deaths === undefined) {
				buried[layer]!.set(content, [death]);
			} else {
				deaths.push(death);
			}
		}
	};
	visit(stack, stack.map((_, layer) => ({ layer, node: 0, death: undefined })), bury);
	const reached = reachedFromAbove(stack);
	const files = buried.flatMap((contents, layer) => Array.from(contents).flatMap(([content, deaths]): readonly WastedFile[] => {
		const index = stack[layer]!;
		// Every name must be gone; the last to go is what made the bytes waste.
		if (deaths.length < index.contentNames[content]! || reached.has(`${layer} ${content}`)) {
			return [];
		}
		const last = deaths.reduce((latest, death) => death.layer > latest.layer ? death : latest);
		return [{ path: pathOf(index, index.contentNode[content]!), bytes: index.contentSize[content]!, addedIn: layer, buriedIn: last.layer, how: last.how }];
	}));
	files.sort((left, right) => right.bytes - left.bytes || (left.path < right.path ? -1 : left.path > right.path ? 1 : left.addedIn - right.addedIn));
	const wastedByLayer = stack.map(() => 0);
	for (const { addedIn, bytes } of files) {
		wastedByLayer[addedIn]! += bytes;
	}
	const totalBytes = stack.reduce((sum, index) => sum + index.subtreeBytes[0]!, 0);
	const wastedBytes = wastedByLayer.reduce((sum, bytes) => sum + bytes, 0);
	return { totalBytes, wastedBytes, efficiency: totalBytes === 0 ? 1 : 1 - wastedBytes / totalBytes, files, wastedByLayer };
}

/** `parts`: the nodes of one directory path that are directories, lowest layer first. */
function visit(stack: LayerStack, parts: readonly Part[], bury: (node: LayerNode, death: Death) => void): void {
	if (parts.length === 1) {
		const [only] = parts;
		if (only!.death !== undefined) {
			buryAll(stack, only!, only!.death, bury);
		}
		return;
	}
	const partOf: Part[] = [];
	for (const part of parts) {
		partOf[part.layer] = part;
	}
	const opaques = parts.filter(({ layer, node }) => (stack[layer]!.flags[node]! & nodeFlag.opaque) !== 0);
	forEachRun(stack, parts, same => {
		const directories: Part[] = [];
		for (let at = 0; at < same.length; at++) {
			const child = same[at]!;
			const kind = stack[child.layer]!.kind[child.node]!;
			if (kind === nodeKind.whiteout) {
				continue;
			}
			const isDirectory = kind === nodeKind.directory;
			const death = earliest(partOf[child.layer]!.death, deathOf(stack, opaques, same, at, isDirectory));
			if (isDirectory) {
				directories.push({ layer: child.layer, node: child.node, death });
			} else if (death !== undefined) {
				bury(child, death);
			}
		}
		if (directories.length > 0) {
			visit(stack, directories, bury);
		}
	});
}

/**
 * The first layer above the node at a place in its run that takes it from view, or for a directory what is below it.
 * `opaques`: the parents that hide what lower layers have in them. Both are sorted, lowest layer first.
 */
function deathOf(stack: LayerStack, opaques: readonly Part[], same: readonly LayerNode[], at: number, isDirectory: boolean): Death | undefined {
	const { layer } = same[at]!;
	const opaque = opaques.find(parent => parent.layer > layer)?.layer;
	for (let next = at + 1; next < same.length && (opaque === undefined || same[next]!.layer <= opaque); next++) {
		const above = same[next]!;
		const index = stack[above.layer]!;
		const kind = index.kind[above.node]!;
		if (kind === nodeKind.whiteout) {
			return { layer: above.layer, how: 'removed' };
		}
		if (!isDirectory) {
			return { layer: above.layer, how: 'overwritten' };
		}
		if (kind !== nodeKind.directory) {
			return { layer: above.layer, how: 'hidden' };
		}
		if ((index.flags[above.node]! & nodeFlag.opaque) !== 0) {
			return { layer: above.layer, how: 'removed' };
		}
	}
	return opaque === undefined ? undefined : { layer: opaque, how: 'removed' };
}

/** At the same layer what happened to the path itself says more than what happened above it. */
function earliest(inherited: Death | undefined, own: Death | undefined): Death | undefined {
	return inherited === undefined || (own !== undefined && own.layer <= inherited.layer) ? own : inherited;
}

function buryAll(stack: LayerStack, part: LayerNode, death: Death, bury: (node: LayerNode, death: Death) => void): void {
	const index = stack[part.layer]!;
	const pending = [part.node];
	for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
		if (index.kind[node] === nodeKind.directory) {
			for (let child = index.firstChild[node]!; child < index.firstChild[node + 1]!; child++) {
				pending.push(child);
			}
		} else {
			bury({ layer: part.layer, node }, death);
		}
	}
}

/** Contents that a hard link of a higher layer still leads to; engines copy instead, other builders may not. */
function reachedFromAbove(stack: LayerStack): ReadonlySet<string> {
	const reached = new Set<string>();
	if (!stack.some(index => index.kind.includes(nodeKind.danglingLink))) {
		return reached;
	}
	for (const node of walkTree(stack, rootOf(stack))) {
		if (kindOf(stack[node.layer]!, node.node) === 'hardlink') {
			const content = contentOf(stack, node);
			if (content !== undefined) {
				reached.add(`${content.layer} ${content.content}`);
			}
		}
	}
	return reached;
}
