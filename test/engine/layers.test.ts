import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as later } from 'node:timers/promises';
import type { Engine } from '../../src/core/engine/engine';
import { analysisOf } from '../../src/cli/analyzeCommand';
import { exploreImage } from '../../src/core/exploredImage';
import { readImageStream } from '../../src/core/layers/imageStream';
import { stackOf, type LayeredImage } from '../../src/core/layers/layeredImage';
import { rootOf, walkTree } from '../../src/core/layers/tree';
import { wasteOf } from '../../src/core/layers/waste';
import { createLayerReader } from '../../src/services/layerReader';
import { LayerStore } from '../../src/services/layerStore';
import { ExploredImages } from '../../src/services/exploredImages';
import { outputOf } from '../support/containers';
import { buildImage, forEachBuilder, forEachEngine, type TestEngine } from '../support/engines';
import { layersInArchive } from '../support/savedLayers';
import { oracleOf } from '../support/layerOracle';
import { trickyContext } from '../support/tricks';

describe('layers of a real engine', function () {
	this.timeout(120_000);

	forEachBuilder((engine, builder, test) => {
		const reference = `strata-test/layers-${builder}:${process.pid}`;
		before(() => buildImage(engine(), trickyContext, { builder, tags: [reference] }));
		after(() => engine().removeImage(reference, { force: true }));

		it('show what `find` sees in a container', async () => {
			const stack = stackOf(await readImage(engine(), reference));
			const seen = [...walkTree(stack, rootOf(stack))].map(({ path, kind, mode, size, link }) => [
				path, kind === 'hardlink' ? 'file' : kind, mode.toString(8), kind === 'file' || kind === 'hardlink' ? String(size) : '', kind === 'symlink' ? link ?? '' : '',
			].join('|'));
			const found = await findInContainer(test, reference);
			assert.deepEqual(seen.filter(isOfImage).sort(), found.filter(isOfImage).sort());
			assert.ok(found.length > 300);
		});

		it('waste what an independent calculation from the tars says', async () => {
			const oracle = await oracleOf(await layersInArchive(await engine().saveImage(reference, new AbortController().signal)));
			const waste = wasteOf(stackOf(await readImage(engine(), reference)));
			const line = ({ path, bytes, addedIn, buriedIn }: { readonly path: string; readonly bytes: number; readonly addedIn: number; readonly buriedIn: number }): string =>
				`${path} ${bytes} ${addedIn} ${buriedIn}`;
			assert.deepEqual(waste.files.map(line).sort(), oracle.waste.map(line).sort());
			assert.equal(waste.totalBytes, oracle.totalBytes);
			// /a/b/c/big was chmodded, /twice rewritten; /kept lives on as /alias, whereas linking /other made a copy of it.
			assert.deepEqual(waste.files.slice(0, 3).map(({ bytes, how }) => [bytes, how]), [[40000, 'overwritten'], [9000, 'overwritten'], [7000, 'overwritten']]);
			assert.ok(!waste.files.some(({ bytes }) => bytes === 5000));
		});

		it('have the bytes of any file at any layer', async () => {
			await withStore(async store => {
				const images = new ExploredImages(createLayerReader(store, () => Promise.resolve(engine())), (_, work) => work(new AbortController().signal, () => undefined));
				const named = { name: reference, source: { kind: 'engine', reference } as const };
				const { image } = await images.get(named);
				const read = async (layer: number, path: string): Promise<string> => {
					const parts: Buffer[] = [];
					for await (const part of images.read({ ...named, layer, path }, new AbortController().signal)) {
						parts.push(part);
					}
					return String(Buffer.concat(parts));
				};
				const last = image.layers.length - 1;
				const first = image.layers.findIndex(({ createdBy }) => createdBy?.includes('/a/b/c'));
				assert.equal(await read(last, '/a/one'), 'two\n');
				assert.equal(await read(last, '/soft'), 'two\n');
				assert.equal(await read(first, '/a/one'), 'one\n');
				assert.equal((await read(last, '/third')).length, 7000);
				assert.equal(await read(last, `/long/${'n'.repeat(120)}/${'m'.repeat(120)}`), 'a long name');
				await assert.rejects(read(last, '/gone/x'), { kind: 'notFound' });
				await assert.rejects(read(last, '/dir'), { kind: 'notFile' });
			});
		});
	});

	forEachEngine(engine => {
		const reference = `strata-test/layers-store:${process.pid}`;
		before(() => buildImage(engine(), trickyContext, { tags: [reference] }));
		after(() => engine().removeImage(reference, { force: true }));

		it('are read once: the second time the engine is not asked for layers', async () => {
			await withStore(async store => {
				let saves = 0;
				const counting = { ...engine(), saveImage: (...given: Parameters<Engine['saveImage']>) => { saves++; return engine().saveImage(...given); } };
				const source = { kind: 'engine', reference } as const;
				const all = await Promise.all([1, 2, 3].map(() => store.load(source, () => Promise.resolve(counting))));
				assert.equal(saves, 1);
				assert.equal(new Set(all).size, 1);
				const again = await store.load(source, () => Promise.resolve(counting));
				assert.equal(saves, 1);
				assert.deepEqual(analysisOf('', exploreImage(again)), analysisOf('', exploreImage(all[0]!)));
			});
		});

		it('are known of another image that has them all', async () => {
			await withStore(async store => {
				await store.load({ kind: 'engine', reference }, () => Promise.resolve(engine()));
				const other = `strata-test/layers-labelled:${process.pid}`;
				await buildImage(engine(), { Dockerfile: `FROM ${reference}\nLABEL a=b\n` }, { tags: [other] });
				try {
					const silent = { ...engine(), saveImage: () => Promise.reject(new Error('saved')) };
					const image = await store.load({ kind: 'engine', reference: other }, () => Promise.resolve(silent));
					assert.deepEqual(image.layers.map(({ createdBy }) => createdBy?.includes('rm -r /gone')).filter(Boolean), [true]);
				} finally {
					await engine().removeImage(other, { force: true });
				}
			});
		});

		it('are given up within a second when nobody waits for them', async () => {
			await withStore(async (store, folder) => {
				const abort = new AbortController();
				let stream: Awaited<ReturnType<Engine['saveImage']>> | undefined;
				const slow = { ...engine(), saveImage: async (...given: Parameters<Engine['saveImage']>) => stream = await engine().saveImage(...given) };
				const loading = store.load({ kind: 'engine', reference }, () => Promise.resolve(slow), { signal: abort.signal, onProgress: () => { abort.abort(); } });
				await assert.rejects(loading, { name: 'AbortError' });
				assert.ok(stream !== undefined);
				for (const end = Date.now() + 1000; stream?.destroyed !== true && Date.now() < end;) {
					await later(5);
				}
				assert.equal(stream?.destroyed, true);
				assert.deepEqual(await readdir(folder), []);
			});
		});

		it('are the same from the engine\'s stream and from its archive on disk', async () => {
			await withStore(async (store, folder) => {
				const path = join(folder, 'saved.tar');
				await writeFile(path, await engine().saveImage(reference, new AbortController().signal));
				const fromEngine = await store.load({ kind: 'engine', reference }, () => Promise.resolve(engine()));
				const fromFile = await store.load({ kind: 'archive', path }, () => Promise.reject(new Error('no engine')));
				assert.deepEqual(analysisOf('', exploreImage(fromFile)), analysisOf('', exploreImage(fromEngine)));
			});
		});
	});
});

