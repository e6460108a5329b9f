import type { RunConfig } from '../engine/runConfig';
import type { FileDifference } from '../layers/compare';
import { configChanges, type ConfigChange } from './configChange';
import { outsideImage } from './containerTree';
import { parentOf, planCopies, type CopyUnit, type FolderFacts, type Repair, type WantedEntry } from './copyPlan';
import { isPackageBookkeeping, type PackageChange } from './packages';
import type { RpmChange } from './rpmChange';

/** What a Dockerfile builds on, and how surely it names it. */
export interface BaseName {
	readonly text: string;
	/** `digest`: the same bytes for ever. `tag`: may move. `id`: known to this engine, and to its classic builder, only. */
	readonly kind: 'digest' | 'tag' | 'id';
	readonly imageId: string;
}

/** The files of the packages that came and went, as their manager lists them. */
export interface PackageFiles {
	readonly installed: ReadonlySet<string>;
	/** Of these, the ones that are no longer as the package brought them. */
	readonly edited: ReadonlySet<string>;
	readonly removed: ReadonlySet<string>;
	/** What packages brought and somebody took away since; the installation brings it again. */
	readonly missing: readonly string[];
}

export type LeftOutReason = 'packageManager' | 'packageLists' | 'special' | 'name' | 'noShell' | 'mounted';

/** Paths that the Dockerfile does not bring about, and why. */
export interface LeftOut {
	readonly reason: LeftOutReason;
	readonly paths: readonly string[];
}

/** A container's changes as what a Dockerfile has to do; the words are made in `words/containerDockerfile`. */
export interface ContainerDockerfile {
	readonly base: BaseName;
	readonly packages: PackageChange | undefined;
	/** Packages came or went through rpm: their files are among those that are copied. */
	readonly rpm: RpmChange | undefined;
	/** To be removed before anything is copied: what is gone, and what becomes something of another kind. */
	readonly removals: readonly string[];
	readonly units: readonly CopyUnit[];
	readonly repairs: readonly Repair[];
	/** The user to be again after commands that only root can run; undefined where root is what the image runs as. */
	readonly userAfter: string | undefined;
	readonly config: readonly ConfigChange[];
	readonly leftOut: readonly LeftOut[];
	/** Of the regular files to be copied. */
	readonly files: number;
	readonly bytes: number;
}

export interface ContainerChanges {
	readonly base: BaseName;
	/** From the image to the container. */
	readonly differences: readonly FileDifference[];
	/** A folder as the container has it. */
	readonly folderOf: (path: string) => FolderFacts;
	readonly mounts: readonly string[];
	readonly packages: PackageChange | undefined;
	readonly rpm: RpmChange | undefined;
	readonly packageFiles: PackageFiles;
	readonly imageConfig: RunConfig;
	readonly containerConfig: RunConfig;
	/** Whether commands can run in the image: `/bin/sh` is there. */
	readonly hasShell: boolean;
	/** Whether the builder knows `COPY --chmod`: BuildKit. */
	readonly canChmod: boolean;
}

