import type { FileDifference } from './layers/compare';
import type { TreeNode } from './layers/tree';
import type { PathTree } from './pathTree';

/** A path that differs between two images, or a folder on the way to one. */
export interface DifferenceNode {
	readonly name: string;
	/** From `/`. */
	readonly path: string;
	/** Undefined for a folder that is itself the same in both. */
	readonly difference: FileDifference | undefined;
	readonly children: readonly DifferenceNode[];
	/** Of the node and everything below it. Bytes of files that differ, in each image. */
	readonly totals: DifferenceTotals;
}

export interface DifferenceTotals {
	readonly added: number;
	readonly modified: number;
	readonly removed: number;
	readonly bytesA: number;
	readonly bytesB: number;
}

interface Growing {
	readonly name: string;
	readonly path: string;
	difference: FileDifference | undefined;
	readonly children: Map<string, Growing>;
}

/** Differences as a tree. By size, the largest change of bytes comes first. */
export function differenceTree(files: readonly FileDifference[]): PathTree<DifferenceNode> {
	const root: Growing = { name: '', path: '/', difference: undefined, children: new Map() };
	for (const file of files) {
		let at = root;
		for (const name of file.path.split('/').filter(part => part !== '')) {
			const next = at.children.get(name) ?? { name, path: at.path === '/' ? `/${name}` : `${at.path}/${name}`, difference: undefined, children: new Map<string, Growing>() };
			at.children.set(name, next);
			at = next;
		}
		at.difference = file;
	}
	return { root: grown(root), children: node => node.children, bytes: ({ totals }) => Math.max(totals.bytesA, totals.bytesB) };
}

function grown({ name, path, difference, children }: Growing): DifferenceNode {
	const below = [...children.values()].map(grown);
	const own = difference?.change;
	const sum = (of: (totals: DifferenceTotals) => number): number => below.reduce((total, { totals }) => total + of(totals), 0);
	return {
		name, path, difference, children: below,
		totals: {
			added: sum(({ added }) => added) + (own === 'added' ? 1 : 0),
			modified: sum(({ modified }) => modified) + (own === 'modified' ? 1 : 0),
			removed: sum(({ removed }) => removed) + (own === 'removed' ? 1 : 0),
			bytesA: sum(({ bytesA }) => bytesA) + sizeOf(difference?.a),
			bytesB: sum(({ bytesB }) => bytesB) + sizeOf(difference?.b),
		},
	};
}

function sizeOf(node: TreeNode | undefined): number {
	return node === undefined || node.kind === 'directory' ? 0 : node.size;
}
