import type { EngineConnection } from './engineConnection';

/** Engines look at several files at a time; more at once only queue there. */
const atOnce = 4;

/** Bytes of files in containers, each asked for once; no list of the engine tells them. */
export class ChangedFileSizes {
	/** By container and path; undefined: asked for, not answered yet or gone by then. */
	private readonly asked = new Map<string, Map<string, number | undefined>>();

	constructor(private readonly connection: Pick<EngineConnection, 'get'>) {}

	/** Undefined where it is not known (yet). What is no regular file has no bytes of its own: 0. */
	of(containerId: string, path: string): number | undefined {
		return this.asked.get(containerId)?.get(path);
	}

	/** Asks for those that were not asked for before. True: some are known now. What cannot be asked stays unknown. */
	async measure(containerId: string, paths: readonly string[]): Promise<boolean> {
		const sizes = this.asked.get(containerId) ?? new Map<string, number | undefined>();
		const queue = paths.filter(path => !sizes.has(path));
		if (queue.length === 0) {
			return false;
		}
		this.asked.set(containerId, sizes);
		queue.forEach(path => sizes.set(path, undefined));
		try {
			const { engine } = await this.connection.get();
			const work = async (): Promise<void> => {
				for (let path = queue.shift(); path !== undefined && this.asked.get(containerId) === sizes; path = queue.shift()) {
					const found = await engine.statInContainer(containerId, path);
					if (found !== undefined) {
						sizes.set(path, found.kind === 'file' ? found.sizeBytes : 0);
					}
				}
			};
			await Promise.all(Array.from({ length: atOnce }, work));
		} catch {
			// The container or the engine is gone: whoever opens it again asks again.
			this.asked.delete(containerId);
		}
		return this.asked.get(containerId) === sizes;
	}

	/** The files of this container may be others. */
	forget(containerId: string): void {
		this.asked.delete(containerId);
	}
}
