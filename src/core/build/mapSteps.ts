import { groups } from '../base/groups';
import type { ResolvedDockerfile } from '../dockerfile/resolved';
import { readStepName, type StepName } from './stepName';
import { planStages, type PlannedStage } from './stepPlan';

/** What of a vertex says which instruction it belongs to. */
export interface NamedVertex {
	readonly digest: string;
	readonly inputs: readonly string[];
	readonly name: string;
}

/** The vertices an instruction became. */
export interface StepVertices {
	/** The one that does the work: its outcome is the instruction's. Undefined where only triggers of a base are known. */
	readonly primary: string | undefined;
	/** All of them: the download of an ADD, the linking of a COPY --link, the triggers of a FROM. */
	readonly all: readonly string[];
}

/**
 * Which vertices each instruction became, by instruction index. Matched by the stage's label and the number within the
 * stage, and where one vertex stands for equal steps of several stages, along the inputs. What is in doubt is left out:
 * an instruction without vertices, never with another's.
 */
export function mapSteps(resolved: ResolvedDockerfile, vertices: Iterable<NamedVertex>): ReadonlyMap<number, StepVertices> {
	return new Mapping(resolved, vertices).result();
}

interface NamedStep {
	readonly vertex: NamedVertex;
	readonly step: StepName;
}

/** One numbered place of a stage. */
interface Slot {
	readonly instruction: number;
	/** Undefined for a trigger of a base that is not known. */
	readonly keyword: string | undefined;
	readonly isTrigger: boolean;
	readonly found: NamedStep[];
}

interface StageSlots {
	readonly stage: PlannedStage;
	readonly slots: readonly Slot[];
}

class Mapping {
	private readonly steps = new Map<string, NamedStep>();
	private readonly stages: readonly StageSlots[];
	/** Steps whose first input is this vertex. */
	private readonly following: ReadonlyMap<string, readonly NamedStep[]>;

	constructor(private readonly resolved: ResolvedDockerfile, vertices: Iterable<NamedVertex>) {
		for (const vertex of vertices) {
			const step = readStepName(vertex.name);
			if (step !== undefined) {
				this.steps.set(vertex.digest, { vertex, step });
			}
		}
		this.following = groups([...this.steps.values()].flatMap(named => named.vertex.inputs.slice(0, 1).map(first => [first, named] as const)));
		this.stages = this.labelled();
		this.fillBases();
		this.fillBackward();
		this.fillForward();
		this.fillBackward();
	}

	result(): ReadonlyMap<number, StepVertices> {
		const result = new Map<number, StepVertices>();
		for (const { slots } of this.stages) {
			for (const { instruction, isTrigger, found } of slots) {
				if (found.length > 0) {
					const before = result.get(instruction);
					result.set(instruction, {
						primary: isTrigger ? before?.primary : primaryOf(found).vertex.digest,
						all: [...new Set([...before?.all ?? [], ...found.map(({ vertex }) => vertex.digest)])],
					});
				}
			}
		}
		return result;
	}

	/** The steps that name their stage and number. */
	private labelled(): readonly StageSlots[] {
		const planned = planStages(this.resolved);
		const isSingle = this.resolved.dockerfile.stages.length === 1;
		const labels = groups(planned.map(stage => [stage.label, stage]));
		const byLabel = groups([...this.steps.values()].flatMap(named => {
			const label = isSingle ? planned[0]?.label : named.step.label;
			const isOf = label !== undefined && (!isSingle || named.step.label === undefined || named.step.label === label || named.step.label === 'stage-0');
			return isOf ? [[label, named] as const] : [];
		}));
		return planned.map(stage => {
			// Two stages may bear one name: then the name proves nothing.
			const named = labels.get(stage.label)?.length === 1 ? byLabel.get(stage.label) ?? [] : [];
			return { stage, slots: placed(stage, named) };
		});
	}

	/** One vertex stands for the same image in several stages. */
	private fillBases(): void {
		for (const { stage, slots } of this.stages) {
			const [first] = slots;
			if (stage.isImage && first?.found.length === 0) {
				const twin = this.stages.find(other => other.stage.isImage && other.stage.base === stage.base && other.slots[0]!.found.length > 0);
				first.found.push(...twin?.slots[0]?.found ?? []);
			}
		}
	}

	/** A step's first input is the step before it. */
	private fillBackward(): void {
		for (const { stage, slots } of this.stages.toReversed()) {
			for (let at = slots.length - 1; at >= 0; at--) {
				const slot = slots[at]!;
				const next = at + 1 < slots.length ? slots[at + 1] : this.firstOfChild(stage.index);
				if (slot.found.length === 0 && next !== undefined && next.found.length > 0) {
					const before = this.steps.get(chainOf(next.found).vertex.inputs[0] ?? '');
					this.take(slots, slot, before);
				}
			}
		}
	}

