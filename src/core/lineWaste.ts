import type { ExploredImage } from './exploredImage';
import type { Cause } from './layers/causes';
import type { Burial } from './layers/waste';
import type { LineFacts } from './lineFacts';

/** What an image wastes, ready to be laid beside the lines that made it. Positions are those of its layers, lowest 0. */
export interface ImageWaste {
	/** diffIDs, lowest layer first. */
	readonly diffIds: readonly string[];
	/** Bytes of file content in each layer. */
	readonly layerBytes: readonly number[];
	readonly totalBytes: number;
	readonly wastedBytes: number;
	/** 1 − wasted / total. */
	readonly efficiency: number;
	readonly burials: readonly LayerBurial[];
	readonly causes: readonly Cause[];
}

/** What of one layer's content a later one buried. */
export interface LayerBurial {
	readonly addedIn: number;
	readonly buriedIn: number;
	readonly how: Burial;
	readonly bytes: number;
	readonly files: number;
	/** Of the largest files, at most ten. */
	readonly paths: readonly string[];
}

/** What one line wastes. Lines are those of the text as it is now. */
export interface LineWaste {
	/** Bytes that its layer added and a later layer buried. */
	readonly bytes: number;
	/** Most bytes first. `line` is undefined where the burying layer is of no line that is known. */
	readonly burials: readonly (LayerBurial & { readonly line: number | undefined })[];
	/** What its layer holds that need not be there, whether buried later or not. `firstLine`: of `Cause.firstLayer`. */
	readonly causes: readonly (Cause & { readonly firstLine: number | undefined })[];
	/** Bytes of file content in its layer. */
	readonly layerBytes: number;
	/** Bytes of file content in the whole image. */
	readonly imageBytes: number;
}

const mostPaths = 10;

export function imageWasteOf(explored: ExploredImage): ImageWaste {
	const { totalBytes, wastedBytes, efficiency, files } = explored.waste();
	const burials = new Map<string, { -readonly [K in keyof LayerBurial]: LayerBurial[K] } & { paths: string[] }>();
	for (const { addedIn, buriedIn, how, bytes, path } of files) {
		const key = `${String(addedIn)} ${String(buriedIn)} ${how}`;
		const burial = burials.get(key) ?? { addedIn, buriedIn, how, bytes: 0, files: 0, paths: [] };
		burial.bytes += bytes;
		burial.files++;
		if (burial.paths.length < mostPaths) {
			burial.paths.push(path);
		}
		burials.set(key, burial);
	}
	return {
		diffIds: explored.image.layers.map(({ diffId }) => diffId),
		layerBytes: explored.stack.map(index => index.subtreeBytes[0] ?? 0),
		totalBytes, wastedBytes, efficiency,
		burials: [...burials.values()].sort((left, right) => right.bytes - left.bytes),
		causes: explored.causes(),
	};
}

/** The same lines, each with what its layer wastes. Lines whose text is no longer what made the layer have none. */
export function withWaste(lines: readonly LineFacts[], waste: ImageWaste | undefined): readonly LineFacts[] {
	if (waste === undefined) {
		return lines;
	}
	const layerOf = layersOfLines(lines, waste.diffIds);
	const lineOf = new Map([...layerOf].map(([at, layer]) => [layer, lines[at]!.line]));
	return lines.map((facts, at) => {
		const layer = layerOf.get(at);
		if (layer === undefined || facts.stale === 'changed') {
			return facts;
		}
		const burials = waste.burials.filter(({ addedIn }) => addedIn === layer).map(burial => ({ ...burial, line: lineOf.get(burial.buriedIn) }));
		const causes = waste.causes.filter(cause => cause.layer === layer)
			.map(cause => ({ ...cause, firstLine: cause.firstLayer === undefined ? undefined : lineOf.get(cause.firstLayer) }));
		return {
			...facts,
			waste: {
				bytes: burials.reduce((sum, { bytes }) => sum + bytes, 0),
				burials, causes,
				layerBytes: waste.layerBytes[layer] ?? 0,
				imageBytes: waste.totalBytes,
			},
		};
	});
}

/** Which layer each line made: lines and layers go upwards together, since one diffID may stand in an image twice. */
export function layersOfLines(lines: readonly LineFacts[], diffIds: readonly string[]): ReadonlyMap<number, number> {
	const found = new Map<number, number>();
	let above = -1;
	for (const [at, { diffId }] of lines.entries()) {
		const layer = diffId === undefined ? -1 : diffIds.indexOf(diffId, above + 1);
		if (layer >= 0) {
			found.set(at, layer);
			above = layer;
		}
	}
	return found;
}

/** Bytes from which on waste is worth a problem: the lesser of a size and a share of the image. */
export function wasteThreshold(imageBytes: number, megabytes: number, percent: number): number {
	return Math.min(megabytes * 1e6, imageBytes * percent / 100);
}
