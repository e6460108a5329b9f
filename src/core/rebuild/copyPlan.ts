import type { EntryKind } from '../layers/tree';

/** A path of the container as it has to become in the image. */
export interface WantedEntry {
	readonly path: string;
	readonly kind: EntryKind;
	readonly mode: number;
	readonly uid: number;
	readonly gid: number;
	readonly size: number;
	readonly link: string | undefined;
}

/** What goes into the image by one COPY: the content of `folder` + `root`, into `root`. */
export interface CopyUnit {
	/** Name of a folder beside the Dockerfile; the entries lie in it under their whole path. */
	readonly folder: string;
	readonly root: string;
	/** Undefined: 0:0, which COPY gives by itself. */
	readonly owner: { readonly uid: number; readonly gid: number } | undefined;
	/** The mode of every file of the unit, where it is not one that a folder on disk keeps. */
	readonly mode: number | undefined;
	readonly entries: readonly WantedEntry[];
}

/** What COPY cannot do and a command has to. */
export type Repair =
	| { readonly kind: 'mode'; readonly path: string; readonly mode: number }
	| { readonly kind: 'owner'; readonly path: string; readonly uid: number; readonly gid: number };

export interface CopyPlan {
	/** In the order to copy them in: a unit's root is there before it. */
	readonly units: readonly CopyUnit[];
	readonly repairs: readonly Repair[];
}

export type FolderFacts = Pick<WantedEntry, 'mode' | 'uid' | 'gid'>;

interface OpenUnit {
	readonly root: string;
	readonly uid: number;
	readonly gid: number;
	readonly mode: number | undefined;
	readonly entries: WantedEntry[];
}

/**
 * Distributes entries over as few COPYs as give each its owner and mode. COPY writes the mode and the owner of every
 * folder on the way down, so a folder of the image that is not 0755 of the same owner starts a unit of its own, at whose
 * root COPY changes nothing. On disk only 0644 and 0755 are kept, which any checkout keeps too; other modes of files are
 * given by `--chmod` where the builder has it, else by a command afterwards.
 *
 * @param wanted in path order, added folders included
 * @param folderOf what the container says of a folder that is there already
 */
export function planCopies(wanted: readonly WantedEntry[], folderOf: (path: string) => FolderFacts, canChmod: boolean): CopyPlan {
	const made = new Map(wanted.filter(({ kind }) => kind === 'directory').map(entry => [entry.path, entry]));
	const units = new Map<string, OpenUnit>();
	const repairs: Repair[] = [];
	const unitAt = (root: string, { uid, gid }: Pick<FolderFacts, 'uid' | 'gid'>, mode?: number): OpenUnit => {
		const key = `${root}\n${uid}:${gid}\n${mode ?? ''}`;
		const unit = units.get(key) ?? { root, uid, gid, mode, entries: [] };
		units.set(key, unit);
		return unit;
	};
	const known = new Map<string, OpenUnit>();
	const unitOfFolder = (path: string): OpenUnit => {
		const before = known.get(path);
		if (before !== undefined) {
			return before;
		}
		const above = path === '/' ? unitAt('/', { uid: 0, gid: 0 }) : unitOfFolder(parentOf(path));
		const folder = made.get(path) ?? folderOf(path);
		const fits = path === '/' || (folder.uid === above.uid && folder.gid === above.gid && (folder.mode === plainFolder || made.has(path)));
		const unit = fits ? above : unitAt(path, folder);
		known.set(path, unit);
		return unit;
	};
	for (const entry of wanted) {
		if (entry.kind === 'directory') {
			unitOfFolder(entry.path).entries.push(entry);
			if (entry.mode !== plainFolder) {
				repairs.push({ kind: 'mode', path: entry.path, mode: entry.mode });
			}
			continue;
		}
		const folder = parentOf(entry.path);
		const around = unitOfFolder(folder);
		const isOdd = entry.kind !== 'symlink' && !plainFiles.includes(entry.mode);
		const own = around.uid === entry.uid && around.gid === entry.gid;
		// BuildKit of Docker 20.10 forgets set-user-ID, set-group-ID and sticky bits of a `--chmod`.
		const byCopy = isOdd && canChmod && entry.mode <= 0o777;
		if (isOdd && !byCopy) {
			repairs.push({ kind: 'mode', path: entry.path, mode: entry.mode });
		}
		const unit = byCopy ? unitAt(folder, entry, entry.mode) : own ? around : unitAt(folder, entry);
		unit.entries.push(entry);
	}
	const filled = [...units.values()].filter(({ entries }) => entries.length > 0).sort((a, b) => compare(a.root, b.root) || (a.mode ?? 0) - (b.mode ?? 0));
	return { units: named(filled), repairs };
}

const plainFolder = 0o755;
const plainFiles: readonly number[] = [0o644, 0o755];

/** Names the units' folders, so that no unit's content lies within another's. */
function named(units: readonly OpenUnit[]): readonly CopyUnit[] {
	const rootsIn = new Map<string, string[]>();
	return units.map(({ root, uid, gid, mode, entries }) => {
		const owner = uid === 0 && gid === 0 ? undefined : { uid, gid };
		const base = ['files', ...owner === undefined ? [] : [uid, gid], ...mode === undefined ? [] : [octal(mode)]].join('-');
		let folder = base;
		for (let count = 2; rootsIn.get(folder)?.some(other => isWithin(root, other) || isWithin(other, root)); count++) {
			folder = `${base}.${count}`;
		}
		rootsIn.set(folder, [...rootsIn.get(folder) ?? [], root]);
		return { folder, root, owner, mode, entries };
	});
}

/** As chmod takes it: `0755`, `4755`. */
export function octal(mode: number): string {
	return mode.toString(8).padStart(4, '0');
}

export function parentOf(path: string): string {
	return path.slice(0, Math.max(1, path.lastIndexOf('/')));
}

function isWithin(path: string, folder: string): boolean {
	return folder === '/' || path === folder || path.startsWith(`${folder}/`);
}

function compare(one: string, other: string): number {
	return one < other ? -1 : one > other ? 1 : 0;
}
