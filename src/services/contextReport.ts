import { join, relative, sep } from 'node:path';
import { groups } from '../core/base/groups';
import { listContext } from '../core/build/contextFiles';
import { ContextIndex, type ContextFile } from '../core/cache/contextIndex';
import { copyParts } from '../core/cache/copyParts';
import { selectEntries } from '../core/cache/selection';
import type { IgnorePattern } from '../core/dockerfile/dockerignore';
import { resolveDockerfile } from '../core/dockerfile/resolve';
import type { ResolvedDockerfile } from '../core/dockerfile/resolved';
import { readBuildContext } from './buildContext';

/** What a build would send to the engine, and what its ignore file keeps out. Paths are relative to the context. */
export interface ContextReport {
	/** Biggest first. */
	readonly sent: readonly SentFile[];
	readonly leftOut: readonly LeftOut[];
	/** Of all files sent. */
	readonly bytes: number;
	/** The ignore file in force, or the one that a first pattern would make; absolute. */
	readonly ignorePath: string;
}

export interface SentFile {
	readonly path: string;
	readonly bytes: number;
	/** 1-based lines of the instructions that take it from the context; none: it is sent for nothing. */
	readonly takenBy: readonly number[];
	/** The Dockerfile or the ignore file in force: the engine itself reads them. */
	readonly isForEngine: boolean;
}

/** A file, or a whole folder that nothing in it is taken from. */
export interface LeftOut {
	readonly path: string;
	readonly isFolder: boolean;
	readonly pattern: IgnorePattern;
}

/** Lists a build context. Ignored folders are not walked. Throws `ContextError`, and the signal's reason when aborted. */
export async function reportContext(contextPath: string, dockerfilePath: string, signal: AbortSignal): Promise<ContextReport> {
	const { ignore, ignorePath, dockerfile } = await readBuildContext(contextPath, dockerfilePath);
	const entries: ContextFile[] = [];
	const leftOut = new Map<string, LeftOut>();
	const includes = (path: string): boolean => {
		const pattern = ignore.ignores(path) ? ignore.decides(path) : undefined;
		if (pattern !== undefined) {
			leftOut.set(path, { path, isFolder: false, pattern });
		}
		return pattern === undefined;
	};
	const mayIncludeBelow = (folder: string): boolean => {
		const out = leftOut.get(folder);
		const canSkip = ignore.canSkipDirectory(folder);
		if (out !== undefined && canSkip) {
			leftOut.set(folder, { ...out, isFolder: true });
		} else {
			// Something in it may be taken back in, so its files are told one by one.
			leftOut.delete(folder);
		}
		return !canSkip;
	};
	for await (const entry of listContext(contextPath, { includes, mayIncludeBelow }, signal)) {
		entries.push(entry);
	}
	const takers = takersOf(resolveDockerfile(dockerfile, {}), new ContextIndex(entries, () => undefined));
	const forEngine = new Set([dockerfilePath, ignorePath].flatMap(path => path === undefined ? [] : relative(contextPath, path).split(sep).join('/')));
	const sent = entries.filter(({ kind }) => kind !== 'directory' && kind !== 'other')
		.map(({ path, size }) => ({ path, bytes: size, takenBy: takers.get(path) ?? [], isForEngine: forEngine.has(path) }))
		.sort((a, b) => b.bytes - a.bytes || (a.path < b.path ? -1 : 1));
	return { sent, leftOut: [...leftOut.values()].sort((a, b) => a.path < b.path ? -1 : 1), bytes: sent.reduce((sum, { bytes }) => sum + bytes, 0), ignorePath: ignorePath ?? join(contextPath, '.dockerignore') };
}

/** By path: the lines that take it. */
function takersOf({ instructions, dockerfile }: ResolvedDockerfile, index: ContextIndex): ReadonlyMap<string, readonly number[]> {
	return groups(instructions.flatMap(resolved => {
		const copied = resolved.source?.kind === 'context' ? copyParts(resolved).sources : [];
		const mounted = resolved.mounts.flatMap(({ type, from, source }) => type === 'bind' && from?.kind === 'context' ? [source ?? '.'] : []);
		const paths = new Set([
			...copied.flatMap(source => selectEntries(index, source, { builder: 'buildkit', excludes: resolved.flags['exclude'] ?? [], takesPatterns: true }, undefined)),
			...mounted.flatMap(source => selectEntries(index, source, { builder: 'buildkit', excludes: [], takesPatterns: false }, undefined)),
		].map(([path]) => path));
		const { line } = dockerfile.instructions[resolved.instruction.index]!;
		return [...paths].map(path => [path, line] as const);
	}));
}

/** The pattern that ignores just this path. */
export function patternFor(path: string): string {
	const escaped = path.replace(/[\\*?[]/g, '\\$&');
	return /^[#!]/.test(escaped) ? `/${escaped}` : escaped;
}
