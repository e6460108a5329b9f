import { compareImages, type ImageFamily, type ImageOrder } from '../../core/imageFamilies';
import { namedImage, shortId, type ImageNode } from './imagesModel';

/** Families as rows: every name of an image is one, and what derives from the image stands below the first. */
export function familyNodes(families: readonly ImageFamily[], parent: ImageNode | undefined, order: ImageOrder): readonly ImageNode[] {
	const compare = compareImages(order);
	return families.toSorted((a, b) => compare(a.images[0]!, b.images[0]!)).flatMap(({ images, derived, addedBytes, addedLayers }) =>
		images.flatMap(image => (image.references.length === 0 ? [undefined] : image.references).map(reference => ({ image, reference })))
			.map(({ image, reference }, at): ImageNode => ({
				kind: 'image', image, reference, tag: reference ?? shortId(image.id), named: namedImage(image, reference), parent,
				family: { derived: at === 0 ? derived : [], added: parent === undefined ? undefined : { bytes: addedBytes, layers: addedLayers } },
			})));
}

/** The row of an image in a family tree, however deep. */
export function findInFamilies(nodes: readonly ImageNode[], imageId: string, order: ImageOrder): ImageNode | undefined {
	for (const node of nodes) {
		const found = node.image.id === imageId ? node : findInFamilies(familyNodes(node.family?.derived ?? [], node, order), imageId, order);
		if (found !== undefined) {
			return found;
		}
	}
	return undefined;
}
