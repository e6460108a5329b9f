import { chainIds } from '../core/image/digest';
import type { ImageLayers, StackedLayer } from '../core/vanishingLayers';
import { readImageRows, type ImageAnswers } from './imageRows';

/** An image's layers with their bytes, as far as its history proves them. Throws `EngineError`. */
export async function imageLayers(answers: ImageAnswers, imageId: string, platform?: string): Promise<ImageLayers> {
	const [rows, { diffIds, sizeBytes }] = await Promise.all([readImageRows(answers, imageId, platform), answers.details(imageId, platform)]);
	const joined = new Map(rows.flatMap(row => row.layer === undefined ? [] : [[row.layer, row] as const]));
	const known = [...joined.values()].reduce((total, row) => total + row.sizeBytes, 0);
	return {
		imageId,
		layers: chainIds(diffIds).map((id, at): StackedLayer => ({
			chainId: id,
			// Where the known layers are the whole image, the others are empty.
			bytes: joined.get(at)?.sizeBytes ?? (known === sizeBytes ? 0 : undefined),
			createdBy: joined.get(at)?.instruction,
		})),
	};
}
