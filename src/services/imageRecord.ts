import type { ImageLayer, LayeredImage } from '../core/layers/layeredImage';
import type { LayerIndex } from '../core/layers/layerIndex';

/** What is kept of an image beside the indexes of its layers. Plain JSON, versioned. */
export interface ImageRecord extends Omit<LayeredImage, 'layers'> {
	readonly version: 2;
	readonly layers: readonly Omit<ImageLayer, 'index'>[];
}

export function imageRecord(image: LayeredImage): ImageRecord {
	return { ...image, version: 2, layers: image.layers.map(({ diffId, createdBy, createdAt, comment, path }) => ({ diffId, createdBy, createdAt, comment, path })) };
}

/** Undefined for anything but a record of this version. */
export function readImageRecord(json: unknown): ImageRecord | undefined {
	return typeof json === 'object' && json !== null
		&& 'version' in json && json.version === 2
		&& 'layers' in json && Array.isArray(json.layers)
		&& 'references' in json && Array.isArray(json.references)
		&& 'history' in json && Array.isArray(json.history)
		? json as ImageRecord
		: undefined;
}

/** The image that a record is of; undefined where the index of a layer is missing. */
export function imageOfRecord(record: ImageRecord, indexes: ReadonlyMap<string, LayerIndex>): LayeredImage | undefined {
	const layers: ImageLayer[] = [];
	for (const { diffId, createdBy, createdAt, comment, path } of record.layers) {
		const index = indexes.get(diffId);
		if (index === undefined) {
			return undefined;
		}
		layers.push({ diffId, createdBy, createdAt, comment, path, index });
	}
	const { references, configDigest, os, architecture, variant } = record;
	const history = record.history.map(({ createdBy, createdAt, comment, empty }) => ({ createdBy, createdAt, comment, empty }));
	return { references, configDigest, os, architecture, variant, history, layers };
}
