import type { Engine } from '../core/engine/engine';
import { chainIds } from '../core/image/digest';

/** Engines answer several such questions at a time; more at once only queue there. */
const atOnce = 8;

/** The layers of images, by chain id, each asked for once: an id names the same layers for ever. */
export class ImageChains {
	/** Undefined in the end: the image is gone. */
	private readonly known = new Map<string, Promise<readonly string[] | undefined>>();

	constructor(private readonly connection: { get(): Promise<{ readonly engine: Pick<Engine, 'image'> }> }) {}

	/** Those of these images; one that goes meanwhile is left out. Throws `EngineError`. */
	async of(imageIds: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
		const { engine } = await this.connection.get();
		const queue = [...imageIds];
		const chains = new Map<string, readonly string[]>();
		const work = async (): Promise<void> => {
			for (let id = queue.shift(); id !== undefined; id = queue.shift()) {
				const chain = await (this.known.get(id) ?? this.ask(engine, id));
				if (chain !== undefined) {
					chains.set(id, chain);
				}
			}
		};
		await Promise.all(Array.from({ length: atOnce }, work));
		return chains;
	}

	private ask(engine: Pick<Engine, 'image'>, id: string): Promise<readonly string[] | undefined> {
		const asked = engine.image(id).then(({ diffIds }) => chainIds(diffIds), () => {
			this.known.delete(id);
			return undefined;
		});
		this.known.set(id, asked);
		return asked;
	}
}
