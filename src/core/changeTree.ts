import type { ContainerChange } from './engine/engine';

/** A path of a container that changed, or a folder on the way to one. */
export interface ChangeNode {
	/** The whole path. */
	readonly path: string;
	/** Its last part. */
	readonly name: string;
	/** Undefined for a folder that the engine did not list. */
	readonly change: ContainerChange['change'] | undefined;
	/** Folders first, then by name. */
	readonly children: readonly ChangeNode[];
	/** Changed paths in it and below it, itself included. */
	readonly count: number;
}

export interface ChangeTree {
	readonly roots: readonly ChangeNode[];
	/** How many changes were left out by the limit. */
	readonly more: number;
}

/** Draws changed paths as a tree; of more than `limit` changes the rest is only counted. */
export function changeTree(changes: readonly ContainerChange[], limit: number): ChangeTree {
	const root: Folder = { path: '', change: undefined, children: new Map() };
	for (const { path, change } of changes.slice(0, limit)) {
		let folder = root;
		for (const name of path.split('/').filter(part => part !== '')) {
			let next = folder.children.get(name);
			if (next === undefined) {
				next = { path: `${folder.path}/${name}`, change: undefined, children: new Map() };
				folder.children.set(name, next);
			}
			folder = next;
		}
		folder.change = change;
	}
	return { roots: sorted(root), more: Math.max(0, changes.length - limit) };
}

/** The files among these paths and below them that are still there: removed ones have no bytes, folders none of their own. */
export function filesIn(nodes: readonly ChangeNode[]): readonly ChangeNode[] {
	return nodes.flatMap(node => node.children.length > 0 ? filesIn(node.children) : node.change === 'removed' ? [] : [node]);
}

/** The bytes of the files in a node; undefined where it has none, or the size of one is not known. */
export function bytesIn(node: ChangeNode, sizeOf: (path: string) => number | undefined): number | undefined {
	const sizes = filesIn([node]).map(({ path }) => sizeOf(path));
	return sizes.length === 0 ? undefined : sizes.reduce((sum, size) => sum === undefined || size === undefined ? undefined : sum + size, 0);
}

interface Folder {
	readonly path: string;
	change: ContainerChange['change'] | undefined;
	readonly children: Map<string, Folder>;
}

function sorted({ children }: Folder): readonly ChangeNode[] {
	return [...children]
		.map(([name, folder]): ChangeNode => {
			const inside = sorted(folder);
			const own = folder.change === undefined ? 0 : 1;
			return { path: folder.path, name, change: folder.change, children: inside, count: inside.reduce((sum, child) => sum + child.count, own) };
		})
		.sort((a, b) => Number(b.children.length > 0) - Number(a.children.length > 0) || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}
