/** What trees of paths have in common, whether they show a layer's changes or what a container sees. */
export interface PathNode {
	readonly name: string;
	/** From `/`. */
	readonly path: string;
}

export interface PathTree<N extends PathNode> {
	readonly root: N;
	children(node: N): readonly N[];
	/** Of the node and everything below it. */
	bytes(node: N): number;
}

export type FileOrder = 'name' | 'size';

/** By size: the largest first, equal ones by name. By name: as they are, which is by the bytes of their names. */
export function ordered<N extends PathNode>(tree: PathTree<N>, nodes: readonly N[], order: FileOrder): readonly N[] {
	return order === 'name' ? nodes : nodes
		.map((node, at) => ({ node, at, bytes: tree.bytes(node) }))
		.sort((left, right) => right.bytes - left.bytes || left.at - right.at)
		.map(({ node }) => node);
}

export interface FilteredPaths {
	/** Paths that match, and the directories on the way to them. */
	readonly shown: ReadonlySet<string>;
	readonly matches: number;
	/** True where there are more than are shown. */
	readonly more: boolean;
}

/** The part of a tree that a filter leaves: at most `most` matches, and the way to each. */
export function filterPaths<N extends PathNode>(tree: PathTree<N>, filter: string, most: number): FilteredPaths {
	const isWanted = matcherOf(filter);
	const shown = new Set<string>();
	let matches = 0;
	let more = false;
	const visit = (node: N, above: readonly string[]): void => {
		for (const child of tree.children(node)) {
			if (more) {
				return;
			}
			if (isWanted(child)) {
				if (matches === most) {
					more = true;
					return;
				}
				matches++;
				above.forEach(path => shown.add(path));
				shown.add(child.path);
			}
			visit(child, [...above, child.path]);
		}
	};
	visit(tree.root, []);
	return { shown, matches, more };
}

/**
 * What a filter means: without a slash it is about names, with one about whole paths; `*` and `?` stand for anything,
 * and without them the text may stand anywhere. Capitals make no difference.
 */
export function matcherOf(filter: string): (node: PathNode) => boolean {
	const wanted = filter.trim().toLowerCase();
	const subject = wanted.includes('/') ? (node: PathNode) => node.path.toLowerCase() : (node: PathNode) => node.name.toLowerCase();
	if (!/[*?]/.test(wanted)) {
		return node => subject(node).includes(wanted);
	}
	const pattern = globPattern(wanted);
	return node => pattern.test(subject(node));
}

function globPattern(glob: string): RegExp {
	// Runs of stars are one star, so that no filter makes the pattern slow.
	const body = glob.replace(/\*+/g, '*').replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*').replaceAll('?', '.');
	return new RegExp(`${glob.startsWith('/') || !glob.includes('/') ? '^' : '/'}${body}$`, 's');
}
