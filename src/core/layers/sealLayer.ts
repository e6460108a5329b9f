import type { Columns } from './columns';
import { hashBytes, nodeFlag, nodeKind, noContent, noLink, type LayerColumns } from './layerIndex';

interface LayerFacts {
	readonly diffId: string;
	readonly verified: boolean;
	readonly tarBytes: number;
	readonly packages: Buffer;
}

/** Puts collected nodes into their final order, leaves out what a later entry replaced, and fits columns to size. */
export function sealLayer(facts: LayerFacts, from: Columns, links: Buffer, linkStart: readonly number[], xattrs: ReadonlyMap<number, Buffer>): LayerColumns {
	const { order, firstChild, parent } = treeOrder(from);
	const nodeCount = order.length;
	const names = namesOf(from, order);
	const contents = contentsOf(from, order);
	const columns = columnsOf(from, order);
	const { flags, link } = columns;
	// The first name of a content is the file itself, even where the name it was linked to is gone.
	for (const owner of contents.node) {
		flags[owner]! &= ~nodeFlag.hardLink;
		link[owner] = noLink;
	}
	const withXattrs = xattrs.size === 0 ? [] : Array.from(order.keys()).filter(node => xattrs.has(order[node]!));
	return {
		...facts,
		nodeCount,
		contentCount: contents.size.length,
		parent,
		firstChild,
		nameStart: names.start,
		names: names.bytes,
		...columns,
		content: contents.ofNode,
		linkStart: Uint32Array.from(linkStart),
		links: Buffer.from(links),
		xattrNode: Uint32Array.from(withXattrs),
		xattrHash: Buffer.concat(withXattrs.map(node => xattrs.get(order[node]!)!)),
		contentSize: contents.size,
		contentOffset: contents.offset,
		contentNode: contents.node,
		contentNames: contents.names,
		contentHash: contents.hash,
	};
}

/** The columns of nodes in another order; in one loop, since a function for arrays of any type costs ten times as much. */
function columnsOf(from: Columns, order: Uint32Array) {
	const count = order.length;
	const kind = new Uint8Array(count);
	const flags = new Uint8Array(count);
	const mode = new Uint16Array(count);
	const uid = new Uint32Array(count);
	const gid = new Uint32Array(count);
	const modifiedAt = new Float64Array(count);
	const link = new Uint32Array(count);
	for (let at = 0; at < count; at++) {
		const node = order[at]!;
		kind[at] = from.kind[node]!;
		flags[at] = from.flags[node]!;
		mode[at] = from.mode[node]!;
		uid[at] = from.uid[node]!;
		gid[at] = from.gid[node]!;
		modifiedAt[at] = from.modifiedAt[node]!;
		link[at] = from.link[node]!;
	}
	return { kind, flags, mode, uid, gid, modifiedAt, link };
}

/** Level by level from the root, the children of each directory as one run sorted by name. */
function treeOrder(from: Columns): { readonly order: Uint32Array; readonly firstChild: Uint32Array; readonly parent: Uint32Array } {
	const count = from.count;
	const start = new Uint32Array(count + 1);
	// Parents stand before their children in the tar's order too, so one pass sees what is out of reach.
	const alive = new Uint8Array(count);
	alive[0] = 1;
	for (let node = 1; node < count; node++) {
		const above = from.parent[node]!;
		if (alive[above] === 1 && !from.isReplaced(node)) {
			alive[node] = 1;
			start[above + 1]!++;
		}
	}
	for (let node = 0; node < count; node++) {
		start[node + 1]! += start[node]!;
	}
	const aliveCount = start[count]! + 1;
	const children = new Uint32Array(aliveCount);
	const next = start.slice();
	for (let node = 1; node < count; node++) {
		if (alive[node] === 1) {
			children[next[from.parent[node]!]!++] = node;
		}
	}
	const order = new Uint32Array(aliveCount);
	const firstChild = new Uint32Array(aliveCount + 1);
	const parent = new Uint32Array(aliveCount);
	let filled = 1;
	for (let at = 0; at < aliveCount; at++) {
		const node = order[at]!;
		firstChild[at] = filled;
		const run = children.subarray(start[node], start[node + 1]);
		sortByName(from, run);
		for (const child of run) {
			parent[filled] = at;
			order[filled++] = child;
		}
	}
	firstChild[aliveCount] = filled;
	return { order, firstChild, parent };
}

