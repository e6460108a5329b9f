import type { ImageSummary } from '../../core/engine/engine';
import { compareImages, type ImageOrder } from '../../core/imageFamilies';

export interface RepositoryImages {
	readonly name: string;
	/** Newest first, or in the order asked for; an image with two tags here is two entries. */
	readonly tags: readonly { readonly reference: string; readonly tag: string; readonly image: ImageSummary }[];
}

export interface GroupedImages {
	/** By name, or in the order asked for. */
	readonly repositories: readonly RepositoryImages[];
	/** Newest first. */
	readonly untagged: readonly ImageSummary[];
}

/** Images as people look for them: by repository, then by tag. */
export function groupImages(images: readonly ImageSummary[], order: ImageOrder = 'name'): GroupedImages {
	// Within a repository the newest tag is what people look for, unless they ask for sizes.
	const byOrder = compareImages(order === 'name' ? 'age' : order);
	const repositories = new Map<string, RepositoryImages['tags'][number][]>();
	for (const image of images) {
		for (const reference of image.references) {
			const { name, tag } = splitReference(reference);
			const tags = repositories.get(name);
			const entry = { reference, tag, image };
			if (tags === undefined) {
				repositories.set(name, [entry]);
			} else {
				tags.push(entry);
			}
		}
	}
	return {
		repositories: [...repositories]
			.map(([name, tags]) => ({ name, tags: tags.sort((a, b) => (order === 'size' ? byOrder(a.image, b.image) : b.image.createdAt - a.image.createdAt) || compare(a.tag, b.tag)) }))
			.sort((a, b) => (order === 'name' ? 0 : byOrder(a.tags[0]!.image, b.tags[0]!.image)) || compare(a.name, b.name)),
		untagged: images.filter(({ references }) => references.length === 0).sort((a, b) => order === 'size' ? byOrder(a, b) : b.createdAt - a.createdAt),
	};
}

/** The list's references always end in a tag; the colon of a registry's port comes before the last slash. */
function splitReference(reference: string): { readonly name: string; readonly tag: string } {
	const colon = reference.lastIndexOf(':');
	return colon > reference.lastIndexOf('/')
		? { name: reference.slice(0, colon), tag: reference.slice(colon + 1) }
		: { name: reference, tag: '' };
}

function compare(one: string, other: string): number {
	return one < other ? -1 : one > other ? 1 : 0;
}
