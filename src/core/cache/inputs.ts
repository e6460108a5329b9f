import { atOnce, type Slices } from '../base/slices';
import type { ResolvedDockerfile, ResolvedInstruction } from '../dockerfile/resolved';
import { buildKitStep } from './buildKitStep';
import { classicStep } from './classicStep';
import { runVariables, type RunVariables } from './environment';
import { groundOf } from './ground';
import type { BaseInputs, InstructionInputs, StepInputs } from './instructionInputs';
import { stepOnce } from './knownSteps';
import type { Manifest } from './manifest';
import { listEntries, lookThrough } from './selection';
import { baseInputs, type InputsRequest, type InputsWork } from './stepRequest';

export interface BuildInputs {
	/** One per instruction of the file, same order. */
	readonly instructions: readonly InstructionInputs[];
	/** Files that have to be hashed before the inputs of all instructions are known. */
	readonly unhashed: readonly string[];
	/** Names of the manifests that the inputs name. */
	readonly manifests: ReadonlySet<string>;
	/** Lists one of them; undefined for another. */
	readonly listing: (id: string) => Slices<Manifest | undefined>;
}

/** What each instruction of a build depends on, by the rules of the engine and builder. Pure; reads no file. */
export function computeInputs(request: InputsRequest): BuildInputs {
	return atOnce(computingInputs(request));
}

/** The same in slices. */
export function* computingInputs(request: InputsRequest): Slices<BuildInputs> {
	const { resolved, rules } = request;
	const ground = groundOf(request);
	const work: InputsWork = { ...request, ground, redactor: ground.redactor, unhashed: new Set(), unseen: [], taken: { written: false }, selections: new Map() };
	const variables = rules.builder === 'classic' ? undefined : runVariables(resolved, ground.show);
	const stepOf = (instruction: ResolvedInstruction, at: RunVariables | undefined): StepInputs | undefined =>
		stepOnce(work, instruction, at, own => at === undefined ? classicStep(own, instruction) : buildKitStep(own, instruction, at));
	const inputsOf = (instruction: ResolvedInstruction, index: number): InstructionInputs => {
		const { keyword, line, stage, text } = instruction.instruction;
		const isFrom = keyword === 'FROM' && stage !== undefined;
		const triggers = isFrom ? resolved.stages[stage]!.triggers.flatMap((trigger, at) =>
			stepOf(trigger, variables?.triggers[stage]![at]) ?? []) : [];
		return {
			version: 1,
			rules: rules.id,
			line,
			keyword,
			text: work.redactor.text(text),
			stage: stage === undefined ? undefined : {
				index: stage, name: resolved.dockerfile.stages[stage]!.name?.toLowerCase(), isNeeded: resolved.needed.has(stage),
			},
			parent: parentOf(resolved, index),
			base: isFrom ? baseOf(work, stage) : undefined,
			triggers: triggers.length === 0 ? undefined : triggers,
			step: stage === undefined || isFrom ? undefined : stepOf(instruction, variables?.instructions[index]),
			result: undefined,
		};
	};
	const instructions: InstructionInputs[] = [];
	for (let index = 0; index < resolved.instructions.length; index++) {
		const instruction = resolved.instructions[index]!;
		let inputs = inputsOf(instruction, index);
		while (work.unseen.length > 0) {
			for (const { source, rules: how } of work.unseen.splice(0)) {
				yield* lookThrough(work.context, source, how, work.written?.path);
			}
			inputs = inputsOf(instruction, index);
		}
		instructions.push(inputs);
		yield;
	}
	return {
		instructions,
		unhashed: [...work.unhashed],
		manifests: new Set(work.selections.keys()),
		*listing(id) {
			const asked = work.selections.get(id);
			return asked === undefined ? undefined : { id, entries: yield* listEntries(work.context, asked.source, asked.rules, work.written) };
		},
	};
}

function parentOf({ dockerfile, stages }: ResolvedDockerfile, index: number): number | undefined {
	const stage = dockerfile.instructions[index]!.stage;
	if (stage === undefined) {
		return undefined;
	}
	if (dockerfile.stages[stage]!.instructions[0] !== index) {
		return index - 1;
	}
	const base = stages[stage]?.baseStage;
	return base === undefined ? undefined : dockerfile.stages[base]!.instructions.at(-1);
}

function baseOf(work: InputsWork, stage: number): BaseInputs | undefined {
	const { base, baseStage, isScratch } = work.resolved.stages[stage]!;
	if (baseStage !== undefined) {
		return undefined;
	}
	return isScratch ? { reference: 'scratch', key: 'scratch', digest: undefined } : baseInputs(work, base);
}
