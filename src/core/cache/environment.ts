import { expand } from '../dockerfile/expand';
import { argNames, nameValues } from '../dockerfile/nameValue';
import type { ResolvedDockerfile, ResolvedInstruction } from '../dockerfile/resolved';

/**
 * The variables that a RUN gets from BuildKit before each instruction: ENV and ARG in one list, in the order in which
 * they were last set (client/llb/meta.go, EnvList). The order is part of the step's key.
 */
export interface RunVariables {
	readonly names: readonly string[];
	/** Those of `names` whose value comes from an ARG. */
	readonly fromArg: ReadonlySet<string>;
}

const none: RunVariables = { names: [], fromArg: new Set() };

/** One per instruction of the file; `triggers`: one per ONBUILD trigger, by stage. */
export interface RunVariablesOfFile {
	readonly instructions: readonly RunVariables[];
	readonly triggers: readonly (readonly RunVariables[])[];
}

export function runVariables(resolved: ResolvedDockerfile): RunVariablesOfFile {
	const instructions: RunVariables[] = resolved.instructions.map(() => none);
	const triggers: (readonly RunVariables[])[] = [];
	const ends: RunVariables[] = [];
	for (const stage of resolved.stages) {
		const [from, ...rest] = resolved.dockerfile.stages[stage.index]!.instructions.map(index => resolved.instructions[index]!);
		const inherited = stage.baseStage === undefined ? none : ends[stage.baseStage] ?? none;
		// A stage starts by setting what its base's config has, which moves these to the end.
		let variables = Object.keys(from?.env ?? {}).reduce((list, name) => withName(list, name, false), inherited);
		const step = (instruction: ResolvedInstruction): RunVariables => {
			const before = variables;
			variables = after(before, instruction, resolved.dockerfile.escape);
			return before;
		};
		triggers.push(stage.triggers.map(step));
		for (const instruction of rest) {
			instructions[instruction.instruction.index] = step(instruction);
		}
		ends.push(variables);
	}
	return { instructions, triggers };
}

function after(before: RunVariables, resolved: ResolvedInstruction, escape: '\\' | '`'): RunVariables {
	const { keyword, args } = resolved.instruction;
	if (keyword === 'ARG') {
		return argNames(args, escape).reduce((list, { name }) => withName(list, name, true), before);
	}
	if (keyword === 'ENV') {
		return nameValues(args, escape).reduce(
			(list, { name }) => withName(list, expand(name, variable => resolved.variables[variable], { escape }).text, false), before);
	}
	return before;
}

function withName({ names, fromArg }: RunVariables, name: string, isArg: boolean): RunVariables {
	const origins = new Set(fromArg);
	if (isArg) {
		origins.add(name);
	} else {
		origins.delete(name);
	}
	return { names: [...names.filter(other => other !== name), name], fromArg: origins };
}
