import { expand } from '../dockerfile/expand';
import { argNames, nameValues } from '../dockerfile/nameValue';
import { originOf } from '../dockerfile/origin';
import type { ResolvedDockerfile, ResolvedInstruction } from '../dockerfile/resolved';

/** Writes a variable with its value as it may be kept. */
export type ShowVariable = (name: string, value: string) => string;

/**
 * The variables that a RUN gets from BuildKit before each instruction: ENV and ARG in one list, in the order in which
 * they were last set (client/llb/meta.go, EnvList). The order is part of the step's key.
 */
export interface RunVariables {
	readonly names: readonly string[];
	/** As they may be kept; undefined while one is declared and has no value. In the order of `names`. */
	readonly all: readonly (string | undefined)[];
	/** Those that have a value. */
	readonly shown: readonly string[];
	/** Names among them that an ARG gave; undefined where there are none. */
	readonly fromArg: readonly string[] | undefined;
}

const none: RunVariables = { names: [], all: [], shown: [], fromArg: undefined };

/** With one that was set last; without a value it keeps the one it had. Lists that stay the same are shared. */
function withVariable(before: RunVariables, name: string, isArg: boolean, shown: string | undefined): RunVariables {
	const { names, all, fromArg = [] } = before;
	const at = names.indexOf(name);
	if (at < 0 && shown !== undefined) {
		return { names: [...names, name], all: [...all, shown], shown: [...before.shown, shown], fromArg: isArg ? [...fromArg, name] : before.fromArg };
	}
	const value = shown ?? all[at];
	const others = <T>(list: readonly T[]): readonly T[] => list.filter((_, index) => index !== at);
	const values = [...others(all), value];
	const args = [...fromArg.filter(other => other !== name), ...isArg && value !== undefined ? [name] : []];
	return { names: [...others(names), name], all: values, shown: values.filter(one => one !== undefined), fromArg: args.length === 0 ? undefined : args };
}

/** One per instruction of the file; `triggers`: one per ONBUILD trigger, by stage. */
export interface RunVariablesOfFile {
	readonly instructions: readonly RunVariables[];
	readonly triggers: readonly (readonly RunVariables[])[];
}

const known = new WeakMap<object, { readonly of: readonly unknown[]; readonly after: RunVariables }>();

/** What holds after an instruction: while a file is typed in, the same object as before where it was found of the same. */
function once(instruction: object, of: readonly unknown[], find: () => RunVariables): RunVariables {
	const before = known.get(originOf(instruction));
	if (before?.of.every((one, at) => one === of[at]) === true) {
		return before.after;
	}
	const after = find();
	known.set(originOf(instruction), { of, after });
	return after;
}

/** `show`: the same function as long as it shows the same. */
export function runVariables(resolved: ResolvedDockerfile, show: ShowVariable): RunVariablesOfFile {
	const instructions: RunVariables[] = resolved.instructions.map(() => none);
	const triggers: (readonly RunVariables[])[] = [];
	const ends: RunVariables[] = [];
	for (const stage of resolved.stages) {
		const [from, ...rest] = resolved.dockerfile.stages[stage.index]!.instructions.map(index => resolved.instructions[index]!);
		const inherited = stage.baseStage === undefined ? none : ends[stage.baseStage] ?? none;
		// A stage starts by setting what its base's config has, which moves these to the end.
		let variables = from === undefined ? inherited : once(from.instruction, [from.env, inherited, show], () =>
			Object.entries(from.env.all()).reduce((list, [name, value]) => withVariable(list, name, false, show(name, value)), inherited));
		const step = (instruction: ResolvedInstruction): RunVariables => {
			const before = variables;
			variables = after(before, instruction, resolved.dockerfile.escape, show);
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

function after(before: RunVariables, resolved: ResolvedInstruction, escape: '\\' | '`', show: ShowVariable): RunVariables {
	const { instruction: { keyword, args }, sets, variables } = resolved;
	const isArg = keyword === 'ARG';
	if (!isArg && keyword !== 'ENV') {
		return before;
	}
	return once(resolved, [before, show], () => {
		const names = isArg
			? argNames(args, escape).map(({ name }) => name)
			: nameValues(args, escape).map(({ name }) => expand(name, variable => variables.get(variable), { escape }).text);
		return names.reduce((list, name) => withVariable(list, name, isArg, Object.hasOwn(sets, name) ? show(name, sets[name]!) : undefined), before);
	});
}
