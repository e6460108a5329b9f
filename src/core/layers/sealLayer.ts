import type { Columns } from './columns';
import { hashBytes, nodeFlag, nodeKind, noContent, noLink, type LayerColumns } from './layerIndex';

interface LayerFacts {
	readonly diffId: string;
	readonly verified: boolean;
	readonly tarBytes: number;
}

/** Puts collected nodes into their final order, leaves out what a later entry replaced, and fits columns to size. */
export function sealLayer(facts: LayerFacts, from: Columns, links: Buffer, linkStart: readonly number[], xattrs: ReadonlyMap<number, Buffer>): LayerColumns {
	const { order, firstChild, parent } = treeOrder(from);
	const nodeCount = order.length;
	const names = namesOf(from, order);
	const contents = contentsOf(from, order);
	const flags = picked(from.flags, order, new Uint8Array(nodeCount));
	const link = picked(from.link, order, new Uint32Array(nodeCount));
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
		kind: picked(from.kind, order, new Uint8Array(nodeCount)),
		flags,
		mode: picked(from.mode, order, new Uint16Array(nodeCount)),
		uid: picked(from.uid, order, new Uint32Array(nodeCount)),
		gid: picked(from.gid, order, new Uint32Array(nodeCount)),
		modifiedAt: picked(from.modifiedAt, order, new Float64Array(nodeCount)),
		content: contents.ofNode,
		link,
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

type Column = Uint8Array | Uint16Array | Uint32Array | Float64Array;

/** The values of a column in another order. */
function picked<C extends Column>(column: Column, order: Uint32Array, into: C): C {
	for (let at = 0; at < order.length; at++) {
		into[at] = column[order[at]!]!;
	}
	return into;
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
	const kept = new Uint32Array(count);
	const renumbered = new Uint32Array(count).fill(noContent);
	let keptCount = 0;
	for (let content = 0; content < count; content++) {
		if (names[content]! > 0) {
			renumbered[content] = keptCount;
			kept[keptCount++] = content;
		}
	}
	const chosen = kept.subarray(0, keptCount);
	const ofNode = new Uint32Array(order.length);
	for (let at = 0; at < order.length; at++) {
		const content = from.content[order[at]!]!;
		ofNode[at] = content === noContent ? noContent : renumbered[content]!;
	}
	const hash = keptCount === count ? Buffer.from(from.contentHash.subarray(0, count * hashBytes)) : Buffer.alloc(keptCount * hashBytes);
	for (let at = 0; keptCount < count && at < keptCount; at++) {
		from.contentHash.copy(hash, at * hashBytes, chosen[at]! * hashBytes, (chosen[at]! + 1) * hashBytes);
	}
	return {
		ofNode,
		size: picked(from.contentSize, chosen, new Float64Array(keptCount)),
		offset: picked(from.contentOffset, chosen, new Float64Array(keptCount)),
		node: picked(owner, chosen, new Uint32Array(keptCount)),
		names: picked(names, chosen, new Uint32Array(keptCount)),
		hash,
	};
}
