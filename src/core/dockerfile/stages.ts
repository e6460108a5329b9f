import { groups } from '../base/groups';
import type { Range } from '../base/range';
import type { DockerfileProblem, Stage } from './model';
import type { CopySource } from './resolved';

/** Which stage a name means, for FROM, `COPY --from` and `RUN --mount=from`. */
export interface StageNames {
	/** The last stage of that name before `stage`: what a FROM sees. */
	before(name: string, stage: number): number | undefined;
	/** The last stage of that name in the whole file: what `--from` sees, even where it then has to be refused. */
	last(name: string): number | undefined;
}

export function stageNames(stages: readonly Stage[]): StageNames {
	const indices = groups(stages.flatMap(({ name, index }) => name === undefined ? [] : [[name.toLowerCase(), index] as const]));
	return {
		before: (name, stage) => indices.get(name.toLowerCase())?.findLast(index => index < stage),
		last: name => indices.get(name.toLowerCase())?.at(-1),
	};
}

/** One reading of a stage by another, as written: it may point to itself or forward, which is refused. */
export interface StageEdge {
	readonly from: number;
	readonly to: number;
	/** The name or index as written, and where. */
	readonly subject: string;
	readonly range: Range;
}

/** Where a `--from` points to; it never means the build context. */
export type FromReading = Exclude<CopySource, { kind: 'context' }> | { readonly kind: 'noStage' };

/** `COPY --from`: a number is a stage's index, a stage's name is that stage, all else an image. */
export function readCopyFrom(from: string, names: StageNames, count: number): FromReading {
	if (/^[+-]?\d+$/.test(from)) {
		const stage = Number(from);
		return stage >= 0 && stage < count ? { kind: 'stage', stage } : { kind: 'noStage' };
	}
	return readMountFrom(from, names);
}

/** `RUN --mount=from`: a number is no index here but an image's name (BuildKit dockerfile2llb/convert_runmount.go). */
export function readMountFrom(from: string, names: StageNames): FromReading {
	const stage = names.last(from);
	return stage === undefined ? { kind: 'image', reference: from } : { kind: 'stage', stage };
}

/** Readings that point to their own stage or forward: a cycle where the way leads back, else a stage that comes too late. */
export function edgeProblems(edges: readonly StageEdge[]): readonly DockerfileProblem[] {
	const wrong = edges.filter(({ from, to }) => to >= from);
	if (wrong.length === 0) {
		return [];
	}
	const reads = groups(edges.map(({ from, to }) => [from, to]));
	return wrong.map(({ from, to, subject, range }) => ({
		kind: reachable([to], stage => reads.get(stage) ?? []).has(from) ? 'stageCycle' : 'unknownStage', subject, range,
	}));
}

/** Every stage that the given ones lead to, themselves included. */
export function reachable(start: readonly number[], reads: (stage: number) => readonly number[]): ReadonlySet<number> {
	const seen = new Set<number>(start);
	// A set visits what is added while it is walked.
	for (const stage of seen) {
		reads(stage).forEach(next => seen.add(next));
	}
	return seen;
}
