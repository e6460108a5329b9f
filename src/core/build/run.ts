import type { Builder } from '../engine/engine';
import type { ContextErrorKind } from './contextError';
import type { BuildWarning } from './events';

/**
 * How an instruction fared in a run. `cached`: the engine reused an earlier result. `ran`: it did the work.
 * `metadata`: it changes only the config, so there is nothing to cache (FROM too). `notRun`: never reached, because its
 * stage is not needed or something failed before. `unfinished`: under way when the build broke off, mostly because the
 * engine went away; nobody said how it went on. `pending` and `running` occur only while the run is live.
 */
export type Outcome = 'pending' | 'running' | 'cached' | 'ran' | 'failed' | 'cancelled' | 'unfinished' | 'notRun' | 'metadata';

/** A build, live or finished: the fold of its events over its Dockerfile. Plain data. */
export interface BuildRun {
	readonly id: string;
	readonly builder: Builder;
	readonly state: 'running' | 'succeeded' | 'failed' | 'cancelled';
	/** Milliseconds since the epoch, our clock. */
	readonly startedAt: number;
	readonly finishedAt: number | undefined;
	/** One per instruction of the Dockerfile, same order. */
	readonly steps: readonly StepRun[];
	/** Work of the build that is no instruction: loading, resolving, exporting. */
	readonly others: readonly OtherStep[];
	readonly warnings: readonly BuildWarning[];
	readonly imageId: string | undefined;
	readonly error: BuildFailure | undefined;
	/** Index of a RUN that was cancelled and that the engine does not end: Podman waits until its process ends by itself. */
	readonly runsOn?: number | undefined;
}

export interface StepRun {
	/** Index of the instruction. */
	readonly instruction: number;
	readonly outcome: Outcome;
	readonly startedAt: number | undefined;
	/** Time the engine worked on it, milliseconds; undefined where not measured (cached, metadata, not run). */
	readonly durationMs: number | undefined;
	/** The vertices it became (a COPY --link is two); empty in classic builds. */
	readonly vertices: readonly string[];
	/** Classic: image after this step. */
	readonly imageId: string | undefined;
	/** Name of the progress under way, e.g. a download, with its numbers. */
	readonly progress: { readonly name: string; readonly current: number; readonly total: number } | undefined;
}

export interface OtherStep {
	readonly vertex: string;
	readonly name: string;
	readonly startedAt: number | undefined;
	readonly durationMs: number | undefined;
	readonly error: string | undefined;
}

export interface BuildFailure {
	/** `cycle`: stages that need each other. */
	readonly kind: 'instruction' | 'syntax' | 'frontend' | 'target' | 'base' | 'cycle' | 'context' | 'engineGone' | 'other';
	/** The engine's words. */
	readonly message: string;
	/** Index of the instruction that failed, where one did. */
	readonly instruction: number | undefined;
	/** 1-based line the engine named, where it did. */
	readonly line: number | undefined;
	readonly exitCode: number | undefined;
	/** What is wrong with the build context, where that is it. */
	readonly context?: { readonly kind: ContextErrorKind; readonly path: string } | undefined;
}
