import { compareApiVersions } from './engine/apiVersion';
import type { ContainerChange, PathStat } from './engine/engine';

/** What is wrong with a change that a commit should apply; words for it are in `words/commit`. */
export interface CommitChangeProblem {
	readonly kind: 'empty' | 'notAllowed' | 'needsNewerEngine' | 'missingArguments' | 'badPort' | 'badTrigger' | 'badHealthcheck' | 'badAssignment' | 'severalLines';
	/** The word that the problem is about. */
	readonly subject: string;
}

/** Instructions that a commit may apply to the new image's config (moby, `validCommitCommands`). */
export const commitKeywords = [
	'CMD', 'ENTRYPOINT', 'ENV', 'EXPOSE', 'HEALTHCHECK', 'LABEL', 'ONBUILD', 'STOPSIGNAL', 'USER', 'VOLUME', 'WORKDIR',
] as const;

/**
 * Checks one change before it is sent: an engine that refuses it has paused the container for nothing.
 * `apiVersion` is the one spoken with the engine; STOPSIGNAL came with 1.42.
 */
export function checkCommitChange(text: string, apiVersion: string): CommitChangeProblem | undefined {
	const trimmed = text.trim();
	if (trimmed === '') {
		return { kind: 'empty', subject: '' };
	}
	if (/[\r\n]/.test(trimmed)) {
		return { kind: 'severalLines', subject: trimmed };
	}
	const [word = '', args = ''] = splitOnce(trimmed);
	const keyword = word.toUpperCase();
	if (!commitKeywords.some(allowed => allowed === keyword)) {
		return { kind: 'notAllowed', subject: keyword };
	}
	if (keyword === 'STOPSIGNAL' && compareApiVersions(apiVersion, '1.42') < 0) {
		return { kind: 'needsNewerEngine', subject: keyword };
	}
	if (args === '') {
		return { kind: 'missingArguments', subject: keyword };
	}
	return checkArguments(keyword, args);
}

function checkArguments(keyword: string, args: string): CommitChangeProblem | undefined {
	switch (keyword) {
		case 'EXPOSE': {
			const bad = args.split(/\s+/).find(port => !isPort(port));
			return bad === undefined ? undefined : { kind: 'badPort', subject: bad };
		}
		case 'ENV':
		case 'LABEL':
			return isAssignment(args) ? undefined : { kind: 'badAssignment', subject: keyword };
		case 'ONBUILD': {
			const trigger = (splitOnce(args)[0] ?? '').toUpperCase();
			return ['ONBUILD', 'FROM', 'MAINTAINER'].includes(trigger) ? { kind: 'badTrigger', subject: trigger } : undefined;
		}
		case 'HEALTHCHECK':
			return /^NONE$/i.test(args) || /^(--\S+\s+)*CMD\s+\S/i.test(args) ? undefined : { kind: 'badHealthcheck', subject: args };
		default:
			return undefined;
	}
}

/** What a commit would put into the new layer. */
export interface CommitPreview {
	readonly added: number;
	readonly modified: number;
	readonly removed: number;
	/** Changed paths under a mount point: a commit leaves them out. */
	readonly mounted: number;
	readonly mounts: readonly string[];
	/** Bytes of the regular files that were looked at. */
	readonly bytes: number;
	/** Added and modified paths whose size was asked for, and how many there are. */
	readonly measured: number;
	readonly measurable: number;
	/** The heaviest files looked at, heaviest first. */
	readonly heaviest: readonly { readonly path: string; readonly bytes: number }[];
}

export interface PreviewOptions {
	readonly mounts: readonly string[];
	/** How many paths are looked at at most; each costs one engine call. */
	readonly limit: number;
	readonly stat: (path: string) => Promise<Pick<PathStat, 'kind' | 'sizeBytes'> | undefined>;
	readonly signal: AbortSignal;
}

/** Counts what would go in, and asks for the sizes of as many files as the limit allows, a few at a time. */
export async function previewCommit(changes: readonly ContainerChange[], options: PreviewOptions): Promise<CommitPreview> {
	const isMounted = under(options.mounts);
	const committed = changes.filter(change => !isMounted(change.path));
	const folders = parentsOf(committed);
	// A folder is listed as modified whenever something in it changed; it has no bytes of its own.
	const measurable = committed.filter(change => change.change !== 'removed' && !folders.has(change.path));
	const sizes = await measure(measurable.slice(0, options.limit).map(change => change.path), options);
	return {
		added: count(committed, 'added'),
		modified: count(committed.filter(change => !folders.has(change.path)), 'modified'),
		removed: count(committed, 'removed'),
		mounted: changes.length - committed.length,
		mounts: options.mounts,
		bytes: sizes.reduce((sum, { bytes }) => sum + bytes, 0),
		measured: Math.min(measurable.length, options.limit),
		measurable: measurable.length,
		heaviest: [...sizes].filter(({ bytes }) => bytes > 0).sort((a, b) => b.bytes - a.bytes).slice(0, 5),
	};
}

async function measure(paths: readonly string[], { stat, signal }: PreviewOptions): Promise<{ path: string; bytes: number }[]> {
	const sizes: { path: string; bytes: number }[] = [];
	const queue = [...paths];
	const work = async (): Promise<void> => {
		for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
			signal.throwIfAborted();
			const found = await stat(path);
			if (found?.kind === 'file') {
				sizes.push({ path, bytes: found.sizeBytes });
			}
		}
	};
	await Promise.all(Array.from({ length: 4 }, work));
	return sizes;
}

function under(mounts: readonly string[]): (path: string) => boolean {
	return path => mounts.some(mount => path === mount || path.startsWith(mount.endsWith('/') ? mount : `${mount}/`));
}

function parentsOf(changes: readonly ContainerChange[]): ReadonlySet<string> {
	return new Set(changes.map(({ path }) => path.slice(0, path.lastIndexOf('/'))));
}

function count(changes: readonly ContainerChange[], kind: ContainerChange['change']): number {
	return changes.filter(({ change }) => change === kind).length;
}

function splitOnce(text: string): readonly [string, string] {
	const space = text.search(/\s/);
	return space < 0 ? [text, ''] : [text.slice(0, space), text.slice(space).trim()];
}

function isPort(text: string): boolean {
	const [, first, last] = /^(\d+)(?:-(\d+))?(?:\/(?:tcp|udp|sctp))?$/i.exec(text) ?? [];
	const low = Number(first);
	const high = Number(last ?? first);
	return first !== undefined && low >= 1 && high <= 65_535 && low <= high;
}

/** `NAME=value …`, or the old `NAME value`. */
function isAssignment(args: string): boolean {
	const [first, rest] = splitOnce(args);
	return first.includes('=') ? !first.startsWith('=') : rest !== '';
}
