import type { Dockerfile, Instruction } from './model';
import { movedCopy, originOf } from './origin';
import type { ResolvedDockerfile, ResolvedInstruction, ResolveOptions } from './resolved';
import type { Scope } from './scope';
import type { VariableSet } from './variableSet';

/** An instruction as it is where this scope holds, and the scope after it. */
export interface Resolution {
	readonly resolved: ResolvedInstruction;
	readonly after: Scope;
}

/** How an instruction was resolved, and with what. */
export interface Note {
	readonly scope: Scope;
	/** What an ARG without a value takes over. */
	readonly globals: VariableSet;
	/** Undefined where it has to be found anew. */
	readonly resolution: Resolution | undefined;
}

/** The same of the triggers that a FROM runs, one after the other. */
export interface TriggersNote {
	readonly triggers: readonly Instruction[];
	readonly scope: Scope;
	readonly resolved: readonly ResolvedInstruction[];
	readonly after: Scope;
}

/** What a later resolving can take over. */
export interface ResolveNotes {
	readonly options: ResolveOptions;
	/** Before the first instruction. */
	readonly globals: VariableSet;
	/** One per instruction of the file. */
	readonly notes: Note[];
	/** By stage. */
	readonly triggers: Map<number, TriggersNote>;
}

const known = new WeakMap<ResolvedDockerfile, ResolveNotes>();

export function rememberNotes(resolved: ResolvedDockerfile, notes: ResolveNotes): void {
	known.set(resolved, notes);
}

/** What an earlier resolving with the same options has of this file. */
export interface EarlierResolve extends Pick<ResolveNotes, 'globals'> {
	find(instruction: Instruction, scope: Scope, globals: VariableSet): Note | undefined;
	triggers(stage: number, triggers: readonly Instruction[], scope: Scope): TriggersNote | undefined;
}

/**
 * What was found of nearly the same file. An instruction that says the same as one before, at the same place or as far
 * from the end, means what that one meant where it finds the same. At a key press nearly all do.
 */
export function earlierResolve(before: ResolvedDockerfile | undefined, { instructions: now }: Dockerfile, options: ResolveOptions): EarlierResolve | undefined {
	const earlier = before && known.get(before);
	if (before === undefined || earlier === undefined || !isSameOptions(earlier.options, options)) {
		return undefined;
	}
	const { instructions } = before.dockerfile;
	const moved = now.length - instructions.length;
	const noteOf = (instruction: Instruction, at: number): Note | undefined => {
		const was = instructions[at];
		return was !== undefined && (was === instruction || originOf(was) === originOf(instruction)) ? earlier.notes[at] : undefined;
	};
	return {
		globals: earlier.globals,
		find: (instruction, scope, globals) => {
			const note = noteOf(instruction, instruction.index) ?? noteOf(instruction, instruction.index - moved);
			const holds = note !== undefined && isSameScope(note.scope, scope) && (instruction.keyword !== 'ARG' || note.globals === globals);
			return holds ? placed(note, instruction) : undefined;
		},
		triggers: (stage, triggers, scope) => {
			const note = earlier.triggers.get(stage);
			return note?.triggers === triggers && isSameScope(note.scope, scope) ? note : undefined;
		},
	};
}

function placed(note: Note, instruction: Instruction): Note {
	const { resolution } = note;
	if (resolution === undefined || resolution.resolved.instruction === instruction) {
		return note;
	}
	return { ...note, resolution: { ...resolution, resolved: movedCopy(resolution.resolved, { ...resolution.resolved, instruction }) } };
}

function isSameScope(one: Scope, other: Scope): boolean {
	return one === other || (one.env === other.env && one.args === other.args && one.variables === other.variables
		&& one.workdir === other.workdir && one.user === other.user && one.shell === other.shell);
}

function isSameOptions(one: ResolveOptions, other: ResolveOptions): boolean {
	return one.builder === other.builder && one.target === other.target && one.platform === other.platform && one.buildPlatform === other.buildPlatform && one.bases === other.bases
		&& (one.buildArgs === other.buildArgs || JSON.stringify(one.buildArgs) === JSON.stringify(other.buildArgs));
}
