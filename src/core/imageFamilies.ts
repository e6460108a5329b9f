import type { ImageSummary } from './engine/engine';

/** Images of the same layers, and those that were built upon them. */
export interface ImageFamily {
	/** Newest first; they differ in their config alone. */
	readonly images: readonly ImageSummary[];
	/** What their layers add to those of the family above, in the engine's own sizes; of a root all of it. */
	readonly addedBytes: number;
	/** Layers more than the family above has. */
	readonly addedLayers: number;
	readonly derived: readonly ImageFamily[];
}

/**
 * The family tree of images by the layers that they have in common: an image derives from the one whose layers are the
 * most of its own, from the lowest up. `chains` are the chain ids of an image's layers (OCI config.md, Layer ChainID),
 * lowest first; an image whose layers are not known stands alone.
 */
export function imageFamilies(images: readonly ImageSummary[], chains: ReadonlyMap<string, readonly string[]>): readonly ImageFamily[] {
	const groups = new Map<string, OpenFamily>();
	for (const image of images) {
		const chain = chains.get(image.id) ?? [];
		const key = chain.at(-1) ?? image.id;
		const group = groups.get(key);
		if (group === undefined) {
			groups.set(key, { images: [image], chain, derived: [], above: undefined });
		} else {
			group.images.push(image);
		}
	}
	const roots: OpenFamily[] = [];
	for (const group of groups.values()) {
		const below = group.chain.slice(0, -1).findLast(chain => groups.has(chain));
		group.above = below === undefined ? undefined : groups.get(below);
		(group.above?.derived ?? roots).push(group);
	}
	return roots.map(closed);
}

interface OpenFamily {
	readonly images: ImageSummary[];
	readonly chain: readonly string[];
	readonly derived: OpenFamily[];
	above: OpenFamily | undefined;
}

function closed({ images, chain, derived, above }: OpenFamily): ImageFamily {
	const size = (family: OpenFamily): number => family.images[0]?.sizeBytes ?? 0;
	return {
		images: images.toSorted((a, b) => b.createdAt - a.createdAt),
		addedBytes: Math.max(0, (images[0]?.sizeBytes ?? 0) - (above === undefined ? 0 : size(above))),
		addedLayers: chain.length - (above?.chain.length ?? 0),
		derived: derived.map(closed),
	};
}

export type ImageOrder = 'name' | 'size' | 'age';

/** Images whose names, or ids, have a text in them; of several names only those that do. An empty text leaves all. */
export function filterImages(images: readonly ImageSummary[], text: string): readonly ImageSummary[] {
	const wanted = text.trim().toLowerCase();
	return wanted === '' ? images : images.flatMap(image => {
		if (image.id.replace(/^sha256:/, '').startsWith(wanted.replace(/^sha256:/, ''))) {
			return [image];
		}
		const references = image.references.filter(reference => reference.toLowerCase().includes(wanted));
		return references.length === 0 ? [] : [{ ...image, references }];
	});
}

/** How two images stand to each other in a list; by name where the rest is equal. */
export function compareImages(order: ImageOrder): (a: ImageSummary, b: ImageSummary) => number {
	const name = ({ references, id }: ImageSummary): string => references.length === 0 ? `\uffff${id}` : references.toSorted()[0]!;
	const byName = (a: ImageSummary, b: ImageSummary): number => name(a) < name(b) ? -1 : name(a) > name(b) ? 1 : 0;
	return (a, b) => (order === 'size' ? b.sizeBytes - a.sizeBytes : order === 'age' ? b.createdAt - a.createdAt : 0) || byName(a, b);
}
