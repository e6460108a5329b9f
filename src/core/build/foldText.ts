import type { ResolvedDockerfile } from '../dockerfile/resolved';
import type { BuildEvent } from './events';
import type { Outcome, StepRun } from './run';
import type { RunFold, TextStep } from './runFold';
import type { RunState } from './stepOutcomes';

/** Takes in the steps of a builder that writes text (classic, Podman): one at a time, in order. */
export function foldText(fold: RunFold, events: readonly BuildEvent[]): RunFold {
	let { current, waiting } = fold;
	const steps = [...fold.run.steps];
	let isChanged = false;
	for (const event of events) {
		switch (event.kind) {
			case 'step':
			case 'stageStep': {
				if (event.kind === 'stageStep' && waitsForStage(fold.resolved, current, event)) {
					waiting = current;
				} else {
					settle(fold.resolved, steps, current, event.at);
				}
				const counted = event.kind === 'stageStep' ? countedSteps(current, event) : undefined;
				current = { instruction: instructionOf(fold.resolved, event, counted?.total), startedAt: event.at, cached: false, imageId: undefined, imageAt: undefined, counted };
				if (current.instruction !== undefined) {
					steps[current.instruction] = { ...steps[current.instruction]!, outcome: 'running', startedAt: event.at };
				}
				break;
			}
			case 'stepCached':
			case 'stepImage':
				if (waiting !== undefined && current?.imageId !== undefined) {
					// The stage that was waited for is there: the next word is about who waited.
					settle(fold.resolved, steps, current, event.at);
					current = waiting;
					waiting = undefined;
				}
				current &&= event.kind === 'stepCached' ? { ...current, cached: true } : { ...current, imageId: event.imageId, imageAt: event.at };
				break;
			default:
				continue;
		}
		isChanged = true;
	}
	return isChanged ? { ...fold, current, waiting, run: { ...fold.run, steps } } : fold;
}

/** The steps when the stream has ended. */
export function settleText(fold: RunFold, state: Exclude<RunState, 'running'>, at: number): readonly StepRun[] {
	const steps = [...fold.run.steps];
	const { current } = fold;
	if (state === 'succeeded' || current?.imageId !== undefined) {
		settle(fold.resolved, steps, current, at);
	} else if (current?.instruction !== undefined) {
		const outcome = state === 'cancelled' ? 'cancelled' : state === 'brokenOff' ? 'unfinished' : 'failed';
		steps[current.instruction] = { ...steps[current.instruction]!, outcome, durationMs: outcome === 'unfinished' ? undefined : at - current.startedAt };
	}
	const { instructions } = fold.resolved.dockerfile;
	return steps.map(step => step.outcome !== 'pending' && step.outcome !== 'running' ? step
		// Podman reads what stands before the first FROM without a step.
		: { ...step, outcome: current?.counted !== undefined && instructions[step.instruction]?.stage === undefined ? 'metadata' : 'notRun' });
}

/** Ends the step under way, because another one begins or all is done. */
function settle(resolved: ResolvedDockerfile, steps: StepRun[], current: TextStep | undefined, at: number): void {
	if (current?.instruction === undefined) {
		return;
	}
	const { keyword, stage } = resolved.instructions[current.instruction]!.instruction;
	const outcome: Outcome = keyword === 'FROM' || stage === undefined ? 'metadata' : current.cached ? 'cached' : 'ran';
	steps[current.instruction] = {
		...steps[current.instruction]!,
		outcome,
		durationMs: outcome === 'ran' ? (current.imageAt ?? at) - current.startedAt : undefined,
		imageId: current.imageId,
	};
}

/** Podman begins with a stage before those that it copies from are there. */
function waitsForStage({ instructions }: ResolvedDockerfile, current: TextStep | undefined, { stage }: StageStep): boolean {
	return current?.counted !== undefined && current.counted.stage !== stage && current.imageId === undefined
		&& current.instruction !== undefined && instructions[current.instruction]!.instruction.keyword === 'COPY';
}

type StageStep = BuildEvent & { readonly kind: 'stageStep' };

function countedSteps(before: TextStep | undefined, { stage = 0, index, total }: StageStep): NonNullable<TextStep['counted']> {
	return index > 0 && before?.counted?.stage === stage ? before.counted : { stage, total };
}

/**
 * The instruction a step is: the classic builder numbers all of them, Podman those of a stage. A step that is another
 * instruction than its number says is none of ours: labels given to the build. Podman counts the triggers of a base too
 * once it has read that; they come first, and are part of the FROM.
 */
function instructionOf({ dockerfile }: ResolvedDockerfile, step: StageStep | BuildEvent & { readonly kind: 'step' }, counted = 0): number | undefined {
	if (step.kind === 'step') {
		return instructionAt(dockerfile, step.index, step.text);
	}
	const instructions = dockerfile.stages[step.stage ?? 0]?.instructions ?? [];
	const triggers = step.total - counted;
	return step.index > 0 && step.index <= triggers ? instructions[0] : instructionAt(dockerfile, instructions[Math.max(0, step.index - triggers)], step.text);
}

function instructionAt(dockerfile: ResolvedDockerfile['dockerfile'], index: number | undefined, text: string): number | undefined {
	const instruction = index === undefined ? undefined : dockerfile.instructions[index];
	const [keyword] = text.split(/\s/, 1);
	return instruction !== undefined && instruction.keyword === keyword?.toUpperCase() ? instruction.index : undefined;
}