/** Tars made from a file system come sorted, so that is looked at first. */
function sortByName(from: Columns, run: Uint32Array): void {
	const bytes = from.names.bytes();
	const { nameStart } = from;
	const compare = (left: number, right: number): number => {
		const leftEnd = nameStart[left + 1]!;
		const rightEnd = nameStart[right + 1]!;
		let at = nameStart[left]!;
		let other = nameStart[right]!;
		for (; at < leftEnd && other < rightEnd; at++, other++) {
			if (bytes[at] !== bytes[other]) {
				return bytes[at]! - bytes[other]!;
			}
		}
		return (leftEnd - at) - (rightEnd - other);
	};
	for (let at = 1; at < run.length; at++) {
		if (compare(run[at - 1]!, run[at]!) > 0) {
			run.sort(compare);
			return;
		}
	}
}

function namesOf(from: Columns, order: Uint32Array): { readonly bytes: Buffer; readonly start: Uint32Array } {
	const start = new Uint32Array(order.length + 1);
	for (let at = 0; at < order.length; at++) {
		start[at + 1] = start[at]! + from.nameStart[order[at]! + 1]! - from.nameStart[order[at]!]!;
	}
	const bytes = Buffer.alloc(start[order.length]!);
	const held = from.names.bytes();
	for (let at = 0; at < order.length; at++) {
		held.copy(bytes, start[at], from.nameStart[order[at]!], from.nameStart[order[at]! + 1]);
	}
	return { bytes, start };
}

interface Contents {
	readonly ofNode: Uint32Array;
	readonly size: Float64Array;
	readonly offset: Float64Array;
	readonly node: Uint32Array;
	readonly names: Uint32Array;
	readonly hash: Buffer;
}

/** Contents that still have a name. The first name in the tar is the one that a hard link refers to. */
function contentsOf(from: Columns, order: Uint32Array): Contents {
	const count = from.contentCount;
	const names = new Uint32Array(count);
	const owner = new Uint32Array(count).fill(noContent);
	for (let at = 0; at < order.length; at++) {
		const content = from.kind[order[at]!] === nodeKind.file ? from.content[order[at]!]! : noContent;
		if (content !== noContent) {
			names[content]!++;
			if (owner[content] === noContent || order[at]! < order[owner[content]!]!) {
				owner[content] = at;
			}
		}
	}
	let keptCount = 0;
	for (let content = 0; content < count; content++) {
		keptCount += names[content]! > 0 ? 1 : 0;
	}
	const renumbered = new Uint32Array(count).fill(noContent);
	const kept: Omit<Contents, 'ofNode'> = {
		size: new Float64Array(keptCount), offset: new Float64Array(keptCount), node: new Uint32Array(keptCount), names: new Uint32Array(keptCount),
		hash: Buffer.alloc(keptCount * hashBytes),
	};
	for (let content = 0, at = 0; content < count; content++) {
		if (names[content]! > 0) {
			renumbered[content] = at;
			kept.size[at] = from.contentSize[content]!;
			kept.offset[at] = from.contentOffset[content]!;
			kept.node[at] = owner[content]!;
			kept.names[at] = names[content]!;
			if (keptCount < count) {
				from.contentHash.copy(kept.hash, at * hashBytes, content * hashBytes, (content + 1) * hashBytes);
			}
			at++;
		}
	}
	if (keptCount === count) {
		from.contentHash.copy(kept.hash);
	}
	const ofNode = new Uint32Array(order.length);
	for (let at = 0; at < order.length; at++) {
		const content = from.content[order[at]!]!;
		ofNode[at] = content === noContent ? noContent : renumbered[content]!;
	}
	return { ofNode, ...kept };
}
