import { originOf } from '../dockerfile/origin';
import type { ResolvedInstruction } from '../dockerfile/resolved';
import type { RunVariables } from './environment';
import type { Ground } from './ground';
import type { StepInputs } from './instructionInputs';
import type { InputsWork, SelectionAsked } from './stepRequest';

interface Known {
	readonly ground: Ground;
	readonly variables: RunVariables | undefined;
	/** Of its stage. */
	readonly platform: string | undefined;
	/** The hash of the file that is being written, where the step takes it. */
	readonly written: string | undefined;
	readonly step: StepInputs | undefined;
	readonly unhashed: ReadonlySet<string>;
	readonly selections: ReadonlyMap<string, SelectionAsked>;
}

const steps = new WeakMap<object, Known>();

/**
 * The step of an instruction, made unless it is known. At a key press nearly all instructions are the same objects as
 * before, in the same place or another; then so are their steps, and what is known by these need not be computed again.
 */
export function stepOnce(work: InputsWork, resolved: ResolvedInstruction, variables: RunVariables | undefined, make: (work: InputsWork) => StepInputs | undefined): StepInputs | undefined {
	const { ground, written } = work;
	const key = originOf(resolved);
	const { stage } = resolved.instruction;
	const platform = stage === undefined ? undefined : work.resolved.stages[stage]?.platform;
	let known = steps.get(key);
	if (known === undefined || known.ground !== ground || known.variables !== variables || known.platform !== platform || (known.written !== undefined && known.written !== written?.hash)) {
		const own: InputsWork = { ...work, unhashed: new Set(), selections: new Map(), taken: { written: false } };
		const step = make(own);
		if (work.unseen.length > 0) {
			return step;
		}
		known = { ground, variables, platform, step, written: own.taken.written ? written?.hash : undefined, unhashed: own.unhashed, selections: own.selections };
		// Where a stage that it reads from stands is for the rest of the file to say.
		if (step?.sources === undefined) {
			steps.set(key, known);
		}
	}
	known.unhashed.forEach(path => work.unhashed.add(path));
	known.selections.forEach((asked, id) => work.selections.set(id, asked));
	return known.step;
}
