import { layerKind } from '../dockerfile/keyword';
import { firstRow, readRowInstruction } from './rowInstruction';
import type { RowBuilder } from './rowInstruction';

/** One row of the engine's history, in the engine's own words. */
export interface HistoryEntry {
	readonly imageId: string | undefined;
	readonly createdAt: number;
	readonly createdBy: string;
	readonly sizeBytes: number;
	readonly comment: string;
}

/** One row of an image's history, joined with the layer it made. */
export interface ImageRow {
	/** Place among the image's rows, oldest 0. */
	readonly index: number;
	readonly builder: RowBuilder | undefined;
	readonly keyword: string | undefined;
	/** As a Dockerfile would have it; the engine's words where the row does not tell its instruction. */
	readonly instruction: string;
	readonly args: string;
	readonly raw: string;
	/** The engine's words. */
	readonly createdBy: string;
	/** Milliseconds since the epoch. */
	readonly createdAt: number;
	readonly comment: string;
	/** The engine's history size: uncompressed bytes of files (overlay2), disk usage (containerd store). */
	readonly sizeBytes: number;
	/** True: no layer. Undefined: the history does not prove it either way. */
	readonly empty: boolean | undefined;
	/** Place of its layer in `diffIds`; undefined where there is none or the join cannot be proved. */
	readonly layer: number | undefined;
	readonly diffId: string | undefined;
	/** The image as it was after this row, where the engine still has it. */
	readonly imageId: string | undefined;
}

/**
 * The rows of an image, oldest first, each joined with its layer where that is certain.
 *
 * The history API does not say which rows have a layer (`empty_layer` of the image config is not in it). BuildKit makes
 * one for every RUN, COPY, ADD and for a WORKDIR other than `/`, empty or not. The classic builder and a commit drop a
 * layer without entries, so a row of 0 bytes may have one (`mkdir`) or not (`true`): such a row, and those beside it, are
 * joined only where counting from both ends leaves one possibility. `layersAfter` gives the number of layers of images
 * named by rows (classic builds keep one for each step) and settles what counting cannot.
 *
 * @param entries newest first, as the engine gives them
 * @param diffIds lowest layer first
 */
export function historyRows(
	entries: readonly HistoryEntry[],
	diffIds: readonly string[],
	layersAfter: ReadonlyMap<string, number> = new Map(),
): readonly ImageRow[] {
	let state = firstRow;
	const rows = entries.toReversed().map((entry, index) => {
		const { next, builder, keyword, text, args, raw } = readRowInstruction(entry.createdBy, entry.comment, state);
		state = next;
		return { index, builder, keyword, instruction: text, args, raw, ...entry };
	});
	const layers = joinLayers(rows.map(row => ({ kind: layerClaim(row), after: row.imageId === undefined ? undefined : layersAfter.get(row.imageId) })), diffIds.length);
	return rows.map((row, at) => {
		const { empty, layer } = layers[at]!;
		return { ...row, empty, layer, diffId: layer === undefined ? undefined : diffIds[layer] };
	});
}

type Claim = 'layer' | 'none' | 'either';

function layerClaim(row: Pick<ImageRow, 'keyword' | 'args' | 'builder' | 'sizeBytes'>): Claim {
	if (row.sizeBytes > 0) {
		return 'layer';
	}
	if (row.keyword === undefined) {
		return 'either';
	}
	const kind = layerKind(row.keyword, row.args);
	return kind === 'metadata' ? 'none' : row.builder === 'buildkit' ? 'layer' : 'either';
}

interface Joined {
	readonly empty: boolean | undefined;
	readonly layer: number | undefined;
}

/** For each row its layer, where exactly one is possible. Contradicting counts prove nothing, so nothing is joined. */
function joinLayers(rows: readonly { readonly kind: Claim; readonly after: number | undefined }[], total: number): readonly Joined[] {
	// least[i], most[i]: how many layers there can be below row i.
	const least = [0];
	const most = [0];
	for (const [at, { kind, after }] of rows.entries()) {
		least.push(after ?? least[at]! + (kind === 'layer' ? 1 : 0));
		most.push(after ?? most[at]! + (kind === 'none' ? 0 : 1));
	}
	least[rows.length] = Math.max(least[rows.length]!, total);
	most[rows.length] = Math.min(most[rows.length]!, total);
	for (let at = rows.length - 1; at >= 0; at--) {
		const { kind } = rows[at]!;
		least[at] = Math.max(least[at]!, least[at + 1]! - (kind === 'none' ? 0 : 1));
		most[at] = Math.min(most[at]!, most[at + 1]! - (kind === 'layer' ? 1 : 0));
	}
	if (least.some((count, at) => count > most[at]!)) {
		return rows.map(({ kind }) => ({ empty: kind === 'none' ? true : undefined, layer: undefined }));
	}
	return rows.map(({ kind }, at) => {
		const below = least[at] === most[at] ? least[at] : undefined;
		const above = least[at + 1] === most[at + 1] ? least[at + 1] : undefined;
		const empty = kind === 'none' ? true : kind === 'layer' ? false
			: below === undefined || above === undefined ? undefined : below === above;
		return { empty, layer: empty === false ? below ?? (above === undefined ? undefined : above - 1) : undefined };
	});
}
