import type { Tree } from '../../platform/tree';
import { isImagesNode, type ImagesNode } from './imagesModel';

/** A command of a menu gets the row, and all that are selected with it; one of a key takes the selection; one of the palette nothing. */
export function chosenNodes({ selection }: Pick<Tree<ImagesNode>, 'selection'>, node: unknown, nodes: unknown): readonly ImagesNode[] {
	return Array.isArray(nodes) && nodes.length > 0 ? nodes.filter(isImagesNode)
		: isImagesNode(node) ? [node]
		: node === 'selection' ? selection() : [];
}
