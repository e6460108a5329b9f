import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Slices } from '../core/base/slices';
import { enginePlatform, type BuildOptions } from '../core/build/buildOptions';
import { ContextIndex, type ContextFile } from '../core/cache/contextIndex';
import { computingInputs, type BuildInputs } from '../core/cache/inputs';
import type { CacheRules } from '../core/cache/rules';
import type { WrittenFile } from '../core/cache/selection';
import type { BaseImage } from '../core/cache/stepRequest';
import type { Dockerfile } from '../core/dockerfile/model';
import { resolvingDockerfile } from '../core/dockerfile/resolve';
import type { ResolvedDockerfile } from '../core/dockerfile/resolved';
import type { Builder, EngineInfo } from '../core/engine/engine';
import { contextToSend, type BuildContext } from './buildContext';
import type { ContentHashes, FileStat, HashProgress } from './contentHashes';

/** The files of a build context at one moment, with the hashes known so far. */
export interface ContextSnapshot {
	readonly contextPath: string;
	/** The Dockerfile's path in what is sent, and its bytes there. */
	readonly dockerfile: string;
	readonly bytes: Uint8Array;
	readonly index: ContextIndex;
	readonly files: ReadonlyMap<string, FileStat>;
	readonly hashes: ReadonlyMap<string, string>;
}

/** Lists what a build would send. Throws `ContextError`, and the signal's reason when aborted. */
export async function takeSnapshot(context: BuildContext, builder: Builder, ownFrontend: boolean, signal: AbortSignal): Promise<ContextSnapshot> {
	const { entries, dockerfile, contents } = contextToSend(context, builder, ownFrontend, signal);
	const listed: ContextFile[] = [];
	const files = new Map<string, FileStat>();
	let hasDockerfile = false;
	for await (const entry of entries) {
		const isDockerfile = entry.path === dockerfile;
		hasDockerfile ||= isDockerfile;
		const { path, mode, link, size } = entry;
		if (entry.kind === 'other' || (builder === 'classic' && isTakenOut(context, path))) {
			continue;
		}
		listed.push({ path, mode, size, link, kind: isDockerfile ? 'file' : entry.kind });
		files.set(path, entry);
	}
	if (!hasDockerfile && !(builder === 'classic' && isTakenOut(context, dockerfile))) {
		listed.push({ path: dockerfile, kind: 'file', mode: 0o644, size: 0, link: undefined });
	}
	const bytes = contents.get(dockerfile) ?? context.bytes;
	return { contextPath: context.contextPath, dockerfile, bytes, files, index: new ContextIndex(listed, () => undefined), hashes: new Map() };
}

/** An engine's clock may be a little ahead of ours, milliseconds. */
export const clockMs = 1000;

/**
 * Whether what a build of `startedAt` (milliseconds since the epoch) was sent is what a snapshot taken now shows: nothing in
 * there has changed since, by the times that nobody can set.
 */
export async function isAsItWas({ contextPath, dockerfilePath, ignorePath }: BuildContext, { files }: ContextSnapshot, startedAt: number): Promise<boolean> {
	const others = [contextPath, dockerfilePath, ...ignorePath === undefined ? [] : [ignorePath]];
	// Where one is gone it is not as it was.
	const times = await Promise.all(others.map(path => stat(path).then(({ ctimeMs }) => ctimeMs, () => Infinity)));
	return [...times, ...[...files.values()].map(({ ctimeMs }) => ctimeMs)].every(time => time < startedAt - clockMs);
}

/** The classic builder takes an ignored Dockerfile and ignore file out again before it looks at the files (moby, remotecontext). */
function isTakenOut({ ignore, ignorePath, contextPath }: BuildContext, path: string): boolean {
	return ignorePath === join(contextPath, '.dockerignore') && ignore.ignores(path);
}

/** The snapshot with these hashes known too. */
export function withHashes(snapshot: ContextSnapshot, more: ReadonlyMap<string, string>): ContextSnapshot {
	const hashes = new Map(snapshot.hashes);
	more.forEach((hash, path) => { hashes.set(path, hash); });
	return { ...snapshot, hashes, index: snapshot.index.knowing(path => hashes.get(path)) };
}

/** What a build is asked for, as far as its cache depends on it. */
export type CacheOptions = Pick<BuildOptions, 'target' | 'buildArgs' | 'platform' | 'network'>;

export interface InputsOfText {
	readonly resolved: ResolvedDockerfile;
	readonly inputs: BuildInputs;
}

export interface InputsAsk {
	readonly snapshot: ContextSnapshot;
	readonly dockerfile: Dockerfile;
	/** As it is sent. */
	readonly bytes: Uint8Array;
	readonly rules: CacheRules;
	readonly info: EngineInfo;
	readonly options: CacheOptions;
	readonly bases: Readonly<Record<string, BaseImage>>;
	readonly secretKey: string | Uint8Array;
	/** An earlier text's, of which is taken over what is the same. */
	readonly before?: ResolvedDockerfile | undefined;
}

/** What each instruction depends on, from what is in memory. */
export function* readingInputs({ snapshot, dockerfile, bytes, rules, info, options, bases, secretKey, before }: InputsAsk): Slices<InputsOfText> {
	const platform = enginePlatform(info);
	const resolved = yield* resolvingDockerfile(dockerfile, {
		builder: rules.builder, target: options.target, buildArgs: options.buildArgs,
		platform: options.platform ?? platform, buildPlatform: platform, bases,
	}, before);
	const written: WrittenFile = { path: snapshot.dockerfile, size: bytes.length, hash: createHash('sha256').update(bytes).digest('hex') };
	const inputs = yield* computingInputs({
		resolved, rules, bases, secretKey, written, context: snapshot.index,
		buildArgs: options.buildArgs, network: options.network, platform: options.platform,
	});
	return { resolved, inputs };
}

/** The snapshot with the content hashed that these inputs wait for. */
export async function hashFor(inputs: BuildInputs, snapshot: ContextSnapshot, hashes: ContentHashes, signal: AbortSignal, onProgress?: (progress: HashProgress) => void): Promise<ContextSnapshot> {
	const files = inputs.unhashed.flatMap(path => snapshot.files.get(path) ?? []);
	return files.length === 0 ? snapshot : withHashes(snapshot, await hashes.hash(snapshot.contextPath, files, signal, onProgress));
}
