import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Engine } from '../../src/core/engine/engine';
import { analysisOf } from '../../src/cli/analyzeCommand';
import { exploreImage } from '../../src/core/exploredImage';
import { readImageStream } from '../../src/core/layers/imageStream';
import { stackOf, type LayeredImage } from '../../src/core/layers/layeredImage';
import { wasteOf } from '../../src/core/layers/waste';
import { createLayerReader } from '../../src/services/layerReader';
import { LayerStore } from '../../src/services/layerStore';
import { layerThread } from '../../src/services/layerThread';
import { ExploredImages } from '../../src/services/exploredImages';
import { traitsOf } from '../support/engineTraits';
import { buildImage, forEachBuilder, forEachEngine } from '../support/engines';
import { layersProgram } from '../support/layersProgram';
import { loadArchive } from '../support/loadArchive';
import { layersInArchive } from '../support/savedLayers';
import { findInContainer, isOfImage, seenIn } from '../support/findInContainer';
import { archiveTar, newArchive } from '../support/imageOf';
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
			const seen = seenIn(stack);
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
			const copies = traitsOf(test).copiesLinked.includes(builder) ? [[7000, 'overwritten']] : [];
			assert.deepEqual(waste.files.slice(0, 2 + copies.length).map(({ bytes, how }) => [bytes, how]), [[40000, 'overwritten'], [9000, 'overwritten'], ...copies]);
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

		it('of a large image are given up when nobody waits for them, and nothing stays', async () => {
			const large = `strata-test/layers-large:${process.pid}`;
			await loadArchive(engine(), archiveTar(newArchive({ reference: large, layers: [[{ path: 'large', data: Buffer.alloc(64 << 20, 'large ') }]] })));
			try {
				await withStore(async (store, folder) => {
					let read = 0;
					const abort = new AbortController();
					const stop = (bytes = 0): void => {
						read = bytes;
						abort.abort();
					};
					let stream: Awaited<ReturnType<Engine['saveImage']>> | undefined;
					const watched = { ...engine(), saveImage: async (...given: Parameters<Engine['saveImage']>) => stream = await engine().saveImage(...given) };
					await assert.rejects(store.load({ kind: 'engine', reference: large }, () => Promise.resolve(watched), { signal: abort.signal, onProgress: stop }), { name: 'AbortError' });
					assert.ok(stream !== undefined);
					if (!stream.closed) {
						await once(stream, 'close');
					}
					assert.ok(read < 64 << 20, 'most of it was never read');
					assert.deepEqual(await readdir(folder), []);

					// Before the first byte too: engines write an image to their disk before they send it.
					const early = new AbortController();
					const asking = { ...engine(), saveImage: (...given: Parameters<Engine['saveImage']>) => { setImmediate(() => { early.abort(); }); return engine().saveImage(...given); } };
					await assert.rejects(store.load({ kind: 'engine', reference: large }, () => Promise.resolve(asking), { signal: early.signal }), { name: 'AbortError' });
					assert.deepEqual(await readdir(folder), []);
				});
			} finally {
				await engine().removeImage(large, { force: true });
			}
		});

		it('are the same to a thread that asks the engine itself', async () => {
			await withStore(async (_store, folder) => {
				const readStream = layerThread(layersProgram(folder), message => { assert.fail(message); });
				const read = await readStream(() => assert.fail('asked here'), { request: engine().saveRequest(reference) });
				assert.deepEqual(read, await readImage(engine(), reference));
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

async function withStore(use: (store: LayerStore, folder: string) => Promise<void>): Promise<void> {
	const folder = await mkdtemp(join(tmpdir(), 'strata-layers-'));
	try {
		await use(new LayerStore({ folder, log: message => { assert.fail(message); } }), folder);
	} finally {
		await rm(folder, { recursive: true });
	}
}
