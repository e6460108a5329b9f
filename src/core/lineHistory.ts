import { alignInstructions } from './alignInstructions';
import type { BuildRecord, RecordedInstruction } from './build/record';
import type { Dockerfile } from './dockerfile/model';

/** A recorded build with its text as it is read. */
export interface ComparedBuild {
	readonly record: BuildRecord;
	readonly dockerfile: Dockerfile;
}

/** What a line cost in earlier builds of the same Dockerfile and target. */
export interface LineHistory {
	/** Against the build before, the newest that succeeded; undefined where there is none, or the line was not in it. */
	readonly sinceLast: LineChange | undefined;
	/** Against the build that a person pinned; undefined also where that is this build itself. */
	readonly sincePinned: LineChange | undefined;
	/** Bytes in the builds that tell them, oldest first, the build that speaks last. */
	readonly sizes: readonly number[];
	/** Milliseconds in the builds in which it ran, oldest first: what came from the cache took no time of its own. */
	readonly durations: readonly number[];
}

/** A line in one build beside the same line in an earlier one. */
export interface LineChange {
	/** When the earlier build began, milliseconds since the epoch. */
	readonly at: number;
	/** Undefined unless both builds tell the size. */
	readonly bytes: Difference | undefined;
	/** Undefined unless it ran in both, on the same engine with the same builder: other times cannot be compared. */
	readonly durationMs: Difference | undefined;
}

export interface Difference {
	readonly before: number;
	readonly now: number;
}

/** Builds of a line's history. */
const mostBuilds = 10;

/**
 * The history of each instruction of a build, by instruction. Instructions are followed through edits; one that is another
 * by now (a RUN in the place of an ENV) is not compared. `earlier`: builds of the same Dockerfile and target, newest
 * first; those for another platform are passed over.
 */
export function lineHistories(now: ComparedBuild, earlier: readonly ComparedBuild[], pinned: ComparedBuild | undefined): readonly LineHistory[] {
	const comparable = earlier.filter(({ record: { options: { platform }, startedAt, id } }) =>
		platform === now.record.options.platform && startedAt <= now.record.startedAt && id !== now.record.id);
	const past = comparable.slice(0, mostBuilds - 1).map(build => ({ build, find: finder(now.dockerfile, build) }));
	const last = comparable.find(({ record }) => record.state === 'succeeded');
	const findLast = last && finder(now.dockerfile, last);
	const findPinned = pinned && pinned.record.id !== now.record.id ? finder(now.dockerfile, pinned) : undefined;
	const recorded = byLine(now);
	return now.dockerfile.instructions.map((instruction, at) => {
		const own = recorded.get(instruction.line);
		const seen = [...past.toReversed().map(({ find }) => find(at)), own].filter(one => one !== undefined);
		return {
			sinceLast: last && compare(now.record, own, last.record, findLast?.(at)),
			sincePinned: pinned && compare(now.record, own, pinned.record, findPinned?.(at)),
			sizes: seen.flatMap(({ size }) => size?.bytes ?? []),
			durations: seen.flatMap(one => ranFor(one) ?? []),
		};
	});
}

function compare(now: BuildRecord, own: RecordedInstruction | undefined, build: BuildRecord, before: RecordedInstruction | undefined): LineChange | undefined {
	if (own === undefined || before === undefined) {
		return undefined;
	}
	const areTimesAlike = now.engineId === build.engineId && now.builder === build.builder;
	return {
		at: build.startedAt,
		bytes: difference(before.size?.bytes, own.size?.bytes),
		durationMs: areTimesAlike ? difference(ranFor(before), ranFor(own)) : undefined,
	};
}

function difference(before: number | undefined, now: number | undefined): Difference | undefined {
	return before === undefined || now === undefined ? undefined : { before, now };
}

function ranFor({ outcome, durationMs }: RecordedInstruction): number | undefined {
	return outcome === 'ran' ? durationMs : undefined;
}

/** What an earlier build recorded of instruction `at` of the text as it is now. */
function finder(now: Dockerfile, { record, dockerfile }: ComparedBuild): (at: number) => RecordedInstruction | undefined {
	const recorded = byLine({ record, dockerfile });
	const alignment = dockerfile.text === now.text ? undefined : alignInstructions(dockerfile, now);
	return at => {
		const before = dockerfile.instructions[alignment === undefined ? at : alignment.instructions[at]?.before ?? -1];
		return before !== undefined && isSameKind(before.keyword, now.instructions[at]!.keyword) ? recorded.get(before.line) : undefined;
	};
}

function isSameKind(before: string, now: string): boolean {
	const copies = ['COPY', 'ADD'];
	return before === now || (copies.includes(before) && copies.includes(now));
}

/** By line, not by place: a record may have been written by a version that read the text otherwise. */
function byLine({ record }: ComparedBuild): ReadonlyMap<number, RecordedInstruction> {
	return new Map(record.instructions.map(one => [one.line, one]));
}
