import { hashBytes, noContent, noLink } from './layerIndex';

/** Bytes that grow at the end. */
export class GrowingBytes {
	length = 0;
	private held = Buffer.allocUnsafe(1 << 12);

	add(bytes: Buffer): void {
		if (this.length + bytes.length > this.held.length) {
			const larger = Buffer.allocUnsafe(Math.max(this.held.length * 2, this.length + bytes.length));
			this.held.copy(larger, 0, 0, this.length);
			this.held = larger;
		}
		bytes.copy(this.held, this.length);
		this.length += bytes.length;
	}

	bytes(): Buffer {
		return this.held.subarray(0, this.length);
	}

	at(offset: number): number {
		return this.held[offset]!;
	}
}

type Column = Uint8Array | Uint16Array | Uint32Array | Int32Array | Float64Array;

/** The nodes and contents of a layer while it is being read, in the order of its tar. Columns as in `LayerIndex`. */
export class Columns {
	count = 0;
	contentCount = 0;
	readonly names = new GrowingBytes();
	nameStart = new Uint32Array(1 << 10);
	parent = new Uint32Array(1 << 10);
	/** Of parent and name; for the table that finds nodes. */
	hash = new Int32Array(1 << 10);
	kind = new Uint8Array(1 << 10);
	flags = new Uint8Array(1 << 10);
	mode = new Uint16Array(1 << 10);
	uid = new Uint32Array(1 << 10);
	gid = new Uint32Array(1 << 10);
	modifiedAt = new Float64Array(1 << 10);
	content = new Uint32Array(1 << 10);
	link = new Uint32Array(1 << 10);
	contentSize = new Float64Array(1 << 10);
	contentOffset = new Float64Array(1 << 10);
	contentHash = Buffer.alloc(hashBytes << 10);

	add(parent: number, name: Buffer, kind: number, flags: number): number {
		const node = this.count++;
		if (node + 1 >= this.parent.length) {
			this.growNodes();
		}
		this.nameStart[node] = this.names.length;
		this.names.add(name);
		this.nameStart[node + 1] = this.names.length;
		this.parent[node] = parent;
		this.kind[node] = kind;
		this.flags[node] = flags;
		this.content[node] = noContent;
		this.link[node] = noLink;
		return node;
	}

	addContent(size: number, offset: number): number {
		const content = this.contentCount++;
		if (content >= this.contentSize.length) {
			this.contentSize = grown(this.contentSize);
			this.contentOffset = grown(this.contentOffset);
			const hashes = Buffer.alloc(this.contentHash.length * 2);
			this.contentHash.copy(hashes);
			this.contentHash = hashes;
		}
		this.contentSize[content] = size;
		this.contentOffset[content] = offset;
		return content;
	}

	/** A digest as a binary text, which costs less than a buffer for each content. */
	setHash(content: number, digest: string): void {
		this.contentHash.write(digest, content * hashBytes, hashBytes, 'latin1');
	}

	/** Takes a node out: a later entry of the same path stands for it. */
	replace(node: number): void {
		this.kind[node] = replaced;
	}

	isReplaced(node: number): boolean {
		return this.kind[node] === replaced;
	}

	isNamed(node: number, name: Buffer): boolean {
		const start = this.nameStart[node]!;
		if (this.nameStart[node + 1]! - start !== name.length) {
			return false;
		}
		for (let at = 0; at < name.length; at++) {
			if (this.names.at(start + at) !== name[at]) {
				return false;
			}
		}
		return true;
	}

	private growNodes(): void {
		this.nameStart = grown(this.nameStart);
		this.parent = grown(this.parent);
		this.hash = grown(this.hash);
		this.kind = grown(this.kind);
		this.flags = grown(this.flags);
		this.mode = grown(this.mode);
		this.uid = grown(this.uid);
		this.gid = grown(this.gid);
		this.modifiedAt = grown(this.modifiedAt);
		this.content = grown(this.content);
		this.link = grown(this.link);
	}
}

const replaced = 0;

function grown<C extends Column>(column: C): C {
	const larger = new (column.constructor as new (length: number) => C)(column.length * 2);
	larger.set(column);
	return larger;
}
