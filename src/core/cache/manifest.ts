import type { Slices } from '../base/slices';
import type { ContextFile } from './contextIndex';
import { SetHash } from './setHash';

/** Path, kind, mode, bytes of content, and the content's hash or the link's target. A tuple, since there may be 20,000 of them. */
export type ManifestEntry = readonly [path: string, kind: ContextFile['kind'] | 'missing', mode: number, size: number, content: string];

/** The files an instruction took, apart from the record of the build: records with the same files share it. */
export interface Manifest {
	/** Names the entries. */
	readonly id: string;
	readonly entries: readonly ManifestEntry[];
}

export function manifestOf(entries: readonly ManifestEntry[]): Manifest {
	return { id: new SetHash().with(entries.map(entry => JSON.stringify(entry))).name, entries };
}

/** Reads a manifest as it was stored; undefined where it is none, or not the one of that name. */
export function* readingManifest(id: string, stored: unknown): Slices<Manifest | undefined> {
	if (!Array.isArray(stored) || !stored.every(isEntry)) {
		return undefined;
	}
	const named = new SetHash();
	for (const entry of stored) {
		named.add(JSON.stringify(entry));
		yield;
	}
	return named.name === id ? { id, entries: stored } : undefined;
}

function isEntry(value: unknown): value is ManifestEntry {
	return Array.isArray(value) && value.length === 5 && typeof value[0] === 'string' && typeof value[1] === 'string'
		&& typeof value[2] === 'number' && typeof value[3] === 'number' && typeof value[4] === 'string';
}

/** How the files of two manifests differ. Paths in order, each list cut at `limit`; `total` counts all. */
export interface FileChanges {
	readonly added: readonly string[];
	readonly removed: readonly string[];
	/** Other bytes, another link target, or another kind of entry under the same name. */
	readonly content: readonly string[];
	/** Only the permissions differ. */
	readonly mode: readonly string[];
	readonly total: number;
}

export function compareManifests(before: readonly ManifestEntry[], after: readonly ManifestEntry[], limit: number): FileChanges {
	const old = new Map(before.map(entry => [entry[0], entry]));
	const added: string[] = [];
	const content: string[] = [];
	const mode: string[] = [];
	for (const entry of after) {
		const [path, kind, permissions, size, bytes] = entry;
		const was = old.get(path);
		old.delete(path);
		if (was === undefined || was[1] === 'missing') {
			if (kind !== 'missing') {
				added.push(path);
			}
		} else if (kind === 'missing') {
			old.set(path, was);
		} else if (was[1] !== kind || was[3] !== size || was[4] !== bytes) {
			content.push(path);
		} else if (was[2] !== permissions) {
			mode.push(path);
		}
	}
	const removed = [...old.values()].flatMap(([path, kind]) => kind === 'missing' ? [] : [path]);
	const cut = (paths: string[]): readonly string[] => paths.sort().slice(0, limit);
	return {
		total: added.length + removed.length + content.length + mode.length,
		added: cut(added), removed: cut(removed), content: cut(content), mode: cut(mode),
	};
}
