import type { ImageChains } from './imageChains';
import { imageLayers } from './imageLayers';
import type { ImageAnswers } from './imageRows';
import type { ImageStore } from './imageStore';

/** What an image has for itself, and with whom it shares the rest. */
export interface ImageSharing {
	/** Undefined where the image's history does not prove the size of every such layer. */
	readonly ownBytes: number | undefined;
	readonly ownLayers: number;
	readonly sharedBytes: number | undefined;
	readonly sharedLayers: number;
	/** Names of the images that have at least one of its layers, those with the most first. */
	readonly sharedWith: readonly string[];
}

/** Computed from the layers of all images, so that it is the same on every engine. Throws `EngineError`. */
export async function imageSharing(store: ImageAnswers & Pick<ImageStore, 'images'>, chains: ImageChains, imageId: string): Promise<ImageSharing> {
	const images = await store.images();
	const [{ layers }, all] = await Promise.all([imageLayers(store, imageId), chains.of(images.map(({ id }) => id))]);
	const mine = new Set(layers.map(({ chainId }) => chainId));
	const others = images.filter(({ id }) => id !== imageId).flatMap(({ id, references }) => {
		const common = (all.get(id) ?? []).filter(chain => mine.has(chain));
		return common.length === 0 ? [] : [{ name: references[0] ?? id.replace(/^sha256:/, '').slice(0, 12), common }];
	});
	const held = new Set(others.flatMap(({ common }) => common));
	const own = layers.filter(({ chainId }) => !held.has(chainId));
	const shared = layers.filter(({ chainId }) => held.has(chainId));
	const bytes = (some: typeof layers): number | undefined => some.some(layer => layer.bytes === undefined) ? undefined : some.reduce((sum, layer) => sum + (layer.bytes ?? 0), 0);
	return {
		ownBytes: bytes(own), ownLayers: own.length, sharedBytes: bytes(shared), sharedLayers: shared.length,
		sharedWith: others.sort((a, b) => b.common.length - a.common.length || (a.name < b.name ? -1 : 1)).map(({ name }) => name),
	};
}
