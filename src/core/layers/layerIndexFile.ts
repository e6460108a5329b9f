import { hash as digestOf } from 'node:crypto';
import { hashBytes, layerIndexOf, layerIndexVersion, type LayerColumns, type LayerIndex } from './layerIndex';

/**
 * An index as bytes: `STRATAIX`, version, length of the head, the head as JSON, the columns in a fixed order, each at
 * a multiple of 8, little-endian, and last the SHA-256 of all that.
 */
export function encodeLayerIndex(index: LayerIndex): Buffer {
	const read = encodedForms.get(index);
	if (read !== undefined) {
		return read;
	}
	const { diffId, tarBytes, nodeCount, contentCount, linkStart, links, names, xattrNode, packages } = index;
	const head: Head = { diffId, tarBytes, nodeCount, contentCount, linkCount: linkStart.length - 1, linkBytes: links.length, nameBytes: names.length, xattrCount: xattrNode.length, packageBytes: packages.length };
	const text = Buffer.from(JSON.stringify(head));
	const prefix = Buffer.alloc(aligned(prefixBytes + text.length));
	magic.copy(prefix);
	prefix.writeUInt32LE(layerIndexVersion, 8);
	prefix.writeUInt32LE(text.length, 12);
	text.copy(prefix, prefixBytes);
	const parts = [prefix, ...columnsOf(head).flatMap(({ name }) => {
		const column = index[name];
		const bytes = Buffer.from(column.buffer, column.byteOffset, column.byteLength);
		return [bytes, Buffer.alloc(aligned(bytes.length) - bytes.length)];
	})];
	const body = Buffer.concat(parts);
	return Buffer.concat([body, digestOf('sha256', body, 'buffer')]);
}

/** Undefined for anything but a whole index of this version. */
export function decodeLayerIndex(bytes: Buffer): LayerIndex | undefined {
	const bodyBytes = bytes.length - digestBytes;
	if (bodyBytes < prefixBytes || bytes.compare(magic, 0, magic.length, 0, magic.length) !== 0 || bytes.readUInt32LE(8) !== layerIndexVersion) {
		return undefined;
	}
	const body = bytes.subarray(0, bodyBytes);
	if (!digestOf('sha256', body, 'buffer').equals(bytes.subarray(bodyBytes))) {
		return undefined;
	}
	const headBytes = bytes.readUInt32LE(12);
	const head = JSON.parse(bytes.toString('utf8', prefixBytes, prefixBytes + headBytes)) as Head;
	// Typed arrays must start at a multiple of their size; a pooled buffer may start anywhere.
	const { buffer, byteOffset } = body.byteOffset % 8 === 0 ? body : Buffer.from(new Uint8Array(body).buffer);
	let at = byteOffset + aligned(prefixBytes + headBytes);
	const columns: Record<string, unknown> = {};
	for (const { name, length, of } of columnsOf(head)) {
		columns[name] = of === Buffer ? Buffer.from(buffer as ArrayBuffer, at, length) : new of(buffer as ArrayBuffer, at, length);
		at = aligned(at + length * of.BYTES_PER_ELEMENT);
	}
	const { diffId, tarBytes, nodeCount, contentCount } = head;
	if (at !== byteOffset + bodyBytes) {
		return undefined;
	}
	const index = layerIndexOf({ ...columns, diffId, tarBytes, nodeCount, contentCount, verified: true } as unknown as LayerColumns);
	encodedForms.set(index, bytes);
	return index;
}

/** What indexes were decoded from. Their columns are views of it, so keeping it costs nothing. */
const encodedForms = new WeakMap<LayerIndex, Buffer>();

interface Head {
	readonly diffId: string;
	readonly tarBytes: number;
	readonly nodeCount: number;
	readonly contentCount: number;
	readonly linkCount: number;
	readonly linkBytes: number;
	readonly nameBytes: number;
	readonly xattrCount: number;
	readonly packageBytes: number;
}

type ColumnName = {
	[Name in keyof LayerColumns]: LayerColumns[Name] extends Uint8Array | Uint16Array | Uint32Array | Float64Array ? Name : never
}[keyof LayerColumns];

type ColumnType = { readonly BYTES_PER_ELEMENT: number; new (buffer: ArrayBuffer, offset: number, length: number): unknown };

interface ColumnShape {
	readonly name: ColumnName;
	readonly length: number;
	readonly of: ColumnType | typeof Buffer;
}

const magic = Buffer.from('STRATAIX');
const prefixBytes = 16;
const digestBytes = 32;

function columnsOf(head: Head): readonly (ColumnShape & { readonly of: ColumnType })[] {
	const { nodeCount, contentCount } = head;
	const bytes = Buffer as unknown as ColumnType;
	return [
		{ name: 'modifiedAt', length: nodeCount, of: Float64Array },
		{ name: 'contentSize', length: contentCount, of: Float64Array },
		{ name: 'contentOffset', length: contentCount, of: Float64Array },
		{ name: 'contentNode', length: contentCount, of: Uint32Array },
		{ name: 'contentNames', length: contentCount, of: Uint32Array },
		{ name: 'parent', length: nodeCount, of: Uint32Array },
		{ name: 'firstChild', length: nodeCount + 1, of: Uint32Array },
		{ name: 'nameStart', length: nodeCount + 1, of: Uint32Array },
		{ name: 'uid', length: nodeCount, of: Uint32Array },
		{ name: 'gid', length: nodeCount, of: Uint32Array },
		{ name: 'content', length: nodeCount, of: Uint32Array },
		{ name: 'link', length: nodeCount, of: Uint32Array },
		{ name: 'linkStart', length: head.linkCount + 1, of: Uint32Array },
		{ name: 'xattrNode', length: head.xattrCount, of: Uint32Array },
		{ name: 'mode', length: nodeCount, of: Uint16Array },
		{ name: 'kind', length: nodeCount, of: Uint8Array },
		{ name: 'flags', length: nodeCount, of: Uint8Array },
		{ name: 'names', length: head.nameBytes, of: bytes },
		{ name: 'links', length: head.linkBytes, of: bytes },
		{ name: 'xattrHash', length: head.xattrCount * hashBytes, of: bytes },
		{ name: 'contentHash', length: contentCount * hashBytes, of: bytes },
		{ name: 'packages', length: head.packageBytes, of: bytes },
	];
}

function aligned(offset: number): number {
	return Math.ceil(offset / 8) * 8;
}
