import { posix } from 'node:path';
import { atOnce, type Slices } from '../base/slices';
import { parseIgnore } from '../dockerfile/dockerignore';
import { cleanPath, type ContextFile, type ContextIndex } from './contextIndex';
import { goMatch, hasWildcards } from './goMatch';
import type { ManifestEntry } from './manifest';
import type { CacheRules } from './rules';
import { SetHash } from './setHash';

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
	/** Whether links are among them, so that the bytes on disk are not just those of the files. */
	readonly hasLinks?: true;
}

/** A file whose content is not what is on disk: the Dockerfile as it stands in the editor. */
export interface WrittenFile {
	readonly path: string;
	readonly hash: string;
	readonly size: number;
}

export interface SelectionRules {
	readonly builder: CacheRules['builder'];
	/** `--exclude` patterns, relative to the source. */
	readonly excludes: readonly string[];
	/** False for bind mounts, whose source is a path as it stands. */
	readonly takesPatterns: boolean;
}

export interface Selection {
	readonly taken: FilesTaken;
	/** Files whose content had to be known and was not. */
	readonly unhashed: readonly string[];
	/** Whether the written file is among them. */
	readonly hasWritten: boolean;
}

/**
 * The files a source stands for, as the builder compares them; undefined until `lookThrough` went through those of this
 * context. Then a key press in the Dockerfile costs nothing where the Dockerfile itself is taken.
 */
export function selectFiles(context: ContextIndex, source: string, rules: SelectionRules, written: WrittenFile | undefined): Selection | undefined {
	const settled = context.kept<Settled>(keyOf(source, rules, written?.path));
	if (settled === undefined) {
		return undefined;
	}
	const changing = settled.changing.map(taken => lineOf(context, taken, written));
	const isWhole = settled.unhashed.length === 0;
	return {
		unhashed: settled.unhashed,
		hasWritten: settled.changing.length > 0,
		taken: {
			source: cleanPath(source),
			root: isWhole ? settled.keyed.with(changing.map(({ keyed }) => keyed)).name : undefined,
			manifest: isWhole ? settled.listed.with(changing.map(({ entry }) => JSON.stringify(entry))).name : undefined,
			files: settled.files + changing.length,
			bytes: settled.bytes + (written === undefined ? 0 : written.size * changing.length),
			...settled.hasLinks ? { hasLinks: true } : {},
		},
	};
}

/** All that a source stands for: what the manifest of the same selection names. */
export function selectEntries(context: ContextIndex, source: string, rules: SelectionRules, written: WrittenFile | undefined): readonly ManifestEntry[] {
	return atOnce(listEntries(context, source, rules, written));
}

/** The same in slices. Those of files that are not being written are listed once. */
export function* listEntries(context: ContextIndex, source: string, rules: SelectionRules, written: WrittenFile | undefined): Slices<readonly ManifestEntry[]> {
	const key = `entries ${keyOf(source, rules, written?.path)}`;
	let known = context.kept<Listed>(key);
	if (known === undefined) {
		const { still, changing } = parted(takenBy(context, cleanPath(source), rules), written?.path);
		const entries: ManifestEntry[] = [];
		for (const one of still) {
			entries.push(lineOf(context, one, undefined).entry);
			yield;
		}
		known = { entries, changing };
		context.keep(key, known, still.every(({ entry }) => entry === undefined || !hasContent(entry) || context.hashOf(contentPath(entry)) !== undefined));
	}
	const { entries, changing } = known;
	return changing.length === 0 ? entries : [...entries, ...changing.map(taken => lineOf(context, taken, written).entry)];
}

interface Listed {
	readonly entries: readonly ManifestEntry[];
	readonly changing: readonly Taken[];
}

/** An entry taken, with the name under which the builder compares it. */
interface Taken {
	readonly name: string;
	/** Where it was found; the file itself may be elsewhere when a link was followed. */
	readonly path: string;
	readonly entry: ContextFile | undefined;
	/** Where it is a link that was followed: its target as written. */
	readonly link?: string | undefined;
}

/** What of a selection stays the same while the written file changes. */
interface Settled {
	readonly keyed: SetHash;
	readonly listed: SetHash;
	readonly files: number;
	readonly bytes: number;
	readonly hasLinks: boolean;
	readonly unhashed: readonly string[];
	readonly changing: readonly Taken[];
}

