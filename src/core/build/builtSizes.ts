import type { ResolvedDockerfile } from '../dockerfile/resolved';
import type { ImageRow } from '../image/historyRows';
import { stageChain } from '../image/matchHistory';
import type { LayerSize } from './record';

/** What an image that was just built says of the instruction that made a row of it. */
export interface BuiltLayer {
	readonly size: LayerSize;
	readonly diffId: string | undefined;
}

/**
 * Size and layer of each instruction of an image built from this Dockerfile, by instruction index. Rows are taken from
 * the newest down, as the base's own are below and may be any; where a row is another instruction than expected, what
 * is below it stays unknown. `last`: the instruction the image ends with; `added`: newer rows that no instruction made,
 * as the classic builder's for labels given to the build.
 */
export function builtSizes(resolved: ResolvedDockerfile, last: number, rows: readonly ImageRow[], added = 0): ReadonlyMap<number, BuiltLayer> {
	const layers = new Map<number, BuiltLayer>();
	let at = rows.length - 1 - added;
	for (const { instruction, keyword } of expectedRows(resolved, last).toReversed()) {
		const row = rows[at];
		if (keyword === 'ONBUILD' && row?.keyword !== 'ONBUILD') {
			// BuildKit writes no row for it.
			continue;
		}
		// A classic RUN in exec form is recorded as the bare command.
		if (row === undefined || (row.keyword !== keyword && !(keyword === 'RUN' && row.keyword === undefined))) {
			break;
		}
		at--;
		if (instruction !== undefined) {
			layers.set(instruction, { size: { bytes: row.sizeBytes, measure: 'history' }, diffId: row.diffId });
		}
	}
	return layers;
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
