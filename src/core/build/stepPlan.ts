import type { ResolvedDockerfile, ResolvedInstruction } from '../dockerfile/resolved';

/** A step BuildKit makes of a stage: what it numbers. */
export interface PlannedStep {
	/** Index of the instruction; a trigger stands at its FROM. */
	readonly instruction: number;
	readonly keyword: string;
	readonly isTrigger: boolean;
}

/** The steps of one stage in BuildKit's numbering (dockerfile2llb/convert.go). */
export interface PlannedStage {
	readonly index: number;
	readonly label: string;
	/** Index of its FROM. */
	readonly from: number;
	/** `FROM image` is step 1; FROM scratch or another stage is none. */
	readonly isImage: boolean;
	/** Triggers of the base that make a step, as far as the base is known. */
	readonly triggers: readonly PlannedStep[];
	/** All of its triggers: newer engines count those that make none too. */
	readonly triggerCount: number;
	readonly areTriggersKnown: boolean;
	readonly own: readonly PlannedStep[];
	/** What BuildKit counts before triggers: a WORKDIR that resolves to `/` is counted though it makes no step. */
	readonly total: number;
	readonly baseStage: number | undefined;
	/** Equal for stages that start from the same image. */
	readonly base: string;
}

/** The plan of every stage that is needed. */
export function planStages(resolved: ResolvedDockerfile): readonly PlannedStage[] {
	const { dockerfile, instructions, stages, needed } = resolved;
	return dockerfile.stages.filter(({ index }) => needed.has(index)).map(({ index, label, instructions: indices }) => {
		const stage = stages[index]!;
		const [from = 0, ...rest] = indices;
		const isImage = stage.baseStage === undefined && !stage.isScratch;
		const own = rest.map(at => instructions[at]!);
		const step = ({ instruction }: ResolvedInstruction, isTrigger: boolean): PlannedStep =>
			({ instruction: instruction.index, keyword: instruction.keyword, isTrigger });
		return {
			index, label, from, isImage,
			triggers: stage.triggers.filter(({ layer }) => layer).map(trigger => step(trigger, true)),
			triggerCount: stage.triggers.length,
			areTriggersKnown: stage.isBaseKnown || stage.baseStage !== undefined,
			own: own.filter(({ layer }) => layer).map(instruction => step(instruction, false)),
			total: (isImage ? 1 : 0) + own.filter(({ instruction }) => isCounted(instruction.keyword)).length,
			baseStage: stage.baseStage,
			base: `${stage.platform ?? ''} ${stage.base}`,
		};
	});
}

function isCounted(keyword: string): boolean {
	return keyword === 'RUN' || keyword === 'COPY' || keyword === 'ADD' || keyword === 'WORKDIR';
}
