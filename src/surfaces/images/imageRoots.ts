import type { ImageSummary } from '../../core/engine/engine';
import type { ImageOrder } from '../../core/imageFamilies';
import { groupImages, type RepositoryImages } from './groupImages';

/** What a root shows may become another; the node stays the same, so that only it is drawn anew. */
export interface RepositoryNode { readonly kind: 'repository'; repository: RepositoryImages }
export interface UntaggedNode { readonly kind: 'untagged'; images: readonly ImageSummary[] }
type RootNode = RepositoryNode | UntaggedNode;

/**
 * The roots as the view has them. A build elsewhere changes the list many times a minute; drawing all of it anew each
 * time would take rows away under the pointer.
 */
export class ImageRoots {
	private shown: ReadonlyMap<string, RootNode> = new Map();

	/** The roots of a list, to be drawn. What was there before stays the same node: the view knows no other. */
	draw(images: readonly ImageSummary[], order: ImageOrder = 'name'): readonly RootNode[] {
		this.shown = new Map([...nodesOf(images, order)].map(([key, node]) => [key, Object.assign(this.shown.get(key) ?? {}, node)]));
		return [...this.shown.values()];
	}

	/** The roots that read otherwise with this list, already changed; `all` where roots came or went. */
	update(images: readonly ImageSummary[], order: ImageOrder = 'name'): readonly RootNode[] | 'all' {
		const next = nodesOf(images, order);
		if ([...next.keys()].join('\n') !== [...this.shown.keys()].join('\n')) {
			return 'all';
		}
		return [...next].flatMap(([key, node]) => {
			const shown = this.shown.get(key);
			if (shown === undefined || JSON.stringify(shown) === JSON.stringify(node)) {
				return [];
			}
			Object.assign(shown, node);
			return [shown];
		});
	}

	/** The roots that have one of these images below. */
	holding(imageIds: ReadonlySet<string>): readonly RootNode[] {
		return [...this.shown.values()].filter(node => (node.kind === 'untagged' ? node.images : node.repository.tags.map(({ image }) => image)).some(({ id }) => imageIds.has(id)));
	}
}

function nodesOf(images: readonly ImageSummary[], order: ImageOrder): ReadonlyMap<string, RootNode> {
	const { repositories, untagged } = groupImages(images, order);
	return new Map<string, RootNode>([
		...repositories.map((repository): [string, RootNode] => [`repository:${repository.name}`, { kind: 'repository', repository }]),
		...untagged.length > 0 ? [['untagged', { kind: 'untagged', images: untagged }] as [string, RootNode]] : [],
	]);
}
