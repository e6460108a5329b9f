import { createHash, hash as digestOf, randomInt, type Hash } from 'node:crypto';
import { ArchiveError, exceeded } from './archiveError';
import { Columns, GrowingBytes } from './columns';
import { hashBytes, layerIndexOf, nodeFlag, nodeKind, type LayerIndex } from './layerIndex';
import type { ArchiveLimits } from './limits';
import { PackageNames } from './packageNames';
import { pathNames } from './pathNames';
import { sealLayer } from './sealLayer';
import type { TarEntry, TarHandler } from './tarParser';

/** Collects the entries of one layer's tar; an entry costs a fixed number of bytes beside its name. Bodies are hashed, not kept. */
export class LayerIndexBuilder implements TarHandler {
	private readonly nodes = new Columns();
	private readonly links = new GrowingBytes();
	private readonly linkStart: number[] = [0];
	private readonly xattrs = new Map<number, Buffer>();
	private readonly packages: PackageNames;
	/** Open addressing over (parent, name); the secret multiplier keeps hostile names from meeting in one slot. */
	private table = new Int32Array(1 << 10).fill(-1);
	private readonly multiplier = randomInt(2 ** 30) * 2 + 1;
	private lastDirectory: Buffer = none;
	private lastDirectoryNode = 0;
	/** The content whose body is under way. */
	private current: number | undefined;
	private hash: Hash | undefined;
	private bodyLeft = 0;

	constructor(private readonly limits: ArchiveLimits) {
		this.packages = new PackageNames(limits);
		this.nodes.add(0, Buffer.alloc(0), nodeKind.directory, nodeFlag.implied);
	}

	entry(entry: TarEntry): void {
		this.current = undefined;
		const nameAt = this.nameInLastDirectory(entry.path);
		if (nameAt > 0) {
			this.named(this.lastDirectoryNode, entry.path.subarray(nameAt, trimmedLength(entry.path)), entry);
			return;
		}
		const names = pathNames(entry.path);
		const name = names.pop();
		if (name === undefined) {
			if (entry.kind === 'directory') {
				this.describe(0, entry);
			}
			return;
		}
		if (names.length >= this.limits.pathDepth) {
			throw exceeded(this.limits, 'pathDepth', entry.path.toString());
		}
		// `.wh..wh.…` at the root is AUFS's own book-keeping; engines skip it.
		if (names[0] !== undefined && startsWith(names[0], aufsPrefix)) {
			return;
		}
		this.named(this.directory(entry.path, names), name, entry);
	}

	private named(directory: number, name: Buffer, entry: TarEntry): void {
		if (name.length > 4 && startsWith(name, whiteoutPrefix)) {
			this.whiteout(directory, name.subarray(whiteoutPrefix.length), entry);
			return;
		}
		this.node(directory, name, entry);
	}

	body(bytes: Buffer): void {
		if (this.current === undefined) {
			return;
		}
		this.packages.write(bytes);
		// Most files arrive whole, in one piece.
		if (this.hash === undefined && bytes.length === this.bodyLeft) {
			this.nodes.setHash(this.current, digestOf('sha256', bytes, 'binary'));
			this.current = undefined;
			return;
		}
		this.hash ??= createHash('sha256');
		this.hash.update(bytes);
	}

	entryEnd(): void {
		if (this.hash !== undefined && this.current !== undefined) {
			this.nodes.setHash(this.current, this.hash.digest('binary'));
		}
		this.hash = undefined;
		this.current = undefined;
	}

	/** The index of all that was added. The builder is of no use afterwards. */
	finish(facts: { readonly diffId: string; readonly verified: boolean; readonly tarBytes: number }): LayerIndex {
		this.table = new Int32Array(0);
		return layerIndexOf(sealLayer({ ...facts, packages: this.packages.bytes() }, this.nodes, this.links.bytes(), this.linkStart, this.xattrs));
	}

	private node(directory: number, name: Buffer, entry: TarEntry): void {
		const slot = this.slot(directory, name);
		const existing = this.table[slot]!;
		const before = existing < 0 ? undefined : this.nodes.kind[existing]!;
		if (entry.kind === 'directory' && before === nodeKind.directory) {
			this.describe(existing, entry);
			return;
		}
		// A whiteout, or anything else, beside a directory of the same name: what was there is gone and made anew.
		const opaque = entry.kind === 'directory' && before !== undefined ? nodeFlag.opaque : 0;
		const kind = entry.kind === 'hardlink' ? nodeKind.danglingLink : nodeKind[entry.kind];
		const target = entry.kind === 'hardlink' ? this.find(entry.link) : undefined;
		const node = this.put(slot, directory, name, kind, opaque);
		if (entry.kind === 'hardlink') {
			this.share(node, target, entry.link);
			return;
		}
		this.describe(node, entry);
		if (entry.kind === 'file') {
			this.current = this.nodes.addContent(entry.size, entry.offset);
			this.nodes.content[node] = this.current;
			this.bodyLeft = entry.bodyBytes;
			this.packages.begin(entry.path);
			if (entry.sparse !== undefined) {
				// The body is not what a reader sees, so its digest would compare wrongly.
				this.nodes.flags[node]! |= nodeFlag.sparse;
				this.current = undefined;
			} else if (entry.bodyBytes === 0) {
				this.nodes.setHash(this.current, emptyHash);
			}
		}
	}

