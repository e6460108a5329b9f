import { readdirSync, readFileSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileNameOf, removeAbandoned, writeWhole } from './wholeFile';

const suffix = '.json';
/** File systems tell times in steps: a folder that changed so shortly before it was read may have changed again since. */
const stepMs = 100;

/**
 * Small values by name, a file each, in one folder. Several windows may change values at the same time and none is lost;
 * of two changes of the same value the later one wins. Reading is one `stat` unless something changed.
 */
export class ValueFolder {
	private known: { readonly changedAt: number; readonly readAt: number; readonly values: ReadonlyMap<string, unknown> } | undefined;

	constructor(private readonly folder: string) {}

	/** By name. */
	values(): ReadonlyMap<string, unknown> {
		const changedAt = statSync(this.folder, { throwIfNoEntry: false })?.mtimeMs;
		if (changedAt === undefined) {
			return new Map();
		}
		if (this.known?.changedAt !== changedAt || this.known.readAt - changedAt < stepMs) {
			const readAt = Date.now();
			const files = readdirSync(this.folder).filter(file => file.endsWith(suffix));
			this.known = { changedAt, readAt, values: new Map(files.flatMap(file => readEntry(join(this.folder, file)))) };
		}
		return this.known.values;
	}

	/** Undefined takes a value away. */
	async set(name: string, value: unknown): Promise<void> {
		const path = join(this.folder, `${fileNameOf(name)}${suffix}`);
		if (value === undefined) {
			await rm(path, { force: true });
		} else {
			await removeAbandoned(this.folder);
			await writeWhole(path, JSON.stringify({ name, value }));
		}
		this.known = undefined;
	}
}

function readEntry(path: string): (readonly [string, unknown])[] {
	try {
		const stored: unknown = JSON.parse(readFileSync(path, 'utf8'));
		return typeof stored === 'object' && stored !== null && 'name' in stored && typeof stored.name === 'string' && 'value' in stored ? [[stored.name, stored.value]] : [];
	} catch {
		// Another window took it away, or it is none of ours.
		return [];
	}
}
