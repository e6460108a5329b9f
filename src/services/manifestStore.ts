import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { inSlices } from '../core/base/slices';
import { readingManifest, type Manifest } from '../core/cache/manifest';

const unzip = promisify(gunzip);
const zip = promisify(gzip);
const suffix = '.json.gz';
/** A manifest this young may belong to a record that another window is about to write. */
const youngMs = 60 * 60 * 1000;

/**
 * The lists of files that builds took, apart from the records of the builds: many records with the same files share one.
 * Named by content, so a file's content is written once and never changed.
 */
export class ManifestStore {
	private readonly read = new Map<string, Manifest>();

	constructor(private readonly folder: string) {}

	/** One that is there counts as young again: a record that names it is yet to be written. False where it is not there. */
	async renew(id: string): Promise<boolean> {
		const now = new Date();
		return utimes(this.pathOf(id), now, now).then(() => true, () => false);
	}

	async put(manifest: Manifest): Promise<void> {
		const path = this.pathOf(manifest.id);
		this.read.set(manifest.id, manifest);
		if (await this.renew(manifest.id)) {
			return;
		}
		await mkdir(this.folder, { recursive: true });
		const beside = `${path}.${randomBytes(4).toString('hex')}.tmp`;
		await writeFile(beside, await zip(JSON.stringify(manifest.entries)), { mode: 0o600 });
		await rename(beside, path);
	}

	/** Undefined where it is not kept, or not readable. */
	async get(id: string): Promise<Manifest | undefined> {
		const known = this.read.get(id);
		if (known !== undefined) {
			return known;
		}
		const packed = await readFile(this.pathOf(id)).catch(() => undefined);
		const manifest = packed === undefined ? undefined : await parse(id, packed);
		if (manifest !== undefined) {
			this.read.set(id, manifest);
		}
		return manifest;
	}

	/** Removes those that no record names any more. */
	async sweep(named: ReadonlySet<string>): Promise<void> {
		const names = await readdir(this.folder).catch(() => []);
		await Promise.all(names.filter(name => !named.has(name.slice(0, -suffix.length))).map(async name => {
			const path = join(this.folder, name);
			const age = await stat(path).then(({ mtimeMs }) => Date.now() - mtimeMs, () => 0);
			if (age > youngMs) {
				this.read.delete(name.slice(0, -suffix.length));
				await rm(path, { force: true });
			}
		}));
	}

	private pathOf(id: string): string {
		return join(this.folder, `${id}${suffix}`);
	}
}

async function parse(id: string, packed: Buffer): Promise<Manifest | undefined> {
	try {
		const stored: unknown = JSON.parse((await unzip(packed)).toString());
		return await inSlices(readingManifest(id, stored));
	} catch {
		return undefined;
	}
}
