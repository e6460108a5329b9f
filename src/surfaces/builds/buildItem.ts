import type { LintWarning } from '../../core/build/events';
import type { BuildRecord } from '../../core/build/record';
import type { BuildFailure, BuildRun, StepRun } from '../../core/build/run';
import { parseDockerfile } from '../../core/dockerfile/parse';
import { resolveDockerfile } from '../../core/dockerfile/resolve';
import type { Dockerfile } from '../../core/dockerfile/model';
import type { Builder } from '../../core/engine/engine';
import type { LineFacts } from '../../core/lineFacts';
import { projectLines } from '../../core/projectLines';
import type { Build } from '../../services/buildRunner';

/** A build as the view shows it: of this session, live or finished, or a record of an earlier one. */
export interface BuildItem {
	readonly id: string;
	readonly path: string;
	readonly state: BuildRun['state'];
	readonly startedAt: number;
	readonly durationMs: number | undefined;
	readonly builder: Builder;
	readonly target: string | undefined;
	readonly tags: readonly string[];
	readonly noCache: boolean;
	readonly error: BuildFailure | undefined;
	readonly warnings: readonly LintWarning[];
	readonly platform: string | undefined;
	readonly isOfCommandLine: boolean;
	/** Once finished. */
	readonly record: BuildRecord | undefined;
	/** Of this session only: what the record does not keep. */
	readonly build: Build | undefined;
	/** Joined when first asked for. */
	readonly content: () => BuildContent;
}

export interface BuildContent {
	readonly dockerfile: Dockerfile;
	/** One per instruction. */
	readonly lines: readonly LineFacts[];
	/** Live builds: the progress of each instruction, same order. */
	readonly steps: readonly StepRun[];
}

export function itemOfBuild(build: Build): BuildItem {
	const { id, options, run, resolved, record } = build;
	const { dockerfile } = resolved;
	return {
		id,
		path: options.dockerfilePath,
		state: run.state,
		startedAt: run.startedAt,
		durationMs: run.finishedAt === undefined ? undefined : run.finishedAt - run.startedAt,
		builder: run.builder,
		target: options.target,
		tags: options.tags,
		noCache: options.noCache,
		error: run.error,
		warnings: run.warnings,
		platform: options.platform,
		isOfCommandLine: false,
		record,
		build,
		// The record knows sizes, which a run does not.
		content: once(() => ({
			dockerfile,
			steps: run.steps,
			lines: projectLines(record === undefined ? { resolved, run: { run, dockerfile } } : { resolved, record: { record, dockerfile } }),
		})),
	};
}

const items = new WeakMap<BuildRecord, BuildItem>();

/** The same item for the same record, so that drawing anew costs nothing. */
export function itemOfRecord(record: BuildRecord): BuildItem {
	const known = items.get(record) ?? makeItem(record);
	items.set(record, known);
	return known;
}

function makeItem(record: BuildRecord): BuildItem {
	const { id, dockerfilePath, state, startedAt, durationMs, builder, options, error, text } = record;
	return {
		id, path: dockerfilePath, state, startedAt, durationMs, builder,
		target: options.target,
		tags: options.tags,
		noCache: options.noCache,
		error,
		warnings: record.warnings ?? [],
		platform: options.platform,
		isOfCommandLine: record.origin === 'commandLine',
		record,
		build: undefined,
		content: once(() => {
			const dockerfile = parseDockerfile(text);
			const resolved = resolveDockerfile(dockerfile, { builder, target: options.target, buildArgs: options.buildArgs, platform: options.platform });
			return { dockerfile, steps: [], lines: projectLines({ resolved, record: { record, dockerfile } }) };
		}),
	};
}

function once<T>(make: () => T): () => T {
	let made: { readonly value: T } | undefined;
	return () => (made ??= { value: make() }).value;
}