/** Plans a Dockerfile that makes an image like the container. */
export function planContainerDockerfile(changes: ContainerChanges): ContainerDockerfile {
	const { base, imageConfig, containerConfig, packages, packageFiles, hasShell } = changes;
	const left = new Map<LeftOutReason, string[]>();
	const leaveOut = (reason: LeftOutReason, path: string): void => { left.set(reason, [...left.get(reason) ?? [], path]); };
	const wanted: WantedEntry[] = [];
	const removals: string[] = [];
	const repairs: Repair[] = [];
	for (const difference of withoutEnginesOwn(changes.differences, changes.mounts)) {
		const { path, a, b } = difference;
		const reason = whyLeftOut(difference, packages !== undefined, packageFiles);
		if (reason === 'packageFile') {
			continue;
		}
		if (reason !== undefined) {
			leaveOut(reason, path);
			continue;
		}
		const isOther = a !== undefined && b !== undefined && (kindOf(a.kind) !== kindOf(b.kind) || b.kind === 'symlink');
		if ((b === undefined || isOther) && !removals.some(above => path.startsWith(`${above}/`))) {
			removals.push(path);
		}
		if (b === undefined) {
			continue;
		}
		if (a !== undefined && a.kind === 'directory' && b.kind === 'directory') {
			repairs.push(...a.mode === b.mode ? [] : [{ kind: 'mode' as const, path, mode: b.mode }]);
			repairs.push(...a.uid === b.uid && a.gid === b.gid ? [] : [{ kind: 'owner' as const, path, uid: b.uid, gid: b.gid }]);
		} else {
			wanted.push(b);
		}
	}
	removals.push(...packageFiles.missing.filter(isWritable));
	const plan = planCopies(wanted, changes.folderOf, changes.canChmod);
	const commands = { removals, repairs: [...plan.repairs, ...repairs] };
	if (!hasShell) {
		[...removals, ...commands.repairs.map(({ path }) => path)].forEach(path => { leaveOut('noShell', path); });
	}
	const runs = packages !== undefined || (hasShell && (removals.length > 0 || commands.repairs.length > 0));
	const config = configChanges(imageConfig, containerConfig);
	const regular = wanted.filter(({ kind }) => kind === 'file' || kind === 'hardlink');
	return {
		base, packages, rpm: changes.rpm, units: plan.units, config,
		removals: hasShell ? removals.sort() : [],
		repairs: hasShell ? commands.repairs : [],
		userAfter: runs && !isRoot(imageConfig.user) ? containerConfig.user || '0' : undefined,
		leftOut: [
			...[...left].map(([reason, paths]) => ({ reason, paths })),
			...changes.mounts.length === 0 ? [] : [{ reason: 'mounted' as const, paths: changes.mounts }],
		],
		files: regular.length,
		bytes: regular.reduce((sum, { size }) => sum + size, 0),
	};
}

/**
 * Differences between an image and a container, without what the engine puts into every container: its stubs, what is
 * mounted, and the folders that it makes for them.
 */
export function withoutEnginesOwn(differences: readonly FileDifference[], mounts: readonly string[]): readonly FileDifference[] {
	const isOutside = outsideImage(mounts);
	const inside = differences.filter(({ path }) => !isOutside(path));
	const parents = new Set(inside.map(({ path }) => parentOf(path)));
	return inside.filter(({ path, a, b }) => !((a === undefined || b === undefined) && engineParents.includes(path) && !parents.has(path)));
}

const engineParents = ['/etc', '/run'];

function whyLeftOut({ path, b }: FileDifference, hasPackages: boolean, files: PackageFiles): LeftOutReason | 'packageFile' | undefined {
	if (packageLists.some(folder => path === folder || path.startsWith(`${folder}/`))) {
		return 'packageLists';
	}
	if (hasPackages) {
		if (isPackageBookkeeping(path)) {
			return 'packageManager';
		}
		if (b === undefined ? files.removed.has(path) : files.installed.has(path) && !files.edited.has(path)) {
			return 'packageFile';
		}
	}
	if (b !== undefined && (b.kind === 'character' || b.kind === 'block' || b.kind === 'fifo')) {
		return 'special';
	}
	return isWritable(path) ? undefined : 'name';
}

const packageLists = ['/var/lib/apt/lists', '/var/cache/apt', '/var/cache/apk', '/var/cache/dnf', '/var/cache/libdnf5', '/var/cache/yum', '/var/cache/zypp'];

/** Names with line breaks, or that are no UTF-8 (`nameText`), stand in no Dockerfile and on few disks. */
function isWritable(path: string): boolean {
	return !/[\u0000-\u001f\u007f\uef80-\uefff]/.test(path);
}

function kindOf(kind: WantedEntry['kind']): WantedEntry['kind'] {
	return kind === 'hardlink' ? 'file' : kind;
}

function isRoot(user: string): boolean {
	return user === '' || /^(root|0)(:|$)/.test(user);
}
