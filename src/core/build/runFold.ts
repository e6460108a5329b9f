import type { ResolvedDockerfile } from '../dockerfile/resolved';
import type { Builder } from '../engine/engine';
import type { StepVertices } from './mapSteps';
import type { BuildRun, StepRun } from './run';

/** A run being folded: the run, and what the fold remembers of the events so far. */
export interface RunFold {
	readonly run: BuildRun;
	readonly resolved: ResolvedDockerfile;
	/** By digest, in order of arrival. */
	readonly vertices: ReadonlyMap<string, VertexState>;
	/** Which vertices each instruction became, as far as they have arrived. */
	readonly steps: ReadonlyMap<number, StepVertices>;
	/** Progress under way, by vertex. */
	readonly progress: ReadonlyMap<string, NonNullable<StepRun['progress']>>;
	/** Builders that write text: the step under way. */
	readonly current: TextStep | undefined;
	/** Podman: a COPY that waits for the stage under way. */
	readonly waiting: TextStep | undefined;
	/** The stream's error, before it is understood. */
	readonly error: { readonly message: string; readonly code: number | undefined } | undefined;
}

/** A vertex with all that its events have told. */
export interface VertexState {
	readonly digest: string;
	readonly inputs: readonly string[];
	readonly name: string;
	readonly cached: boolean;
	/** A vertex may be worked on several times. In order of arrival; the end is undefined while under way. */
	readonly intervals: readonly { readonly start: number; readonly end: number | undefined }[];
	readonly completedAt: number | undefined;
	readonly error: string | undefined;
}

export interface TextStep {
	/** Undefined for a step that is no instruction of the Dockerfile (labels given to the build). */
	readonly instruction: number | undefined;
	readonly startedAt: number;
	readonly cached: boolean;
	readonly imageId: string | undefined;
	/** When its image was told: the end of its work. */
	readonly imageAt: number | undefined;
	/** Podman: the stage under way, and how many steps it was said to have when it began. */
	readonly counted: { readonly stage: number; readonly total: number } | undefined;
}

/** A run before its first event. */
export function startRun(start: { readonly id: string; readonly builder: Builder; readonly resolved: ResolvedDockerfile; readonly startedAt: number }): RunFold {
	const { id, builder, resolved, startedAt } = start;
	const steps = resolved.instructions.map((_, instruction): StepRun => ({
		instruction, outcome: 'pending', startedAt: undefined, durationMs: undefined, vertices: [], imageId: undefined, progress: undefined,
	}));
	return {
		run: { id, builder, state: 'running', startedAt, finishedAt: undefined, steps, others: [], warnings: [], imageId: undefined, error: undefined },
		resolved, vertices: new Map(), steps: new Map(), progress: new Map(), current: undefined, waiting: undefined, error: undefined,
	};
}
