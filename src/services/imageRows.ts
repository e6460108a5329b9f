import type { HistoryRow, ImageDetails } from '../core/engine/engine';
import { historyRows, type ImageRow } from '../core/image/historyRows';

/** Where an image's history and layers are asked for: an `ImageStore`, or an engine itself. */
export interface ImageAnswers {
	/** `platform`: as `Engine.image` has it. */
	history(imageId: string, platform?: string): Promise<readonly HistoryRow[]>;
	details(imageId: string, platform?: string): Promise<ImageDetails>;
}

/**
 * An image's rows, oldest first, joined with their layers. Where counting alone does not tell which rows have a layer,
 * the images in between, which the classic builder keeps, are asked too. Throws `EngineError`.
 */
export async function readImageRows(images: ImageAnswers, imageId: string, platform?: string): Promise<readonly ImageRow[]> {
	const [entries, { diffIds }] = await Promise.all([images.history(imageId, platform), images.details(imageId, platform)]);
	const rows = historyRows(entries, diffIds);
	if (rows.every(row => row.empty !== undefined)) {
		return rows;
	}
	const between = entries.flatMap(({ imageId: id }) => id ?? []);
	const counts = await Promise.all(between.map(async id => {
		const known = await images.details(id).catch(() => undefined);
		return known === undefined ? [] : [[id, known.diffIds.length] as const];
	}));
	return historyRows(entries, diffIds, new Map(counts.flat()));
}
