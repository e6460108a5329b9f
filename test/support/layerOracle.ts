import { extract } from 'tar-stream';
import { Readable } from 'node:stream';

/**
 * A second, simple-minded calculation of what a stack of layers shows: tar-stream reads, and a map from path to entry is
 * rewritten layer by layer. It shares no code and no idea with `core/layers`.
 */
export interface OracleEntry {
	readonly kind: string;
	readonly mode: number;
	readonly uid: number;
	readonly gid: number;
	readonly link: string | undefined;
	readonly content: OracleContent | undefined;
}

export interface OracleContent {
	readonly layer: number;
	readonly path: string;
	readonly size: number;
	readonly data: string;
}

export type OracleTree = ReadonlyMap<string, OracleEntry>;

export interface OracleWaste {
	readonly path: string;
	readonly bytes: number;
	readonly addedIn: number;
	readonly buriedIn: number;
}

export interface OracleStack {
	/** The merged view after each layer. */
	readonly trees: readonly OracleTree[];
	/** Paths that each layer's tar has, without whiteouts. */
	readonly touched: readonly ReadonlySet<string>[];
	readonly totalBytes: number;
	readonly waste: readonly OracleWaste[];
}

interface RawEntry {
	readonly path: string;
	readonly type: string;
	readonly link: string;
	readonly mode: number;
	readonly uid: number;
	readonly gid: number;
	readonly data: Buffer;
	/** As a reader sees it, more than the data for a sparse file. */
	readonly size: number;
}

export async function oracleOf(tars: readonly Buffer[]): Promise<OracleStack> {
	const trees: OracleTree[] = [];
	const touched: ReadonlySet<string>[] = [];
	const contents: OracleContent[] = [];
	let tree = new Map<string, OracleEntry>();
	for (const [layer, tar] of tars.entries()) {
		const entries = await entriesOf(tar);
		tree = applied(tree, entries, layer);
		trees.push(tree);
		touched.push(new Set(entries.map(entry => entry.path).filter(path => !nameIn(path).startsWith('.wh.'))));
		const own = new Set([...tree.values()].flatMap(({ content }) => content?.layer === layer ? content : []));
		contents.push(...own);
	}
	return { trees, touched, totalBytes: contents.reduce((sum, { size }) => sum + size, 0), waste: wasteIn(trees, contents) };
}

async function entriesOf(tar: Buffer): Promise<readonly RawEntry[]> {
	const entries: RawEntry[] = [];
	const reader = extract();
	Readable.from([tar]).pipe(reader);
	for await (const entry of reader) {
		const parts: Buffer[] = [];
		for await (const part of entry as AsyncIterable<Buffer>) {
			parts.push(part);
		}
		const { name, type, linkname, mode, uid, gid } = entry.header;
		const pax = entry.header.pax as Readonly<Record<string, string>> | undefined;
		const data = Buffer.concat(parts);
		entries.push({
			path: cleaned(pax?.['GNU.sparse.name'] ?? name), type: type ?? 'file', link: linkname ?? '', mode: mode ?? 0, uid: uid ?? 0, gid: gid ?? 0,
			data, size: Number(pax?.['GNU.sparse.realsize'] ?? data.length),
		});
	}
	return entries;
}

function applied(below: OracleTree, entries: readonly RawEntry[], layer: number): Map<string, OracleEntry> {
	const tree = new Map(below);
	for (const { path } of entries) {
		const name = nameIn(path);
		if (name === '.wh..wh..opq') {
			removeBelow(tree, folderOf(path));
		} else if (name.startsWith('.wh.')) {
			const gone = `${folderOf(path)}/${name.slice('.wh.'.length)}`;
			tree.delete(gone);
			removeBelow(tree, gone);
		}
	}
	for (const { path, type, link, mode, uid, gid, data, size } of entries) {
		if (nameIn(path).startsWith('.wh.')) {
			makeFolders(tree, path);
			continue;
		}
		if (path === '') {
			continue;
		}
		makeFolders(tree, path);
		if (type !== 'directory') {
			removeBelow(tree, path);
		}
		const target = type === 'link' ? tree.get(cleaned(link)) : undefined;
		if (type === 'link') {
			// Two names of one inode.
			tree.set(path, target ?? { kind: 'link', mode, uid, gid, link: undefined, content: undefined });
			continue;
		}
		tree.set(path, {
			kind: type, mode, uid, gid,
			link: type === 'symlink' ? link : undefined,
			content: type === 'file' ? { layer, path, size, data: data.toString('latin1') } : undefined,
		});
	}
	return tree;
}

function makeFolders(tree: Map<string, OracleEntry>, path: string): void {
	for (let folder = folderOf(path); folder !== ''; folder = folderOf(folder)) {
		if (tree.get(folder)?.kind !== 'directory') {
			tree.set(folder, { kind: 'directory', mode: 0o755, uid: 0, gid: 0, link: undefined, content: undefined });
		}
	}
}

function removeBelow(tree: Map<string, OracleEntry>, folder: string): void {
	for (const path of [...tree.keys()]) {
		if (path.startsWith(`${folder}/`)) {
			tree.delete(path);
		}
	}
}

function wasteIn(trees: readonly OracleTree[], contents: readonly OracleContent[]): readonly OracleWaste[] {
	const reached = trees.map(tree => new Set([...tree.values()].map(entry => entry.content)));
	return contents.flatMap(content => {
		const buriedIn = reached.findIndex((set, layer) => layer > content.layer && !set.has(content));
		return buriedIn < 0 || content.size === 0 ? [] : [{ path: content.path, bytes: content.size, addedIn: content.layer, buriedIn }];
	});
}

function cleaned(path: string): string {
	const names = path.split('/').filter(name => name !== '' && name !== '.');
	return names.map(name => `/${name}`).join('');
}

function nameIn(path: string): string {
	return path.slice(path.lastIndexOf('/') + 1);
}

function folderOf(path: string): string {
	return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
