import { atOnce, type Slices } from '../base/slices';
import type { PastBuild } from './knowledge';
import { missReason, type Evidence } from './missReason';
import type { Reason } from './reason';

export type ExplainRequest = Omit<Evidence, 'inputs' | 'startedBy'> & {
	/** The build to explain; `knowledge` is what was known before it. */
	readonly build: PastBuild;
};

/** Why each instruction ran that ran; undefined for the others. A reason is given only where the comparison proves it. */
export function explainBuild(request: ExplainRequest): readonly (Reason | undefined)[] {
	return atOnce(explaining(request));
}

/** The same in slices. */
export function* explaining({ build, ...given }: ExplainRequest): Slices<readonly (Reason | undefined)[]> {
	const { knowledge } = given;
	const inputs = build.steps.map(step => step.inputs);
	const { lookups } = knowledge.follow(build);
	/** By instruction: the line that started what was run for its result. */
	const started: (number | undefined)[] = [];
	/** The classic builder reuses images that the same build has just made; by image. */
	const made = new Map<string, number>();
	const evidence: Evidence = { ...given, inputs, startedBy: index => started[index] };
	const reasonOf = ({ inputs: own, outcome }: PastBuild['steps'][number], index: number): Reason | undefined => {
		const above = own.parent === undefined ? undefined : started[own.parent];
		const isMiss = own.step !== undefined && (outcome === 'ran' || outcome === 'failed');
		const image = build.builder === 'classic' ? own.result : undefined;
		if (!isMiss) {
			started[index] = own.step === undefined || own.step.linked ? above : image === undefined ? undefined : made.get(image);
			return undefined;
		}
		const line = above ?? own.line;
		started[index] = line;
		if (image !== undefined) {
			made.set(image, line);
		}
		if (build.noCache) {
			return { kind: 'noCache' };
		}
		if (!knowledge.hasOwn) {
			return { kind: 'neverBuilt' };
		}
		const lookup = lookups[index] ?? { parent: undefined, partial: undefined, contents: [], key: undefined };
		const isKnown = lookup.key !== undefined && knowledge.find(lookup.key) !== undefined;
		// BuildKit could have used a record of this very step although its parent ran, so the parent is no proof then.
		if (above !== undefined && own.step?.linked === false && (build.builder === 'classic' || !isKnown)) {
			return { kind: 'parentMissed', line: above };
		}
		if (isKnown && own.step?.remotes?.[0] !== undefined) {
			return { kind: 'remoteChanged', url: own.step.remotes[0] };
		}
		return missReason(evidence, index, lookup);
	};
	const reasons: (Reason | undefined)[] = [];
	for (const [index, step] of build.steps.entries()) {
		reasons.push(reasonOf(step, index));
		yield;
	}
	return reasons;
}
