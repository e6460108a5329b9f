import type { OtherStep, Outcome, StepRun } from './run';
import type { RunFold, VertexState } from './runFold';
import { loadingContext } from './transportRecords';

/** How the run stands: live, or ended one way or another; `brokenOff`: from outside, without the engine's word on what was under way. */
export type RunState = 'running' | 'succeeded' | 'failed' | 'cancelled' | 'brokenOff';

/**
 * The steps of a BuildKit run. What the engine says is not always so: FROM's `cached` is noise, and after a failure it
 * calls some steps cached that were never reached. Steps that have not changed are the same objects as before.
 */
export function stepsOfVertices(fold: RunFold, state: RunState): readonly StepRun[] {
	const { resolved, run } = fold;
	const steps = [...run.steps];
	const isEnded = state !== 'running';
	const hasBegun = [...fold.steps.values()].some(({ all }) => all.some(digest => fold.vertices.get(digest)?.intervals.length));
	const unreached: Outcome = isEnded ? 'notRun' : 'pending';
	const began = beganAt(fold);
	/** By stage: whether all of it is done, so that what builds on it can be. */
	const done = new Map<number, boolean>();
	const set = (instruction: number, outcome: Outcome): void => {
		steps[instruction] = withOutcome(fold, run.steps[instruction]!, outcome);
	};
	for (const { index, stage } of resolved.dockerfile.instructions) {
		if (stage === undefined) {
			set(index, hasBegun || state === 'succeeded' ? 'metadata' : unreached);
		}
	}
	for (const stage of resolved.dockerfile.stages) {
		const [from, ...rest] = stage.instructions;
		if (!resolved.needed.has(stage.index)) {
			stage.instructions.forEach(instruction => { set(instruction, 'notRun'); });
			continue;
		}
		const { baseStage } = resolved.stages[stage.index]!;
		const fromOutcome = outcomeOfFrom(fold, from!, state, stage.instructions, baseStage === undefined || done.get(baseStage) === true);
		set(from!, fromOutcome);
		let isReached = fromOutcome === 'metadata';
		for (const instruction of rest) {
			const { layer, source, mounts } = resolved.instructions[instruction]!;
			const isGrounded = isReached && [source, ...mounts.map(({ from: place }) => place)].every(place => place?.kind !== 'stage' || done.get(place.stage) === true);
			const outcome = layer ? outcomeOfLayer(fold, instruction, state, isGrounded, began) : isReached || state === 'succeeded' ? 'metadata' : unreached;
			isReached &&= outcome === 'cached' || outcome === 'ran' || outcome === 'metadata';
			set(instruction, outcome);
		}
		done.set(stage.index, isReached);
	}
	return steps;
}

/** The work that is no instruction, in order of arrival. */
export function othersOf(fold: RunFold): readonly OtherStep[] {
	const mapped = new Set([...fold.steps.values()].flatMap(({ all }) => all));
	return [...fold.vertices.values()].filter(({ digest, name }) => !mapped.has(digest) && name !== '').map(vertex => ({
		vertex: vertex.digest, name: vertex.name, startedAt: vertex.intervals[0]?.start, durationMs: durationOf([vertex]), error: vertex.error,
	}));
}

function outcomeOfFrom(fold: RunFold, from: number, state: RunState, stage: readonly number[], isBaseDone: boolean): Outcome {
	const { all = [], primary } = fold.steps.get(from) ?? {};
	const vertices = all.flatMap(digest => fold.vertices.get(digest) ?? []);
	const broken = vertices.find(({ error }) => error !== undefined);
	if (broken !== undefined && !isForgotten(broken, state)) {
		return isCancellation(broken) || state === 'cancelled' ? 'cancelled' : 'failed';
	}
	if (state === 'succeeded') {
		return 'metadata';
	}
	const open = vertices.find(({ completedAt, intervals }) => intervals.length > 0 && completedAt === undefined);
	if (open !== undefined) {
		return outcomeOfOpen(state);
	}
	const vertex = primary === undefined ? undefined : fold.vertices.get(primary);
	// Where a base makes no vertex, work on what builds upon it shows that it is there.
	const isThere = vertex?.completedAt !== undefined || stage.slice(1).some(instruction =>
		(fold.steps.get(instruction)?.all ?? []).some(digest => fold.vertices.get(digest)?.intervals.length));
	const isDone = fold.resolved.stages[fold.resolved.instructions[from]!.instruction.stage!]!.baseStage !== undefined ? isBaseDone : isThere;
	return isDone ? 'metadata' : state === 'running' ? 'pending' : 'notRun';
}

