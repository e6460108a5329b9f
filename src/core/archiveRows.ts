import type { ImageRow } from './image/historyRows';
import { firstRow, readRowInstruction } from './image/rowInstruction';
import type { LayeredImage } from './layers/layeredImage';

/**
 * An image's history as rows, oldest first, where no engine gives it: the config's history entries, each with the layer
 * it made. Sizes are bytes of file content. Where the image has no history, or one that cannot be laid beside its
 * layers, the layers alone.
 */
export function archiveRows({ history, layers }: LayeredImage): readonly ImageRow[] {
	const isWhole = history.filter(({ empty }) => !empty).length === layers.length;
	const entries = isWhole ? history : layers.map(({ createdBy, createdAt, comment }) => ({ createdBy, createdAt, comment, empty: false }));
	let state = firstRow;
	let next = 0;
	return entries.map(({ createdBy = '', createdAt = 0, comment = '', empty }, index) => {
		const { next: after, builder, keyword, text, args, raw } = readRowInstruction(createdBy, comment, state);
		state = after;
		const layer = empty ? undefined : next++;
		const made = layer === undefined ? undefined : layers[layer];
		return {
			index, builder, keyword, instruction: text, args, raw, createdBy, createdAt, comment,
			sizeBytes: made?.index.subtreeBytes[0] ?? 0, empty, layer, diffId: made?.diffId, imageId: undefined,
		};
	});
}

/** The instruction that made each layer, lowest first. */
export function layerInstructions(image: LayeredImage): readonly string[] {
	return archiveRows(image).flatMap(({ layer, instruction }) => layer === undefined ? [] : [instruction]);
}
