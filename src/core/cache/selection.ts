import { posix } from 'node:path';
import { parseIgnore } from '../dockerfile/dockerignore';
import { cleanPath, type ContextFile, type ContextIndex } from './contextIndex';
import { fingerprint } from './fingerprint';
import { goMatch, hasWildcards } from './goMatch';
import { manifestOf, type ManifestEntry } from './manifest';
import type { CacheRules } from './rules';

/** What one COPY, ADD or bind mount takes from the build context. */
export interface FilesTaken {
	/** The source as the builder reads it, relative to the context. */
	readonly source: string;
	/** Names everything about the files that counts; undefined while some content is not hashed. */
	readonly root: string | undefined;
	/** Names the manifest, which has the paths; undefined together with `root`. */
	readonly manifest: string | undefined;
	readonly files: number;
	readonly bytes: number;
}

export interface Selection {
	readonly taken: FilesTaken;
	readonly entries: readonly ManifestEntry[];
	/** Files whose content had to be known and was not. */
	readonly unhashed: readonly string[];
}

export interface SelectionRules {
	readonly builder: CacheRules['builder'];
	/** `--exclude` patterns, relative to the source. */
	readonly excludes: readonly string[];
	/** False for bind mounts, whose source is a path as it stands. */
	readonly takesPatterns: boolean;
}

/** The files a source stands for, as the builder compares them. Computed once per context. */
export function selectFiles(context: ContextIndex, source: string, rules: SelectionRules): Selection {
	const key = JSON.stringify([source, rules]);
	return context.derive(key, () => select(context, cleanPath(source), rules));
}

/** An entry taken, with the name under which the builder compares it. */
interface Taken {
	readonly name: string;
	/** Where it was found; the file itself may be elsewhere when a link was followed. */
	readonly path: string;
	readonly entry: ContextFile | undefined;
}

function select(context: ContextIndex, source: string, rules: SelectionRules): Selection {
	const isPattern = rules.takesPatterns && hasWildcards(source);
	const roots = isPattern ? matches(context, source) : [source];
	const classic = rules.builder === 'classic';
	const taken = roots.flatMap(root => classic ? takenByClassic(context, root) : takenByBuildKit(context, root, isPattern));
	const kept = rules.excludes.length === 0 ? taken : taken.filter(isKept(roots, rules.excludes));
	const unhashed = kept.flatMap(({ entry }) => entry !== undefined && hasContent(entry) && context.hashOf(entry.path) === undefined ? [entry.path] : []);
	const entries = kept.map(one => manifestEntry(context, one));
	const keyed = kept.map(({ name }, at) => [name, entries[at]!.slice(1)]);
	// The classic builder sorts the sums of what is below a folder; BuildKit walks in the order of names.
	const root = unhashed.length > 0 ? undefined : fingerprint(classic ? keyed.map(one => JSON.stringify(one)).sort() : keyed);
	const files = kept.filter(({ entry }) => entry !== undefined && hasContent(entry));
	return {
		taken: {
			source,
			root,
			manifest: root === undefined ? undefined : manifestOf(entries).id,
			files: files.length,
			bytes: files.reduce((sum, { entry }) => sum + entry!.size, 0),
		},
		entries,
		unhashed,
	};
}

function matches(context: ContextIndex, pattern: string): readonly string[] {
	const depth = pattern.split('/').length;
	const isMatch = goMatch(pattern);
	return context.entries.filter(({ path }) => path.split('/').length === depth && isMatch(path)).map(({ path }) => path);
}

/**
 * BuildKit (cache/contenthash): names count from the source on, so that a folder may be renamed above it; only the
 * source itself is followed when it is a link. A pattern's match counts with its own name.
 */
function takenByBuildKit(context: ContextIndex, root: string, isPattern: boolean): readonly Taken[] {
	const reached = context.follow(root);
	const prefix = isPattern ? posix.basename(root) : '';
	if (reached === undefined) {
		return [{ name: prefix, path: root, entry: undefined }];
	}
	const below = context.below(reached).map(entry => {
		const rest = reached === '' ? entry.path : entry.path.slice(reached.length + 1);
		return { name: `${prefix}/${rest}`, path: root === '' ? rest : `${root}/${rest}`, entry };
	});
	// The context's own folder is not packed, so nothing of it counts.
	return reached === '' ? below : [{ name: prefix, path: root, entry: context.at(reached) }, ...below];
}

/** Classic (builder/dockerfile/copy.go, tarsum): names count from the context on, and links count as what they lead to. */
function takenByClassic(context: ContextIndex, root: string): readonly Taken[] {
	const reached = context.follow(root);
	if (reached === undefined) {
		return [{ name: root, path: root, entry: undefined }];
	}
	const below = context.below(reached).map(entry => {
		const target = entry.kind === 'symlink' ? context.follow(entry.path) : entry.path;
		// Without a target in the context only the link's own path counts.
		return { name: target ?? entry.path, path: entry.path, entry: target === undefined ? undefined : context.at(target) };
	});
	return reached === '' ? below : [{ name: reached, path: root, entry: context.at(reached) }, ...below];
}

function isKept(roots: readonly string[], excludes: readonly string[]): (taken: Taken) => boolean {
	const ignore = parseIgnore(excludes.join('\n'));
	return ({ path }) => {
		const root = roots.find(candidate => candidate === '' || path === candidate || path.startsWith(`${candidate}/`)) ?? '';
		const relative = root === '' ? path : path.slice(root.length + 1);
		return relative === '' || !ignore.ignores(relative);
	};
}

const hasContent = ({ kind }: ContextFile): boolean => kind === 'file' || kind === 'hardlink';

/** All permission bits of a link are set in a tar, whatever the disk says. */
const linkMode = 0o777;

function manifestEntry(context: ContextIndex, { path, entry }: Taken): ManifestEntry {
	if (entry === undefined) {
		return [path, 'missing', 0, 0, ''];
	}
	const content = hasContent(entry) ? (context.hashOf(entry.path) ?? '').slice(0, 32) : '';
	const mode = entry.kind === 'symlink' ? linkMode : entry.mode;
	return [path, entry.kind, mode, hasContent(entry) ? entry.size : 0, entry.kind === 'symlink' ? entry.link ?? '' : content];
}
