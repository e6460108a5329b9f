import type { PictureLayer } from './pictureMessages';

/** Colours repeat after twelve layers, and a picture hardly shows the smaller ones. */
const mostNamed = 12;

/** The layers that a legend names, in their order: all that hold something, or of many only the largest. */
export function legendLayers(layers: readonly PictureLayer[], isWhole: boolean): { readonly named: readonly PictureLayer[]; readonly left: number } {
	const holding = layers.filter(({ bytes }) => bytes > 0);
	if (isWhole) {
		return { named: holding, left: 0 };
	}
	const largest = new Set([...holding].sort((left, right) => right.bytes - left.bytes).slice(0, mostNamed));
	return { named: holding.filter(layer => largest.has(layer)), left: holding.length - largest.size };
}
