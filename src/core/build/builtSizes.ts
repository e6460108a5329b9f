import type { ResolvedDockerfile } from '../dockerfile/resolved';
import type { ImageRow } from '../image/historyRows';
import { stageChain } from '../image/matchHistory';
import type { LayerSize } from './record';

/** What an image that was just built says of the instruction that made a row of it. */
export interface BuiltLayer {
	readonly size: LayerSize;
	readonly diffId: string | undefined;
}

/** What an image that was just built says of itself. */
export interface BuiltImage {
	/** By instruction. */
	readonly layers: ReadonlyMap<number, BuiltLayer>;
	/** Bytes of all its layers. */
	readonly totalBytes: number;
	/** Bytes of the layers below those of the Dockerfile; undefined where it cannot be told which those are. */
	readonly baseBytes: number | undefined;
}

/**
 * Size and layer of each instruction of an image built from this Dockerfile, by instruction index. Rows are taken from
 * the newest down, as the base's own are below and may be any; where a row is another instruction than expected, what
 * is below it stays unknown. `last`: the instruction the image ends with; `added`: newer rows that no instruction made,
 * as the classic builder's for labels given to the build.
 */
export function builtSizes(resolved: ResolvedDockerfile, last: number, rows: readonly ImageRow[], added = 0): BuiltImage {
	const layers = new Map<number, BuiltLayer>();
	let at = rows.length - 1 - added;
	let isWhole = true;
	for (const { instruction, keyword } of expectedRows(resolved, last).toReversed()) {
		const row = rows[at];
		if (keyword === 'ONBUILD' && row?.keyword !== 'ONBUILD') {
			// BuildKit writes no row for it.
			continue;
		}
		// A classic RUN in exec form is recorded as the bare command.
		if (row === undefined || (row.keyword !== keyword && !(keyword === 'RUN' && row.keyword === undefined))) {
			isWhole = false;
			break;
		}
		at--;
		if (instruction !== undefined) {
			layers.set(instruction, { size: { bytes: row.sizeBytes, measure: 'history' }, diffId: row.diffId });
		}
	}
	return { layers, totalBytes: bytesOf(rows), baseBytes: isWhole ? bytesOf(rows.slice(0, at + 1)) : undefined };
}

function bytesOf(rows: readonly ImageRow[]): number {
	return rows.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

interface ExpectedRow {
	/** Undefined for a trigger: it has a row, but no line of its own. */
	readonly instruction: number | undefined;
	readonly keyword: string;
}

function expectedRows(resolved: ResolvedDockerfile, last: number): readonly ExpectedRow[] {
	const { dockerfile, stages } = resolved;
	return stageChain(resolved, dockerfile.instructions[last]?.stage ?? -1).flatMap(stage => [
		...(stages[stage]?.triggers ?? []).map(({ instruction }) => ({ instruction: undefined, keyword: instruction.keyword })),
		...(dockerfile.stages[stage]?.instructions ?? []).slice(1).filter(at => at <= last)
			.map(at => ({ instruction: at, keyword: dockerfile.instructions[at]!.keyword })),
	]);
}
