import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Engine } from '../../src/core/engine/engine';
import { FileError } from '../../src/core/fileError';
import { importFileSystem, loadArchive, planArchive, saveArchive, saveFileSystem } from '../../src/services/archiveTransfers';
import type { ImageAnswers } from '../../src/services/imageRows';
import { openArchive } from '../../src/core/layers/archiveFile';
import { offeredImages } from '../../src/core/layers/imagePlan';
import { defaultLimits } from '../../src/core/layers/limits';
import { describeFileError } from '../../src/words/fileError';
import { english } from '../../src/words/translate';
import { outputOf, withContainer } from '../support/containers';
import { layerBytes, traitsOf } from '../support/engineTraits';
import { baseImage, forEachEngine } from '../support/engines';
import { imageFamily, loadedIds, loadFamily, type ImageFamily } from '../support/imageFamily';
import { archiveTar, hex, oldArchive } from '../support/imageOf';
import { layerTar } from '../support/layerTar';

const never = new AbortController().signal;
const untold = (): void => undefined;

describe('images and file systems as archives', () => {
	forEachEngine((engine, test) => {
		let folder: string;
		beforeEach(async () => { folder = await mkdtemp(join(tmpdir(), 'strata-archives-')); });
		afterEach(async () => { await rm(folder, { recursive: true, force: true }); });
		const answers = (): ImageAnswers => ({ history: id => engine().history(id), details: id => engine().image(id) });

		it('saves several images into one archive, their shared layer once, and loads them back', async () => {
			await withFamily(engine(), async (family, names) => {
				const images = names.map((reference, at) => ({ reference, image: { id: family.ids[at]!, platforms: [] } }));
				const plan = await planArchive(answers(), (await engine().info()).imageStore, images);
				const [base, one, two] = ['base', 'one', 'two'].map(name => family.bytes.get(name)!);
				const total = base! + one! + two!;
				const sizes = (layers: readonly string[]): number => layers.reduce((sum, name) => sum + layerBytes(traitsOf(test), { files: [family.bytes.get(name)!], isBare: true }), 0);
				assert.deepEqual([plan.totalBytes, plan.savedBytes], traitsOf(test).measure === 'blocks' ? [undefined, 0] : [sizes(['base', 'one', 'two']), sizes(['base'])]);

				const path = join(folder, 'both.tar');
				let told = 0;
				const bytes = await saveArchive(engine(), plan, path, (moved, of) => {
					assert.equal(of, plan.totalBytes);
					told = moved;
				}, never);
				assert.equal(told, bytes);
				assert.ok(bytes > total && bytes < total + base!, `${bytes}`);
				assert.deepEqual(await readdir(folder), ['both.tar']);
				const archive = await openArchive(path);
				assert.deepEqual((await offeredImages(archive, defaultLimits)).flatMap(({ references }) => references).sort(), names.map(name => traitsOf(test).hubInArchives + name).sort());
				await archive.close();

				for (const name of names) {
					await engine().removeImage(name);
				}
				assert.deepEqual([...await loadArchive(engine(), path, untold, never)].sort(), [...names].sort());
				assert.deepEqual(await Promise.all(names.map(async name => (await engine().image(name)).id)), family.ids);
			});
		});

		it('leaves no file where saving is cancelled', async () => {
			const abort = new AbortController();
			const plan = { references: [baseImage], totalBytes: undefined, savedBytes: 0 };
			await assert.rejects(saveArchive(engine(), plan, join(folder, 'base.tar'), () => { abort.abort(); }, abort.signal), { name: 'AbortError' });
			assert.deepEqual(await readdir(folder), []);
			await assert.rejects(saveArchive(engine(), { ...plan, references: ['strata-test/none:1'] }, join(folder, 'none.tar'), untold, never), { name: 'EngineError' });
			assert.deepEqual(await readdir(folder), []);
		});

		it('says what is wrong with an archive that the engine refuses, and loads nothing of it', async () => {
			const { archive, ids: [id] } = imageFamily([{ layers: ['one', 'two'], names: [] }], randomUUID(), 300_000);
			const damaged = Buffer.from(archive);
			damaged.fill(0xff, 250_000, 350_000);
			const path = join(folder, 'broken.tar');
			const cases: readonly (readonly [Buffer, string])[] = [
				[archive.subarray(0, 200_000), 'The archive is cut off: it ends in the middle.'],
				[archive.subarray(0, -2000), 'The archive is cut off: it ends in the middle.'],
				[gzipSync(archive).subarray(0, 200_000), 'The archive is cut off: it ends in the middle.'],
				[damaged, 'The archive is damaged: a tar header does not make sense (checksum).'],
				[layerTar([{ path: 'hello', data: 'no image' }]), 'This is no image archive: no tar, or a tar without manifest.json or index.json.'],
				[gzipSync(randomBytes(5000)), 'This is no image archive: no tar, or a tar without manifest.json or index.json.'],
			];
			for (const [bytes, fault] of cases) {
				await writeFile(path, bytes);
				const said = await loadArchive(engine(), path, untold, never).then(loaded => `loaded ${loaded.join()}`, (failure: unknown) => failure instanceof FileError ? describeFileError(failure, english) : String(failure));
				assert.equal(said, `${path} cannot be loaded. ${fault} Save or download it again, or choose another.`);
			}
			// Of this one engines would keep an image with the first layer.
			const layer = layerTar([`${randomUUID()} * 300`]);
			const entries = Object.entries(oldArchive({ layers: [layer, [`${randomUUID()} * 300`]] }));
			const first = entries.findIndex(([, data]) => data === layer);
			await writeFile(path, archiveTar(Object.fromEntries(entries.slice(first - 2, first + 1))).subarray(0, -1024));
			await assert.rejects(loadArchive(engine(), path, untold, never), { name: 'FileError', reason: 'badArchive' });
			const diffIds = await Promise.all((await engine().images()).map(image => engine().image(image.id).then(details => details.diffIds, () => [])));
			assert.ok(!diffIds.flat().includes(`sha256:${hex(layer)}`));
			await writeFile(path, '');
			await assert.rejects(loadArchive(engine(), path, untold, never), { name: 'FileError', reason: 'noTar' });
			await assert.rejects(engine().image(id!), { reason: 'notFound' });
		});

		it('loads an untagged image by its id, and nothing of an archive that is cancelled or none', async () => {
			const word = randomUUID();
			const family = imageFamily([{ layers: ['only'], names: [] }], word, 3_000_000);
			const [id] = family.ids;
			const path = join(folder, 'untagged.tar');
			await writeFile(path, family.archive);
			const abort = new AbortController();
			await assert.rejects(loadArchive(engine(), path, () => { abort.abort(); }, abort.signal), { name: 'AbortError' });
			await assert.rejects(engine().image(id!), { reason: 'notFound' });
			await writeFile(join(folder, 'noise'), Buffer.alloc(20_000, 'no tar at all\n'));
			await assert.rejects(loadArchive(engine(), join(folder, 'noise'), untold, never), { name: 'FileError', reason: 'noTar' });
			await assert.rejects(loadArchive(engine(), join(folder, 'missing'), untold, never), { name: 'FileError', reason: 'missing' });
			const loaded = await loadArchive(engine(), path, untold, never);
			try {
				assert.deepEqual(loaded, await loadedIds(engine(), family));
				assert.deepEqual((await engine().image(loaded[0]!)).references, []);
			} finally {
				await engine().removeImage(loaded[0]!);
			}
		});

		it('exports a container\'s file system and imports it as an image of one layer', async () => {
			const word = randomUUID();
			const path = join(folder, 'rootfs.tar');
			await withContainer(test, baseImage, ['sh', '-c', `echo ${word} > /mark`], async (id, container) => {
				await container.wait();
				let told = 0;
				assert.equal(await saveFileSystem(engine(), id, path, bytes => { told = bytes; }, never), told);
			});
			assert.ok((await readFile(path)).includes(word));
			const reference = `strata-test/import-${word}:1`;
			const imageId = await importFileSystem(engine(), { reference, message: 'brought in', changes: ['CMD ["cat", "/mark"]', 'ENV A=b'] }, path, untold, never);
			try {
				const image = await engine().image(reference);
				assert.deepEqual([image.id, image.diffIds.length, image.env['A'], (await engine().history(reference))[0]?.comment], [imageId, 1, 'b', 'brought in']);
				assert.equal(await outputOf(test, reference, ['cat', '/mark']), `${word}\n`);
			} finally {
				await engine().removeImage(reference);
			}
			await writeFile(path, 'this is no tar');
			await assert.rejects(importFileSystem(engine(), { reference, message: '', changes: [] }, path, untold, never), { name: 'FileError', reason: 'noTar' });
			await assert.rejects(engine().image(reference), { reason: 'notFound' });
			await assert.rejects(saveFileSystem(engine(), word, path, untold, never), { reason: 'notFound' });
			assert.equal(await readFile(path, 'utf8'), 'this is no tar');
		});
	});
});

async function withFamily(engine: Engine, use: (family: ImageFamily, names: readonly string[]) => Promise<void>): Promise<void> {
	const word = randomUUID();
	const names = [`strata-test/${word}:one`, `strata-test/${word}:two`];
	const family = imageFamily([{ layers: ['base', 'one'], names: [names[0]!] }, { layers: ['base', 'two'], names: [names[1]!] }], word, 500_000);
	try {
		await use(await loadFamily(engine, family), names);
	} finally {
		for (const name of names) {
			await engine.removeImage(name).catch(() => undefined);
		}
	}
}