/**
 * When the engine began with this build, by its clock, milliseconds since the epoch; undefined until it has. Its upload is
 * what it shares with no other build.
 */
function beganAt({ vertices }: RunFold): number | undefined {
	return [...vertices.values()].find(({ name }) => name === loadingContext)?.intervals[0]?.start;
}

/** `isGrounded`: all that it builds upon is done. */
function outcomeOfLayer(fold: RunFold, instruction: number, state: RunState, isGrounded: boolean, began: number | undefined): Outcome {
	const { primary, all = [] } = fold.steps.get(instruction) ?? {};
	const isEnded = state !== 'running';
	const vertex = primary === undefined ? undefined : fold.vertices.get(primary);
	const broken = all.flatMap(digest => fold.vertices.get(digest) ?? []).find(({ error }) => error !== undefined);
	if (broken !== undefined && !isForgotten(broken, state)) {
		return isCancellation(broken) || state === 'cancelled' ? 'cancelled' : 'failed';
	}
	if (vertex?.completedAt !== undefined) {
		// What another build ran that is still under way is shared with it, and told with the times of that work.
		const isThere = vertex.cached || (began !== undefined && vertex.completedAt < began);
		// Upon something that was not reached nothing is cached, whatever the engine calls it.
		return !isThere ? 'ran' : isGrounded || !isEnded || state === 'succeeded' ? 'cached' : 'notRun';
	}
	if (vertex !== undefined && vertex.intervals.length > 0) {
		return outcomeOfOpen(state);
	}
	return isEnded ? 'notRun' : 'pending';
}

/** Of work that has begun and has no end. */
function outcomeOfOpen(state: RunState): Outcome {
	return state === 'running' ? 'running' : state === 'brokenOff' ? 'unfinished' : 'cancelled';
}

/** Of what is needed, BuildKit may give up one way to have it and take another; in a build that succeeded it has had it. */
function isForgotten(vertex: VertexState, state: RunState): boolean {
	return state === 'succeeded' && isCancellation(vertex);
}

function isCancellation({ error }: VertexState): boolean {
	return error?.endsWith('context canceled') === true;
}

function withOutcome(fold: RunFold, before: StepRun, outcome: Outcome): StepRun {
	const { all = [] } = fold.steps.get(before.instruction) ?? {};
	const vertices = all.flatMap(digest => fold.vertices.get(digest) ?? []);
	const isMeasured = outcome === 'ran' || outcome === 'failed' || outcome === 'cancelled';
	const starts = vertices.flatMap(({ intervals }) => intervals.map(({ start }) => start));
	const after: StepRun = {
		instruction: before.instruction,
		outcome,
		startedAt: starts.length > 0 ? starts.reduce((a, b) => Math.min(a, b)) : undefined,
		durationMs: isMeasured ? durationOf(vertices) : undefined,
		vertices: sameList(before.vertices, all) ? before.vertices : all,
		imageId: undefined,
		progress: outcome === 'running' ? all.map(digest => fold.progress.get(digest)).find(progress => progress !== undefined) : undefined,
	};
	return (Object.keys(after) as (keyof StepRun)[]).every(key => after[key] === before[key]) ? before : after;
}

/** Time worked on any of them; undefined where no work has an end. */
function durationOf(vertices: readonly VertexState[]): number | undefined {
	const intervals = vertices.flatMap(vertex => vertex.intervals)
		.flatMap(({ start, end }) => end === undefined ? [] : [{ start, end }])
		.sort((a, b) => a.start - b.start);
	if (intervals.length === 0) {
		return undefined;
	}
	let total = 0;
	let until = -Infinity;
	for (const { start, end } of intervals) {
		total += Math.max(0, end - Math.max(start, until));
		until = Math.max(until, end);
	}
	return total;
}

function sameList(one: readonly string[], other: readonly string[]): boolean {
	return one.length === other.length && one.every((item, at) => item === other[at]);
}
