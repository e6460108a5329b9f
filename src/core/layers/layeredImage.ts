import type { HistoryEntry } from '../image/manifest';
import type { LayerIndex } from './layerIndex';

/** An image whose layers are known. */
export interface LayeredImage {
	/** `repository:tag`, as the archive or the engine says them; may be empty. */
	readonly references: readonly string[];
	/** Digest of the config. */
	readonly configDigest: string | undefined;
	readonly os: string;
	readonly architecture: string;
	readonly variant: string | undefined;
	/** What made it, oldest first, instructions without a layer included; empty where the image does not say. */
	readonly history: readonly HistoryEntry[];
	/** Lowest first. */
	readonly layers: readonly ImageLayer[];
}

export interface ImageLayer {
	readonly diffId: string;
	/** The history entry that made it; undefined where the image does not say. */
	readonly createdBy: string | undefined;
	/** Milliseconds since the epoch. */
	readonly createdAt: number | undefined;
	readonly comment: string | undefined;
	/** The entry of the archive that holds it; undefined where it was not read from one. */
	readonly path: string | undefined;
	/** The same object for the same diffID. */
	readonly index: LayerIndex;
}

/** Layers from the lowest to the highest: what trees, waste and comparisons are computed from. */
export type LayerStack = readonly LayerIndex[];

export function stackOf(image: LayeredImage): LayerStack {
	return image.layers.map(layer => layer.index);
}
