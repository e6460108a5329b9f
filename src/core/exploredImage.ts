import { causesOf, type Cause } from './layers/causes';
import { changesOf, type LayerChanges } from './layers/changes';
import { stackOf, type LayeredImage, type LayerStack } from './layers/layeredImage';
import { rootOf, type TreeNode } from './layers/tree';
import { wasteOf, type Waste } from './layers/waste';

/** An image whose layers are known, with what follows from them, each computed once when first asked for. */
export interface ExploredImage {
	readonly image: LayeredImage;
	readonly stack: LayerStack;
	/** The layers up to one, itself included. */
	upTo(layer: number): LayerStack;
	/** The root of what a container of the layers up to one would see. */
	root(layer: number): TreeNode;
	changes(layer: number): LayerChanges;
	waste(): Waste;
	causes(): readonly Cause[];
}

export function exploreImage(image: LayeredImage): ExploredImage {
	const stack = stackOf(image);
	const upTo = remembered((layer: number) => stack.slice(0, layer + 1));
	const root = remembered((layer: number) => rootOf(upTo(layer)));
	const changes = remembered((layer: number) => changesOf(stack, layer));
	let waste: Waste | undefined;
	let causes: readonly Cause[] | undefined;
	const explored: ExploredImage = {
		image, stack, upTo, root, changes,
		waste: () => waste ??= wasteOf(stack),
		causes: () => causes ??= causesOf(image, explored.waste()),
	};
	return explored;
}

function remembered<T>(compute: (layer: number) => T): (layer: number) => T {
	const known = new Map<number, T>();
	return layer => {
		const value = known.get(layer) ?? compute(layer);
		known.set(layer, value);
		return value;
	};
}
