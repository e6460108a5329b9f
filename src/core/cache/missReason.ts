import { differenceOf, nearest, textReason, type Manifests } from './difference';
import type { InstructionInputs, StageIdentity, StepInputs } from './instructionInputs';
import type { CacheKnowledge, Lookup, StoredStep } from './knowledge';
import type { Reason } from './reason';

/** What a reason may be proved with. */
export interface Evidence {
	readonly knowledge: CacheKnowledge;
	/** All of the build, by instruction. */
	readonly inputs: readonly InstructionInputs[];
	readonly manifests: Manifests;
	/** Paths named in each list of `filesChanged`. */
	readonly pathLimit: number;
	/** True where the engine's record of a step is known to be gone, undefined where it may be. */
	readonly isLost: (step: StoredStep) => boolean | undefined;
	/** Line of the instruction that started the work which the result of an instruction came from; undefined where none. */
	readonly startedBy: (index: number) => number | undefined;
}

/** Why a step misses that is built upon a result the engine has. */
export function missReason(evidence: Evidence, index: number, lookup: Lookup): Reason {
	const { knowledge } = evidence;
	const now = evidence.inputs[index]!;
	const { step } = now;
	if (step === undefined || lookup.parent === undefined || lookup.partial === undefined) {
		return { kind: 'unknown' };
	}
	const same = lookup.key === undefined ? undefined : knowledge.find(lookup.key);
	if (same !== undefined) {
		return evidence.isLost(same) === true ? { kind: 'cachePruned' } : { kind: 'unknown' };
	}
	const ownVariants = knowledge.variants(lookup.partial).filter(({ isOwn }) => isOwn);
	if (ownVariants.length > 0) {
		const line = (step.sources ?? []).map(source => source.step === undefined ? undefined : evidence.startedBy(source.step)).find(started => started !== undefined);
		// Nothing but what is read can differ then: where, if not the stage it is read from.
		return line === undefined ? textReason(now, step, ownVariants.at(-1)!.step) ?? { kind: 'unknown' } : { kind: 'sourceStageRan', line };
	}
	const sibling = nearest(step, knowledge.siblings(lookup.parent).filter(({ isOwn, inputs }) => isOwn && isSameStage(inputs.stage, now.stage)));
	if (sibling !== undefined) {
		return differenceOf(now, step, sibling, { ...evidence, lineOf: keyword => lineBefore(evidence.inputs, index, keyword) }) ?? { kind: 'unknown' };
	}
	return baseReason(evidence, index) ?? { kind: 'neverBuilt' };
}

/** Stages of one name are the same wherever they stand; so are those of one place, if at least one has no name. */
function isSameStage(one: StageIdentity | undefined, other: StageIdentity | undefined): boolean {
	return one?.name !== undefined && other?.name !== undefined && one.name === other.name ? true : one?.index === other?.index;
}

/** The first step of a stage whose base is another than last time, or whose base's triggers found other inputs. */
function baseReason({ knowledge, inputs, ...context }: Evidence, index: number): Reason | undefined {
	const from = firstAbove(inputs, index);
	if (from?.base === undefined) {
		return undefined;
	}
	const position = inputs.filter(({ base }) => base !== undefined).indexOf(from);
	const then = knowledge.lastBases.find(({ base }) => base?.reference === from.base?.reference) ?? knowledge.lastBases[position];
	if (then?.base === undefined) {
		return undefined;
	}
	const { reference, digest, key } = from.base;
	// Of an image that is not here, or was not then, only another name proves that it is another.
	const isKnown = key !== undefined && then.base.key !== undefined;
	if (isKnown ? then.base.key !== key : then.base.reference !== reference) {
		return { kind: 'baseChanged', reference, old: then.base.digest ?? then.base.reference, new: digest ?? reference };
	}
	return triggerReason(from, from.triggers ?? [], then.triggers ?? [], { inputs, ...context });
}

function triggerReason(from: InstructionInputs, now: readonly StepInputs[], then: readonly StepInputs[], evidence: Omit<Evidence, 'knowledge'>): Reason | undefined {
	for (const [at, step] of now.entries()) {
		const before = then[at];
		const stored = before === undefined ? undefined : { ...unkeyed, inputs: from, step: before };
		const reason = stored === undefined ? undefined : differenceOf(from, step, stored, { ...evidence, lineOf: () => undefined });
		if (reason !== undefined) {
			return reason;
		}
	}
	return undefined;
}

const unkeyed = { key: '', result: '', parent: '', partial: '', contents: [], seenAt: 0, madeIn: [], isOwn: true } as const;

/** The FROM that an instruction's stage starts with, if no step lies between. */
function firstAbove(inputs: readonly InstructionInputs[], index: number): InstructionInputs | undefined {
	let at = inputs[index]?.parent;
	while (at !== undefined) {
		const above = inputs[at]!;
		if (above.step !== undefined || above.base !== undefined) {
			return above.step === undefined ? above : undefined;
		}
		at = above.parent;
	}
	return undefined;
}

function lineBefore(inputs: readonly InstructionInputs[], index: number, keyword: string): number | undefined {
	let at = inputs[index]?.parent;
	while (at !== undefined) {
		const above = inputs[at]!;
		if (above.keyword === keyword) {
			return above.line;
		}
		at = above.parent;
	}
	return undefined;
}
