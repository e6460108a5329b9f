import type { Resolution } from './knownResolutions';
import { isSameScope } from './knownResolutions';
import type { Dockerfile, Instruction } from './model';
import type { ResolvedDockerfile, ResolveOptions } from './resolved';
import type { Scope } from './scope';
import type { VariableSet } from './variableSet';

/** How an instruction was resolved, and with what. */
export interface Note {
	readonly scope: Scope;
	/** What an ARG without a value takes over. */
	readonly globals: VariableSet;
	/** Undefined where it has to be found anew. */
	readonly resolution: Resolution | undefined;
}

/** What a later resolving can take over: one note per instruction of the file. */
export interface ResolveNotes {
	readonly options: ResolveOptions;
	/** Before the first instruction. */
	readonly globals: VariableSet;
	readonly notes: Note[];
}

const known = new WeakMap<ResolvedDockerfile, ResolveNotes>();

export function rememberNotes(resolved: ResolvedDockerfile, notes: ResolveNotes): void {
	known.set(resolved, notes);
}

/** What an earlier resolving with the same options has of this file. */
export interface EarlierResolve {
	readonly globals: VariableSet;
	find(instruction: Instruction, scope: Scope, globals: VariableSet): Note | undefined;
}

/**
 * What was found of nearly the same file. An instruction that is the same object as before, at the same place or as far from the end,
 * means what it meant where it finds the same.
 */
export function earlierResolve(before: ResolvedDockerfile | undefined, { instructions: now }: Dockerfile, options: ResolveOptions): EarlierResolve | undefined {
	const earlier = before && known.get(before);
	if (before === undefined || earlier === undefined || !isSameOptions(earlier.options, options)) {
		return undefined;
	}
	const { instructions } = before.dockerfile;
	const moved = now.length - instructions.length;
	const noteOf = (instruction: Instruction, at: number): Note | undefined => instructions[at] === instruction ? earlier.notes[at] : undefined;
	return {
		globals: earlier.globals,
		find: (instruction, scope, globals) => {
			const note = noteOf(instruction, instruction.index) ?? noteOf(instruction, instruction.index - moved);
			return note !== undefined && isSameScope(note.scope, scope) && (instruction.keyword !== 'ARG' || note.globals === globals) ? note : undefined;
		},
	};
}

function isSameOptions(one: ResolveOptions, other: ResolveOptions): boolean {
	return one.builder === other.builder && one.target === other.target && one.platform === other.platform && one.buildPlatform === other.buildPlatform && one.bases === other.bases
		&& (one.buildArgs === other.buildArgs || JSON.stringify(one.buildArgs) === JSON.stringify(other.buildArgs));
}
