import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { manifestOf, type ManifestEntry } from '../../../src/core/cache/manifest';
import { ManifestStore } from '../../../src/services/manifestStore';

describe('ManifestStore', () => {
	let folder = '';
	beforeEach(async () => { folder = await mkdtemp(join(tmpdir(), 'strata-manifests-')); });
	afterEach(() => rm(folder, { recursive: true }));

	const manifest = manifestOf([['a', 'file', 0o644, 1, 'hash'], ['l', 'symlink', 0o777, 0, 'a']]);

	it('gives back what was put, after a restart too', async () => {
		await new ManifestStore(folder).put(manifest);
		assert.deepEqual(await new ManifestStore(folder).get(manifest.id), manifest);
		assert.equal(await new ManifestStore(folder).get('none'), undefined);
	});

	it('writes one file for records with the same files', async () => {
		await Promise.all([new ManifestStore(folder).put(manifest), new ManifestStore(folder).put(manifest)]);
		assert.equal((await readdir(folder)).length, 1);
	});

	it('takes nothing for a manifest that is another, or damaged', async () => {
		const other = manifestOf([['b', 'file', 0o644, 1, 'hash']]);
		await new ManifestStore(folder).put(other);
		await new ManifestStore(folder).put(manifest);
		await writeFile(join(folder, `${manifest.id}.json.gz`), 'damaged');
		assert.equal(await new ManifestStore(folder).get(manifest.id), undefined);
		assert.deepEqual(await new ManifestStore(folder).get(other.id), other);
	});

	it('sweeps what no record names, and leaves what may be of a record about to be written', async () => {
		const old = manifestOf([['old', 'file', 0o644, 1, 'hash']]);
		const store = new ManifestStore(folder);
		await Promise.all([store.put(manifest), store.put(old)]);
		await utimes(join(folder, `${old.id}.json.gz`), 1, 1);
		await store.sweep(new Set());
		assert.deepEqual(await readdir(folder), [`${manifest.id}.json.gz`]);
	});

	it('leaves one that was put again, whose record is yet to be written', async () => {
		const store = new ManifestStore(folder);
		await store.put(manifest);
		await utimes(join(folder, `${manifest.id}.json.gz`), 1, 1);
		await new ManifestStore(folder).put(manifest);
		await store.sweep(new Set());
		assert.deepEqual(await readdir(folder), [`${manifest.id}.json.gz`]);
	});

	it('keeps 20,000 files in less than a megabyte', async () => {
		const entries = Array.from({ length: 20_000 }, (_, at): ManifestEntry =>
			[`src/package${at % 50}/folder/file${at}.ts`, 'file', 0o644, at, manifestOf([['x', 'file', at, at, 'y']]).id]);
		const large = manifestOf(entries);
		await new ManifestStore(folder).put(large);
		assert.deepEqual(await new ManifestStore(folder).get(large.id), large);
		const { size } = await stat(join(folder, `${large.id}.json.gz`));
		assert.ok(size < 1_000_000, `${size} bytes`);
	});
});