const keyOf = (source: string, rules: SelectionRules, changing: string | undefined): string => JSON.stringify([source, rules, changing]);

/** Goes through the files of a source; `changing`: the path of the one that is being written. */
export function* lookThrough(context: ContextIndex, source: string, rules: SelectionRules, changing: string | undefined): Slices<void> {
	const taken = parted(takenBy(context, cleanPath(source), rules), changing);
	const files = taken.still.flatMap(({ entry }) => entry !== undefined && hasContent(entry) ? [entry] : []);
	const unhashed = files.map(contentPath).filter(path => context.hashOf(path) === undefined);
	const keyed = new SetHash();
	const listed = new SetHash();
	// They have no name before all content is known.
	for (const one of unhashed.length > 0 ? [] : taken.still) {
		const line = lineOf(context, one, undefined);
		keyed.add(line.keyed);
		listed.add(JSON.stringify(line.entry));
		yield;
	}
	const settled: Settled = {
		keyed, listed, unhashed,
		changing: taken.changing,
		files: files.length,
		bytes: files.reduce((sum, { size }) => sum + size, 0),
		hasLinks: taken.still.some(({ entry }) => entry?.kind === 'symlink' || entry?.kind === 'hardlink'),
	};
	context.keep(keyOf(source, rules, changing), settled, unhashed.length === 0);
}

function parted(taken: readonly Taken[], changing: string | undefined): { readonly still: readonly Taken[]; readonly changing: readonly Taken[] } {
	const isChanging = ({ entry }: Taken): boolean => entry !== undefined && entry.path === changing;
	return { still: taken.filter(one => !isChanging(one)), changing: taken.filter(isChanging) };
}

function takenBy(context: ContextIndex, source: string, rules: SelectionRules): readonly Taken[] {
	const isPattern = rules.takesPatterns && hasWildcards(source);
	const roots = isPattern ? matches(context, source) : [source];
	const taken = roots.flatMap(root => rules.builder === 'classic' ? takenByClassic(context, root) : takenByBuildKit(context, root, isPattern));
	return rules.excludes.length === 0 ? taken : taken.filter(isKept(roots, rules.excludes));
}

function matches(context: ContextIndex, pattern: string): readonly string[] {
	const parts = pattern.split('/');
	const depth = parts.length;
	const isMatch = goMatch(pattern);
	// What stands before the first wildcard is a folder's name as it is.
	const within = parts.slice(0, parts.findIndex(part => /[*?[\\]/.test(part))).map(part => `${part}/`).join('');
	return context.entries.filter(({ path }) => path.startsWith(within) && path.split('/').length === depth && isMatch(path)).map(({ path }) => path);
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
		return { name: target ?? entry.path, path: entry.path, link: entry.link, entry: target === undefined ? undefined : context.at(target) };
	});
	return reached === '' ? below : [{ name: reached, path: reached, entry: context.at(reached) }, ...below];
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

/** A hard link has the content of the file it was first listed as. */
const contentPath = ({ kind, link, path }: ContextFile): string => kind === 'hardlink' ? link ?? path : path;

/** All permission bits of a link are set in a tar, whatever the disk says. */
const linkMode = 0o777;

/** An entry as the builder compares it, and as the manifest lists it. */
function lineOf(context: ContextIndex, { name, path, entry, link }: Taken, written: WrittenFile | undefined): { readonly keyed: string; readonly entry: ManifestEntry } {
	const listed = manifestEntry(context, path, entry, written);
	const [, kind, mode, size, content] = listed;
	return { keyed: JSON.stringify([name, kind, mode, size, content]), entry: link === undefined ? listed : [path, 'symlink', mode, size, `${link} ${content}`] };
}

function manifestEntry(context: ContextIndex, path: string, entry: ContextFile | undefined, written: WrittenFile | undefined): ManifestEntry {
	if (entry === undefined) {
		return [path, 'missing', 0, 0, ''];
	}
	if (written !== undefined && written.path === entry.path) {
		return [path, 'file', entry.mode, written.size, written.hash.slice(0, 32)];
	}
	if (entry.kind === 'symlink') {
		return [path, entry.kind, linkMode, 0, entry.link ?? ''];
	}
	return hasContent(entry)
		? [path, entry.kind, entry.mode, entry.size, (context.hashOf(contentPath(entry)) ?? '').slice(0, 32)]
		: [path, entry.kind, entry.mode, 0, ''];
}
