import type { Engine } from '../core/engine/engine';
import { chainIds } from '../core/image/digest';

/** Engines answer several such questions at a time; more at once only queue there. */
const atOnce = 8;

/** The layers of images, by chain id, each asked for once: an id names the same layers for ever. */
export class ImageChains {
	private readonly known = new Map<string, readonly string[]>();

	constructor(private readonly connection: { get(): Promise<{ readonly engine: Pick<Engine, 'image'> }> }) {}

	/** Those of these images; one that goes meanwhile is left out. Throws `EngineError`. */
	async of(imageIds: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
		const { engine } = await this.connection.get();
		const queue = imageIds.filter(id => !this.known.has(id));
		const work = async (): Promise<void> => {
			for (let id = queue.shift(); id !== undefined; id = queue.shift()) {
				const image = await engine.image(id).catch(() => undefined);
				if (image !== undefined) {
					this.known.set(id, chainIds(image.diffIds));
				}
			}
		};
		await Promise.all(Array.from({ length: atOnce }, work));
		return new Map(imageIds.flatMap(id => {
			const chain = this.known.get(id);
			return chain === undefined ? [] : [[id, chain] as const];
		}));
	}
}