	private firstOfChild(stage: number): Slot | undefined {
		return this.stages.find(child => child.stage.baseStage === stage && (child.slots[0]?.found.length ?? 0) > 0)?.slots[0];
	}

	/** Where nothing follows in the stage: the one step upon the step before that is written the same in another stage. */
	private fillForward(): void {
		for (const { stage, slots } of this.stages) {
			const parent = this.stages.find(other => other.stage.index === stage.baseStage);
			for (const [at, slot] of slots.entries()) {
				const before = at > 0 ? slots[at - 1] : parent?.slots.at(-1);
				if (slot.found.length === 0 && before !== undefined && before.found.length > 0) {
					const same = (this.following.get(chainOf(before.found).vertex.digest) ?? []).filter(({ vertex }) => this.isTwin(vertex.digest, slot));
					this.take(slots, slot, same.length === 1 ? same[0] : undefined);
				}
			}
		}
	}

	private isTwin(digest: string, slot: Slot): boolean {
		const { instructions } = this.resolved.dockerfile;
		return this.stages.some(({ slots }) => slots.some(other =>
			!other.isTrigger && !slot.isTrigger
			&& other.found.some(({ vertex }) => vertex.digest === digest)
			&& instructions[other.instruction]?.text === instructions[slot.instruction]?.text));
	}

	private take(slots: readonly Slot[], slot: Slot, named: NamedStep | undefined): void {
		const isTaken = slots.some(({ found }) => found.some(({ vertex }) => vertex.digest === named?.vertex.digest));
		if (named !== undefined && !isTaken && (slot.keyword === undefined || slot.keyword === named.step.keyword)) {
			slot.found.push(named);
		}
	}
}

/** A stage's slots with the steps of its label, or without any where they contradict the plan. */
function placed(stage: PlannedStage, named: readonly NamedStep[]): readonly Slot[] {
	const triggers = triggersOf(stage, named);
	const slots: readonly Slot[] = [
		...(stage.isImage ? [{ instruction: stage.from, keyword: 'FROM', isTrigger: false, found: [] }] : []),
		// A base pulled for this build may have others than the one that was known.
		...triggers.map(keyword => ({ instruction: stage.from, keyword, isTrigger: true, found: [] })),
		...stage.own.map(step => ({ ...step, found: [] })),
	];
	const fits = ({ step }: NamedStep): boolean => {
		const slot = slots[step.index - 1];
		return slot !== undefined && (slot.keyword === undefined || slot.keyword === step.keyword) && (!step.isTrigger || slot.isTrigger);
	};
	// A step that another build works on at the same time bears the name it has there: its number is out of that plan.
	const own = named.every(fits) ? named : named.filter(({ step }) => step.total === stage.total && step.keyword !== 'FROM');
	if (own.every(fits)) {
		for (const one of own) {
			slots[one.step.index - 1]!.found.push(one);
		}
	}
	return slots;
}

/** The keywords of the base's triggers; undefined ones where a base that was not known before turns out to have them. */
function triggersOf(stage: PlannedStage, named: readonly NamedStep[]): readonly (string | undefined)[] {
	const last = (stage.isImage ? 1 : 0) + stage.own.length;
	const highest = Math.max(0, ...named.map(({ step }) => step.index));
	const total = Math.max(0, ...named.map(({ step }) => step.total));
	// Newer engines count triggers in the total and mark them, older ones number beyond the total.
	if (stage.areTriggersKnown && highest - last <= stage.triggers.length && total - stage.total <= stage.triggerCount) {
		return stage.triggers.map(({ keyword }) => keyword);
	}
	const marked = Math.max(0, ...named.filter(({ step }) => step.isTrigger).map(({ step }) => step.index - (stage.isImage ? 1 : 0)));
	return Array.from({ length: Math.max(0, highest - last, marked) }, () => undefined);
}

/** The one that copies, not the one that links; the one that unpacks, not the download. */
function primaryOf(found: readonly NamedStep[]): NamedStep {
	const working = found.filter(({ step }) => !step.isLink);
	return (working.length > 0 ? working : found).reduce((best, one) => one.vertex.inputs.length > best.vertex.inputs.length ? one : best);
}

/** The one that stands upon the step before. */
function chainOf(found: readonly NamedStep[]): NamedStep {
	return found.find(({ step }) => step.isLink) ?? primaryOf(found);
}
