import { nameText } from './nameBytes';

/** The format on disk. A stored index of another version is read anew from the image. */
export const layerIndexVersion = 2;

/** What a node is. Hard links have the kind of what they share; see `nodeFlag.hardLink`. */
export const nodeKind = { file: 1, directory: 2, symlink: 3, character: 4, block: 5, fifo: 6, whiteout: 7, danglingLink: 8 } as const;

/**
 * `opaque`: a directory that hides everything below it in lower layers (OCI layer.md, Opaque Whiteout). `implied`: a
 * directory without an entry of its own. `hardLink`: another name of what an earlier name made.
 */
export const nodeFlag = { opaque: 1, implied: 2, hardLink: 4, xattrs: 8, sparse: 16 } as const;

export const noContent = 0xffffffff;
export const noLink = 0xffffffff;
export const hashBytes = 16;

/**
 * One layer's entries, immutable: the tree of what its tar holds, in columns. Node 0 is the root. Nodes are numbered
 * so that the children of a directory are one run, sorted by the bytes of their names, and stand after their parent.
 * Contents are the bodies of regular files; names that are hard links of each other share one.
 */
export interface LayerIndex {
	readonly diffId: string;
	/** True where the digest of the whole tar was computed and is the diffID; false where bodies were jumped over. */
	readonly verified: boolean;
	/** Length of the uncompressed tar. */
	readonly tarBytes: number;
	readonly nodeCount: number;
	readonly contentCount: number;

	readonly parent: Uint32Array;
	/** Children of node i: from `firstChild[i]` to `firstChild[i + 1]`, excluded. */
	readonly firstChild: Uint32Array;
	/** Name of node i: bytes from `nameStart[i]` to `nameStart[i + 1]`. */
	readonly nameStart: Uint32Array;
	readonly names: Buffer;
	readonly kind: Uint8Array;
	readonly flags: Uint8Array;
	readonly mode: Uint16Array;
	readonly uid: Uint32Array;
	readonly gid: Uint32Array;
	/** Milliseconds since the epoch. */
	readonly modifiedAt: Float64Array;
	readonly content: Uint32Array;
	/** Number of a text: a symlink's target, a hard link's target, a device's `major:minor`. */
	readonly link: Uint32Array;
	readonly linkStart: Uint32Array;
	readonly links: Buffer;
	/** Nodes with extended attributes, in order, and a fingerprint of each. */
	readonly xattrNode: Uint32Array;
	readonly xattrHash: Buffer;
	/** What apk's database in this layer has, a line each; empty where there is none, and where bodies were jumped over. */
	readonly packages: Buffer;

	readonly contentSize: Float64Array;
	/** Where the entry that holds the content starts in the uncompressed tar. */
	readonly contentOffset: Float64Array;
	/** Its first name. */
	readonly contentNode: Uint32Array;
	readonly contentNames: Uint32Array;
	/** First 16 bytes of the SHA-256 of each content; zeros where bodies were jumped over. */
	readonly contentHash: Buffer;

	/** Computed: of the node and everything below it. Bytes count a content once, at its first name. */
	readonly subtreeBytes: Float64Array;
	/** Nodes that are not directories and not whiteouts. */
	readonly subtreeFiles: Uint32Array;
	/** Nodes that are not whiteouts. */
	readonly subtreeEntries: Uint32Array;
}

export type LayerColumns = Omit<LayerIndex, 'subtreeBytes' | 'subtreeFiles' | 'subtreeEntries'>;

export function layerIndexOf(columns: LayerColumns): LayerIndex {
	const { nodeCount, parent, kind, content, contentNode, contentSize } = columns;
	const subtreeBytes = new Float64Array(nodeCount);
	const subtreeFiles = new Uint32Array(nodeCount);
	const subtreeEntries = new Uint32Array(nodeCount);
	for (let node = nodeCount - 1; node >= 0; node--) {
		const own = content[node]!;
		if (own !== noContent && contentNode[own] === node) {
			subtreeBytes[node]! += contentSize[own]!;
		}
		const is = kind[node]!;
		if (is !== nodeKind.whiteout) {
			subtreeFiles[node]! += is === nodeKind.directory ? 0 : 1;
			subtreeEntries[node]!++;
		}
		if (node > 0) {
			const above = parent[node]!;
			subtreeBytes[above]! += subtreeBytes[node]!;
			subtreeFiles[above]! += subtreeFiles[node]!;
			subtreeEntries[above]! += subtreeEntries[node]!;
		}
	}
	return { ...columns, subtreeBytes, subtreeFiles, subtreeEntries };
}

export function nameOf(index: LayerIndex, node: number): string {
	return nameText(nameBytesOf(index, node));
}

export function nameBytesOf(index: LayerIndex, node: number): Buffer {
	return index.names.subarray(index.nameStart[node], index.nameStart[node + 1]);
}

/** Compares the names of two nodes by their bytes. */
export function compareNames(left: LayerIndex, leftNode: number, right: LayerIndex, rightNode: number): number {
	const leftEnd = left.nameStart[leftNode + 1]!;
	const rightEnd = right.nameStart[rightNode + 1]!;
	let at = left.nameStart[leftNode]!;
	let other = right.nameStart[rightNode]!;
	for (; at < leftEnd && other < rightEnd; at++, other++) {
		const difference = left.names[at]! - right.names[other]!;
		if (difference !== 0) {
			return difference;
		}
	}
	return (leftEnd - at) - (rightEnd - other);
}

export function childNamed(index: LayerIndex, node: number, name: Buffer): number | undefined {
	let low = index.firstChild[node]!;
	let high = index.firstChild[node + 1]!;
	while (low < high) {
		const middle = (low + high) >>> 1;
		const order = index.names.compare(name, 0, name.length, index.nameStart[middle], index.nameStart[middle + 1]);
		if (order === 0) {
			return middle;
		}
		if (order < 0) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return undefined;
}

/** The node's path in the image, from `/`. */
export function pathOf(index: LayerIndex, node: number): string {
	const names: string[] = [];
	for (let at = node; at !== 0; at = index.parent[at]!) {
		names.push(nameOf(index, at));
	}
	return `/${names.reverse().join('/')}`;
}

export function linkOf(index: LayerIndex, node: number): string | undefined {
	const link = index.link[node]!;
	return link === noLink ? undefined : nameText(index.links.subarray(index.linkStart[link], index.linkStart[link + 1]));
}

/** A content's fingerprint, hexadecimal; undefined where its bytes were never read. */
export function hashOf(index: LayerIndex, content: number): string | undefined {
	const hash = index.contentHash.toString('hex', content * hashBytes, (content + 1) * hashBytes);
	return hash === unknownHash ? undefined : hash;
}

/** A fingerprint of the node's extended attributes; undefined where it has none. */
export function xattrsOf(index: LayerIndex, node: number): string | undefined {
	if ((index.flags[node]! & nodeFlag.xattrs) === 0) {
		return undefined;
	}
	const at = sortedIndexOf(index.xattrNode, node);
	return index.xattrHash.toString('hex', at * hashBytes, (at + 1) * hashBytes);
}

/** Where a value that is among sorted ones stands. Every file may have attributes, so they are not searched through. */
function sortedIndexOf(sorted: Uint32Array, value: number): number {
	let low = 0;
	let high = sorted.length;
	while (low < high) {
		const middle = (low + high) >>> 1;
		if (sorted[middle]! < value) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low;
}

const unknownHash = '00'.repeat(hashBytes);
