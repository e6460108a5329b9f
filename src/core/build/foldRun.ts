import { buildFailure } from './buildFailure';
import type { BuildEvent, BuildWarning } from './events';
import { foldText, settleText } from './foldText';
import { foldVertices } from './foldVertices';
import type { BuildFailure, BuildRun, StepRun } from './run';
import type { RunFold } from './runFold';
import { othersOf, stepsOfVertices } from './stepOutcomes';

/** The fold with these events taken in. Pure; several events at once cost little more than one. */
export function foldRun(before: RunFold, events: readonly BuildEvent[]): RunFold {
	let fold = foldText(foldVertices(before, events), events);
	if (fold.vertices !== before.vertices) {
		fold = { ...fold, run: { ...fold.run, steps: stepsOfVertices(fold, 'running'), others: othersOf(fold) } };
	}
	const warnings = newWarnings(fold.run.warnings, events);
	if (warnings.length > 0) {
		fold = { ...fold, run: { ...fold.run, warnings: [...fold.run.warnings, ...warnings] } };
	}
	for (const event of events) {
		if (event.kind === 'image') {
			fold = { ...fold, run: { ...fold.run, imageId: event.imageId } };
		} else if (event.kind === 'error') {
			fold = { ...fold, error: { message: event.message, code: event.code } };
		}
	}
	return fold;
}

/** How a run ended, as far as its stream did not say. */
export interface RunEnd {
	readonly at: number;
	/** We asked for its end. */
	readonly isCancelled: boolean;
	/** What went wrong outside the stream: the context, the engine. */
	readonly failure: BuildFailure | undefined;
}

/** The run when nothing more will come. */
export function finishRun(fold: RunFold, end: RunEnd): BuildRun {
	// What the engine had finished before it heard of anything else is there, under its tags.
	const isBuilt = fold.run.imageId !== undefined && fold.error === undefined;
	const state = isBuilt ? 'succeeded' : end.isCancelled ? 'cancelled' : end.failure !== undefined || fold.error !== undefined ? 'failed' : 'succeeded';
	const isText = fold.current !== undefined || (fold.vertices.size === 0 && fold.run.builder === 'classic');
	const ending = state === 'failed' && end.failure !== undefined ? 'brokenOff' : state;
	const steps = isText ? settleText(fold, ending, end.at) : stepsOfVertices(fold, ending);
	const error = state === 'failed' ? end.failure ?? buildFailure(fold, fold.error!) : undefined;
	return {
		...fold.run,
		state,
		finishedAt: end.at,
		steps: error === undefined ? steps : withFailure(steps, error),
		imageId: state === 'succeeded' ? fold.run.imageId : undefined,
		error,
		...state === 'cancelled' ? { runsOn: runsOn(fold) } : {},
	};
}

/** Podman alone counts steps within their stage. */
function runsOn({ current, resolved }: RunFold): number | undefined {
	return current?.counted !== undefined && current.imageId === undefined && current.instruction !== undefined
		&& resolved.instructions[current.instruction]?.instruction.keyword === 'RUN' ? current.instruction : undefined;
}

/** A base that cannot be had fails before there is a step for its FROM. */
function withFailure(steps: readonly StepRun[], { kind, instruction }: BuildFailure): readonly StepRun[] {
	return kind !== 'base' || instruction === undefined ? steps
		: steps.map(step => step.instruction === instruction ? { ...step, outcome: 'failed' } : step);
}

/** The frontend may tell one thing several times. */
function newWarnings(known: readonly BuildWarning[], events: readonly BuildEvent[]): readonly BuildWarning[] {
	const found: BuildWarning[] = [];
	for (const event of events) {
		const isSame = (other: BuildWarning): boolean => event.kind === 'warning'
			&& other.message === event.message && other.startLine === event.startLine && other.detail.join('\n') === event.detail.join('\n');
		if (event.kind === 'warning' && !known.some(isSame) && !found.some(isSame)) {
			found.push(event);
		}
	}
	return found;
}