async function readImage(engine: Engine, reference: string): Promise<LayeredImage> {
	return readImageStream(await engine.saveImage(reference, new AbortController().signal));
}

/** Path, kind, mode, size of files and target of symlinks of everything that a container of the image has. */
async function findInContainer(test: TestEngine, reference: string): Promise<readonly string[]> {
	const kinds: Readonly<Record<string, string>> = { 'regular file': 'file', 'regular empty file': 'file', 'directory': 'directory', 'symbolic link': 'symlink', 'fifo': 'fifo' };
	const output = await outputOf(test, reference, ['/bin/find', '/', '-xdev', '-mindepth', '1', '-exec', '/bin/stat', '-c', '%n|%F|%a|%s|%N', '{}', ';']);
	return output.trimEnd().split('\n').map(line => {
		const [path = '', kind = '', mode = '', size = '', named = ''] = line.split('|');
		const is = kinds[kind] ?? kind;
		return [path, is, mode, is === 'file' ? size : '', is === 'symlink' ? /-> '?(.*?)'?$/.exec(named)?.[1] ?? '' : ''].join('|');
	});
}

/** What an engine puts into every container is none of the image's. */
function isOfImage(line: string): boolean {
	return !/^\/(?:dev|proc|sys|etc)(?:[/|]|$)|^\/\.dockerenv\|/.test(line);
}

async function withStore(use: (store: LayerStore, folder: string) => Promise<void>): Promise<void> {
	const folder = await mkdtemp(join(tmpdir(), 'strata-layers-'));
	try {
		await use(new LayerStore({ folder, log: message => { assert.fail(message); } }), folder);
	} finally {
		await rm(folder, { recursive: true });
	}
}