	private share(node: number, target: number | undefined, link: Buffer): void {
		const { nodes } = this;
		nodes.flags[node]! |= nodeFlag.hardLink;
		const shared = target === undefined || nodes.kind[target] === nodeKind.directory || nodes.kind[target] === nodeKind.whiteout ? undefined : target;
		if (shared === undefined || nodes.kind[shared] === nodeKind.danglingLink) {
			nodes.link[node] = this.addLink(safePath(link));
			return;
		}
		nodes.kind[node] = nodes.kind[shared]!;
		nodes.mode[node] = nodes.mode[shared]!;
		nodes.uid[node] = nodes.uid[shared]!;
		nodes.gid[node] = nodes.gid[shared]!;
		nodes.modifiedAt[node] = nodes.modifiedAt[shared]!;
		nodes.content[node] = nodes.content[shared]!;
		nodes.flags[node]! |= nodes.flags[shared]! & (nodeFlag.sparse | nodeFlag.xattrs);
		const xattrs = this.xattrs.get(shared);
		if (xattrs !== undefined) {
			this.xattrs.set(node, xattrs);
		}
		nodes.link[node] = nodes.kind[shared] === nodeKind.file ? this.addLink(safePath(link)) : nodes.link[shared]!;
	}

	private describe(node: number, entry: TarEntry): void {
		const { nodes } = this;
		nodes.flags[node]! &= ~(nodeFlag.implied | nodeFlag.xattrs);
		nodes.mode[node] = entry.mode;
		nodes.uid[node] = entry.uid;
		nodes.gid[node] = entry.gid;
		nodes.modifiedAt[node] = entry.modifiedAt;
		if (entry.kind === 'symlink') {
			nodes.link[node] = this.addLink(entry.link);
		} else if (entry.kind === 'character' || entry.kind === 'block') {
			nodes.link[node] = this.addLink(Buffer.from(`${entry.deviceMajor}:${entry.deviceMinor}`));
		}
		this.xattrs.delete(node);
		if (entry.xattrs !== undefined) {
			nodes.flags[node]! |= nodeFlag.xattrs;
			const hash = createHash('sha256');
			for (const key of [...entry.xattrs.keys()].sort()) {
				hash.update(`${key.length} ${key} ${entry.xattrs.get(key)!.length} `).update(entry.xattrs.get(key)!);
			}
			this.xattrs.set(node, hash.digest().subarray(0, hashBytes));
		}
	}

	private whiteout(directory: number, name: Buffer, entry: TarEntry): void {
		if (name.equals(opaqueName)) {
			this.nodes.flags[directory]! |= nodeFlag.opaque;
			return;
		}
		if (startsWith(name, whiteoutPrefix)) {
			return;
		}
		if (name.equals(dot) || name.equals(dotDot)) {
			throw new ArchiveError('unsafePath', entry.path.toString());
		}
		const slot = this.slot(directory, name);
		const existing = this.table[slot]!;
		if (existing < 0) {
			this.put(slot, directory, name, nodeKind.whiteout, 0);
		} else if (this.nodes.kind[existing] === nodeKind.directory) {
			this.nodes.flags[existing]! |= nodeFlag.opaque;
			this.nodes.flags[existing]! &= ~nodeFlag.implied;
		}
	}

	/** Tars come folder by folder: where the name starts, if it is an ordinary one in the folder of the entry before. */
	private nameInLastDirectory(path: Buffer): number {
		const { lastDirectory } = this;
		const start = lastDirectory.length;
		const end = trimmedLength(path);
		if (start === 0 || end <= start || (path[start] === 0x2e && end - start <= 2)) {
			return 0;
		}
		for (let at = start; at < end; at++) {
			if (path[at] === 0x2f || path[at] === 0) {
				return 0;
			}
		}
		for (let at = start - 1; at >= 0; at--) {
			if (path[at] !== lastDirectory[at]) {
				return 0;
			}
		}
		return start;
	}

