import type { ImageRow } from './image/historyRows';
import { firstRow, readRowInstruction } from './image/rowInstruction';
import type { LayeredImage } from './layers/layeredImage';

/**
 * The layers of an image as rows, oldest first, where no engine gives its history: the config's history entries say
 * what made them. Sizes are bytes of file content. Rows that made no layer are not among them.
 */
export function archiveRows({ layers }: LayeredImage): readonly ImageRow[] {
	let state = firstRow;
	return layers.map(({ diffId, createdBy = '', createdAt = 0, comment = '', index }, layer) => {
		const { next, builder, keyword, text, args, raw } = readRowInstruction(createdBy, comment, state);
		state = next;
		return {
			index: layer, builder, keyword, instruction: text, args, raw, createdBy, createdAt, comment,
			sizeBytes: index.subtreeBytes[0] ?? 0, empty: false, layer, diffId, imageId: undefined,
		};
	});
}
