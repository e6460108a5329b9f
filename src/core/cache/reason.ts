import type { FileChanges } from './manifest';

/**
 * Why an instruction ran although the engine has a cache. A closed list; each kind has the evidence that proves it.
 * Lines are 1-based.
 */
export type Reason =
	/** Nothing was ever built here upon the same beginning. */
	| { readonly kind: 'neverBuilt' }
	/** Upon the same beginning, `before` was built. `line` is the instruction to look at: USER, WORKDIR or SHELL count on the RUN after them. */
	| { readonly kind: 'instructionChanged'; readonly before: string; readonly after: string; readonly line: number; readonly what: InstructionPart }
	/** `before` and `after` are undefined where it had no value; hashes where the name looks secret. */
	| { readonly kind: 'argumentChanged'; readonly name: string; readonly before: string | undefined; readonly after: string | undefined }
	| { readonly kind: 'environmentChanged'; readonly name: string; readonly before: string | undefined; readonly after: string | undefined }
	/** `total` is undefined, and the lists are empty, where the old list of files is not kept any more. */
	| ({ readonly kind: 'filesChanged'; readonly total: number | undefined } & Omit<FileChanges, 'total'>)
	/** Digests or references. */
	| { readonly kind: 'baseChanged'; readonly reference: string; readonly old: string; readonly new: string }
	/** `line`: the instruction that started it. */
	| { readonly kind: 'parentMissed'; readonly line: number }
	/** `line`: the instruction of the other stage that started it. */
	| { readonly kind: 'sourceStageRan'; readonly line: number }
	| { readonly kind: 'remoteChanged'; readonly url: string }
	| { readonly kind: 'noCache' }
	/** It was built with the very same inputs, and the engine's record of that is gone. */
	| { readonly kind: 'cachePruned' }
	| { readonly kind: 'unknown' };

/** A reason as a record kept it; undefined where it is none of this version. */
export function readReason(stored: unknown): Reason | undefined {
	return typeof stored === 'object' && stored !== null && 'kind' in stored && typeof stored.kind === 'string' && kinds.has(stored.kind)
		? stored as Reason : undefined;
}

const kinds = new Set<string>([
	'neverBuilt', 'instructionChanged', 'argumentChanged', 'environmentChanged', 'filesChanged', 'baseChanged', 'parentMissed', 'sourceStageRan',
	'remoteChanged', 'noCache', 'cachePruned', 'unknown',
] satisfies Reason['kind'][]);

/** The reason with the lines it names moved to where they are now; a line that is gone stays as it was. */
export function moveReason(reason: Reason, lineNow: (line: number) => number | undefined): Reason {
	return 'line' in reason ? { ...reason, line: lineNow(reason.line) ?? reason.line } : reason;
}

export type InstructionPart = 'text' | 'shell' | 'user' | 'workdir' | 'network' | 'platform';

/** What will happen to an instruction when it is built now. */
export type Forecast =
	| { readonly kind: 'hit' }
	| { readonly kind: 'miss'; readonly reason: Reason }
	/**
	 * Its inputs come from what is only known during the build: the stage that starts at `line`, or what `url` names.
	 * `isBase`: that is an image which the engine does not have, or did not have at the last build; only the build finds out
	 * whether it moved in its registry since. `elsewhere`: by what is recorded it runs, for this reason; but the engine has
	 * something that a build made which is not recorded, or upon another base with the same layers, and that may be the step at
	 * `line`. `isHeld`: the engine has it, and may run it nevertheless as long as the build goes on that made what it builds upon.
	 */
	| { readonly kind: 'depends'; readonly line: number | undefined; readonly url: string | undefined; readonly isBase?: true; readonly elsewhere?: Reason; readonly isHeld?: true }
	/** Nothing is recorded that would tell. */
	| { readonly kind: 'unknown' };