	/** The node of the directory that a path is in; makes what is missing. */
	private directory(path: Buffer, names: readonly Buffer[]): number {
		let node = 0;
		for (const name of names) {
			const slot = this.slot(node, name);
			const existing = this.table[slot]!;
			if (existing >= 0 && this.nodes.kind[existing] === nodeKind.directory) {
				node = existing;
			} else {
				node = this.put(slot, node, name, nodeKind.directory, existing < 0 ? nodeFlag.implied : nodeFlag.opaque);
				this.nodes.mode[node] = 0o755;
			}
		}
		const last = names.at(-1);
		// With the slash behind it; a path that is not written plainly does not end its folder there.
		const length = last === undefined ? 0 : last.byteOffset + last.length + 1 - path.byteOffset;
		this.lastDirectory = path[length - 1] === 0x2f ? Buffer.from(path.subarray(0, length)) : none;
		this.lastDirectoryNode = node;
		return node;
	}

	private find(path: Buffer): number | undefined {
		let node = 0;
		for (const name of pathNames(path)) {
			node = this.table[this.slot(node, name)]!;
			if (node < 0) {
				return undefined;
			}
		}
		return node;
	}

	/** Adds a node; one of the same name in the same place is replaced, and what was below it is out of reach. */
	private put(slot: number, parent: number, name: Buffer, kind: number, flags: number): number {
		const { nodes } = this;
		if (nodes.count >= this.limits.layerEntries) {
			throw exceeded(this.limits, 'layerEntries');
		}
		if (nodes.names.length + this.links.length + name.length > this.limits.layerNameBytes) {
			throw exceeded(this.limits, 'layerNameBytes');
		}
		const existing = this.table[slot]!;
		const node = nodes.add(parent, name, kind, flags);
		nodes.hash[node] = this.hashOf(parent, name);
		if (existing >= 0) {
			nodes.replace(existing);
			this.lastDirectory = none;
		}
		this.table[slot] = node;
		if (nodes.count * 2 > this.table.length) {
			this.grow();
		}
		return node;
	}

	private grow(): void {
		const { nodes, table } = this;
		const mask = table.length * 2 - 1;
		const larger = new Int32Array(table.length * 2).fill(-1);
		for (const node of table) {
			if (node >= 0) {
				let slot = nodes.hash[node]! & mask;
				while (larger[slot]! >= 0) {
					slot = (slot + 1) & mask;
				}
				larger[slot] = node;
			}
		}
		this.table = larger;
	}

	/** Where in the table a name is, or is to be put. */
	private slot(parent: number, name: Buffer): number {
		const { nodes, table } = this;
		const hash = this.hashOf(parent, name);
		const mask = table.length - 1;
		let slot = hash & mask;
		for (let node = table[slot]!; node >= 0; node = table[slot]!) {
			if (nodes.hash[node] === hash && nodes.parent[node] === parent && nodes.isNamed(node, name)) {
				break;
			}
			slot = (slot + 1) & mask;
		}
		return slot;
	}

	private hashOf(parent: number, name: Buffer): number {
		const { multiplier } = this;
		let hash = Math.imul(parent + 1, multiplier);
		for (let at = 0; at < name.length; at++) {
			hash = Math.imul(hash ^ name[at]! ^ (hash >>> 15), multiplier);
		}
		return hash ^ (hash >>> 16);
	}

	private addLink(link: Buffer): number {
		this.links.add(link);
		this.linkStart.push(this.links.length);
		if (this.nodes.names.length + this.links.length > this.limits.layerNameBytes) {
			throw exceeded(this.limits, 'layerNameBytes');
		}
		return this.linkStart.length - 2;
	}
}

const none = Buffer.alloc(0);
const whiteoutPrefix = Buffer.from('.wh.');
const aufsPrefix = Buffer.from('.wh..wh.');
const opaqueName = Buffer.from('.wh..opq');
const dot = Buffer.from('.');
const dotDot = Buffer.from('..');
const emptyHash = digestOf('sha256', '', 'binary');
const slash = Buffer.from('/');

function startsWith(bytes: Buffer, prefix: Buffer): boolean {
	for (let at = 0; at < prefix.length; at++) {
		if (bytes[at] !== prefix[at]) {
			return false;
		}
	}
	return true;
}

/** Length without slashes at the end. */
function trimmedLength(path: Buffer): number {
	let end = path.length;
	while (end > 0 && path[end - 1] === 0x2f) {
		end--;
	}
	return end;
}

/** A hard link's target as a path of the image, from `/`. */
function safePath(link: Buffer): Buffer {
	return Buffer.concat(pathNames(link).flatMap(name => [slash, name]));
}
