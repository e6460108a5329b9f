import { ValueFolder } from './valueFolder';

/** Which image a person chose for a Dockerfile, by the Dockerfile's path; kept over restarts. */
export class ChosenImages {
	private readonly chosen: ValueFolder;

	constructor(folder: string) {
		this.chosen = new ValueFolder(folder);
	}

	get(path: string): string | undefined {
		const reference = this.chosen.values().get(path);
		return typeof reference === 'string' ? reference : undefined;
	}

	/** `undefined` forgets the choice. */
	async set(path: string, reference: string | undefined): Promise<void> {
		if (this.get(path) !== reference) {
			await this.chosen.set(path, reference);
		}
	}
}
