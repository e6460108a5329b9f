/** An image's layers, lowest first. */
export interface ImageLayers {
	readonly imageId: string;
	readonly layers: readonly StackedLayer[];
}

export interface StackedLayer {
	/** Of the layer with all below it: what engines count references to (OCI config.md, Layer ChainID). */
	readonly chainId: string;
	/** Uncompressed bytes of its files; undefined where the history does not prove them. */
	readonly bytes: number | undefined;
	/** What made it. */
	readonly createdBy: string | undefined;
}

export interface VanishingLayers {
	/** Layers that nothing needs any more, topmost first. */
	readonly gone: readonly StackedLayer[];
	/** Layers that stay, because something else has them too. */
	readonly kept: readonly StackedLayer[];
	/** Images that go on using one of the layers. */
	readonly keptBy: readonly string[];
	/** Bytes of what goes; undefined where one of them is not known. */
	readonly freedBytes: number | undefined;
	/**
	 * Of these, bytes that the build cache may go on holding, because one of its shared records has just that size.
	 * Undefined where the build cache is not known.
	 */
	readonly perhapsCachedBytes: number | undefined;
	/** The engine keeps a compressed copy of each layer too, whose bytes it does not tell and which are not counted. */
	readonly hasCompressedCopies: boolean;
}

/**
 * Which layers go with these images. `holders` are what remains: other images, and images whose containers remain;
 * only their chain ids are looked at. An image for several platforms comes once for each in both. `cachedSizes` are the sizes of build cache records that share their layer with an
 * image: the engine does not say which.
 */
export function vanishingLayers(going: readonly ImageLayers[], holders: readonly { readonly imageId: string; readonly chainIds: readonly string[] }[], cachedSizes: readonly number[] | undefined, hasCompressedCopies = false): VanishingLayers {
	const held = new Set(holders.flatMap(({ chainIds }) => chainIds));
	const all = new Map(going.flatMap(({ layers }) => layers.toReversed()).map(layer => [layer.chainId, layer]));
	const gone = [...all.values()].filter(({ chainId }) => !held.has(chainId));
	const kept = [...all.values()].filter(({ chainId }) => held.has(chainId));
	const isKept = new Set(kept.map(({ chainId }) => chainId));
	const perhaps = new Set(cachedSizes);
	return {
		gone, kept,
		keptBy: [...new Set(holders.filter(({ chainIds }) => chainIds.some(id => isKept.has(id))).map(({ imageId }) => imageId))],
		freedBytes: gone.some(({ bytes }) => bytes === undefined) ? undefined : sum(gone),
		perhapsCachedBytes: cachedSizes && sum(gone.filter(({ bytes }) => bytes !== undefined && bytes > 0 && perhaps.has(bytes))),
		hasCompressedCopies,
	};
}

function sum(layers: readonly StackedLayer[]): number {
	return layers.reduce((total, { bytes = 0 }) => total + bytes, 0);
}
