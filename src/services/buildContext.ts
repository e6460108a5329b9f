import { readFile } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';
import { ContextError } from '../core/build/contextError';
import { listContext, type ContextEntry, type ContextFilter } from '../core/build/contextFiles';
import { withoutSyntaxLine } from '../core/build/ownFrontend';
import { ignoreFilesFor, parseIgnore, type IgnoreMatcher } from '../core/dockerfile/dockerignore';
import type { Dockerfile } from '../core/dockerfile/model';
import { parseDockerfile } from '../core/dockerfile/parse';
import type { Builder, EngineInfo } from '../core/engine/engine';

/** A Dockerfile and the folder it builds from, as they are on disk now, or the Dockerfile with the text that was given for it. */
export interface BuildContext {
	readonly contextPath: string;
	readonly dockerfilePath: string;
	readonly dockerfile: Dockerfile;
	/** The Dockerfile, whatever its encoding. */
	readonly bytes: Uint8Array;
	/** The Dockerfile's path within the context; undefined where it lies outside. */
	readonly pathInContext: string | undefined;
	readonly ignore: IgnoreMatcher;
	/** The ignore file in force, absolute. */
	readonly ignorePath: string | undefined;
}

/** Reads Dockerfile, unless it is to have another text, and ignore file. Throws `ContextError` (`missingDockerfile`, `unreadable`). */
export async function readBuildContext(contextPath: string, dockerfilePath: string, text?: string): Promise<BuildContext> {
	const bytes = text !== undefined ? Buffer.from(text) : await readFile(dockerfilePath).catch((error: unknown) => {
		const code = error instanceof Error && 'code' in error ? error.code : undefined;
		throw new ContextError(code === 'EACCES' || code === 'EPERM' ? 'unreadable' : 'missingDockerfile', dockerfilePath, { cause: error });
	});
	const inside = relative(contextPath, dockerfilePath);
	const isInside = inside !== '' && inside !== '..' && !inside.startsWith(`..${sep}`) && !isAbsolute(inside);
	const [ignorePath, ignoreText] = await readFirst(ignoreFilesFor(dockerfilePath).map(path => isAbsolute(path) ? path : join(contextPath, path)));
	return {
		contextPath, dockerfilePath,
		dockerfile: parseDockerfile(bytes.toString('utf8')),
		bytes,
		pathInContext: isInside ? inside.split(sep).join('/') : undefined,
		ignore: parseIgnore(ignoreText),
		ignorePath,
	};
}

/** What is sent: the entries, and the files whose content is not the disk's. */
export interface ContextToSend {
	readonly entries: AsyncIterable<ContextEntry>;
	readonly contents: ReadonlyMap<string, Uint8Array>;
	/** The Dockerfile's name in what is sent. */
	readonly dockerfile: string;
}

/** Selects the files of a build. The Dockerfile is always among them, with the text that was read. `kind`: who it is sent to. */
export function contextToSend(context: BuildContext, builder: Builder, ownFrontend: boolean, signal: AbortSignal, kind: EngineInfo['kind'] = 'docker'): ContextToSend {
	const dockerfile = context.pathInContext ?? outsideName;
	const content = ownFrontend ? Buffer.from(withoutSyntaxLine(context.dockerfile)) : context.bytes;
	// The classic builder takes an ignored Dockerfile out of the context again, if it finds the ignore file there.
	const always = builder === 'classic' && kind === 'docker' ? [dockerfile, ignoreName] : [dockerfile];
	const filter = contextFilter(context.ignore, always);
	// Podman leaves out once more what this file names, although another may be in force.
	const isMisread = kind === 'podman' && context.ignorePath !== join(context.contextPath, ignoreName);
	return {
		entries: listContext(context.contextPath, isMisread ? { ...filter, includes: path => path !== ignoreName && filter.includes(path) } : filter, signal),
		contents: new Map([[dockerfile, content]]),
		dockerfile,
	};
}

/** What of the folder belongs to the build context. */
export function contextFilter(ignore: IgnoreMatcher, always: readonly string[]): ContextFilter {
	return {
		includes: path => !ignore.ignores(path) || always.includes(path),
		mayIncludeBelow: folder => !ignore.canSkipDirectory(folder) || always.some(path => path.startsWith(`${folder}/`)),
	};
}

const ignoreName = '.dockerignore';

/** A name that stays the same, as COPY . sees the file and its cache with it. */
const outsideName = '.strata-dockerfile';

async function readFirst(paths: readonly string[]): Promise<readonly [path: string | undefined, text: string]> {
	for (const path of paths) {
		const text = await readFile(path, 'utf8').catch(() => undefined);
		if (text !== undefined) {
			return [path, text];
		}
	}
	return [undefined, ''];
}
