import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Which image a person chose for a Dockerfile, by the Dockerfile's path; kept over restarts. */
export class ChosenImages {
	private loading: Promise<Map<string, string>> | undefined;

	constructor(private readonly file: string) {}

	async get(path: string): Promise<string | undefined> {
		return (await this.load()).get(path);
	}

	/** `undefined` forgets the choice. */
	async set(path: string, reference: string | undefined): Promise<void> {
		const chosen = await this.load();
		if (chosen.get(path) === reference) {
			return;
		}
		if (reference === undefined) {
			chosen.delete(path);
		} else {
			chosen.set(path, reference);
		}
		await mkdir(dirname(this.file), { recursive: true });
		// Written whole and then moved, so that a reader never sees half of it.
		const unfinished = `${this.file}.${String(process.pid)}`;
		await writeFile(unfinished, JSON.stringify(Object.fromEntries(chosen), undefined, '\t'));
		await rename(unfinished, this.file);
	}

	private load(): Promise<Map<string, string>> {
		this.loading ??= readFile(this.file, 'utf8').then(
			text => new Map(Object.entries(JSON.parse(text) as Record<string, string>)),
			() => new Map<string, string>(),
		).catch(() => new Map<string, string>());
		return this.loading;
	}
}
