import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { offeredImages } from '../../src/core/layers/imagePlan';
import { defaultLimits } from '../../src/core/layers/limits';
import { createLayerReader } from '../../src/services/layerReader';
import { ExploredImages } from '../../src/services/exploredImages';
import { planArchive } from '../../src/services/archiveTransfers';
import { readImageRows } from '../../src/services/imageRows';
import { LayerStore } from '../../src/services/layerStore';
import { carryOutRemoval, prepareRemoval } from '../../src/services/prepareRemoval';
import { layerBytes, traitsOf } from '../support/engineTraits';
import { forEachEngine } from '../support/engines';
import { archiveTar, platformsArchive, type ImageDescription } from '../support/imageOf';
import { loadArchive } from '../support/loadArchive';
import { filesInArchive } from '../support/savedLayers';

const never = new AbortController().signal;
const byNumber = (a = 0, b = 0): number => a - b;

describe('an image for several platforms', function () {
	this.timeout(60_000);

	forEachEngine((engine, test) => {
		const traits = traitsOf(test);
		const word = randomUUID();
		const reference = `strata-test/platforms-${word}:1`;
		const bytes = { 'amd64': 5000, 'arm64': 70_000, 's390x': 10 };
		const of = (architecture: keyof typeof bytes, variant?: string): ImageDescription => ({
			reference, layers: [[`common-${word} * 300`], [`${architecture}-${word} * ${bytes[architecture]}`]], createdBy: ['COPY common / # buildkit', `COPY ${architecture} / # buildkit`],
			platform: { os: 'linux', architecture, ...variant === undefined ? {} : { variant } },
		});
		/** The image, as the list has it. */
		const listed = async (name = reference) => (await engine().images()).find(({ references }) => references.includes(name))!;
		const present = traits.keepsPlatforms ? ['linux/amd64', 'linux/arm64/v8'] : [];
		/** Of a layer in the history: an engine that keeps other platforms unpacks only its own. */
		const layerSize = (architecture: keyof typeof bytes): number => traits.keepsPlatforms && architecture !== 'amd64' ? 0 : layerBytes(traits, { files: [bytes[architecture]], isBare: true });
		const common = layerBytes(traits, { files: [300], isBare: true });
		/** To open each: those that the engine tells of, else the one that it has. */
		const opened = traits.keepsPlatforms ? present : [undefined];

		before(() => loadArchive(engine(), archiveTar(platformsArchive([of('amd64'), of('arm64', 'v8')], [of('s390x')]))));
		after(async () => { await engine().removeImage(reference, { force: true }).catch(() => undefined); });

		it('shows them, and whether their content is here', async () => {
			const { platforms } = await listed();
			assert.deepEqual(platforms.filter(({ isPresent, isReadable }) => isPresent && isReadable).map(({ name }) => name).sort(), present);
			assert.deepEqual(platforms.filter(({ isPresent }) => !isPresent).map(({ name, contentBytes }) => [name, contentBytes]), traits.keepsPlatforms ? [['linux/s390x', 0]] : []);
			for (const { name, contentBytes, unpackedBytes, digest } of platforms.filter(({ isPresent }) => isPresent)) {
				assert.ok(contentBytes > 300 && (unpackedBytes > 0) === (name === 'linux/amd64') && /^sha256:[0-9a-f]{64}$/.test(digest), `${name} ${contentBytes} ${unpackedBytes}`);
			}
		});

		it('has the history and the files of each that is here, read once', async () => {
			const folder = await mkdtemp(join(tmpdir(), 'strata-platforms-'));
			try {
				const { id } = await listed();
				const answers = { history: (image: string, platform?: string) => engine().history(image, never, platform), details: (image: string, platform?: string) => engine().image(image, never, platform) };
				const store = new LayerStore({ folder, log: message => { assert.fail(message); } });
				const images = new ExploredImages(createLayerReader(store, () => Promise.resolve(engine())), (_, work) => work(never, () => undefined));
				for (const platform of opened) {
					const architecture = platform?.split('/')[1] as keyof typeof bytes | undefined ?? 'amd64';
					const rows = await readImageRows(answers, id, platform);
					assert.deepEqual(rows.map(({ instruction, layer }) => [instruction, layer]), [['COPY common /', 0], [`COPY ${architecture} /`, 1], ['CMD ["sh"]', undefined]]);
					assert.deepEqual(rows.map(({ sizeBytes }) => sizeBytes), [common, layerSize(architecture), 0]);
					const source = { kind: 'engine', reference: id, ...platform === undefined ? {} : { platform } } as const;
					const explored = await images.get({ source, name: reference });
					assert.deepEqual([explored.image.architecture, explored.stack.map(index => index.subtreeBytes[0])], [architecture, [300, bytes[architecture]]]);
					assert.equal(await lengthOf(images.read({ source, name: reference, layer: 1, path: `/${architecture}-${word}` }, never)), bytes[architecture]);
					// An image whose layers are all known is joined from the engine's words alone, and of the same platform.
					assert.deepEqual((await store.load({ ...source, reference }, () => Promise.resolve(engine()))).layers.map(({ diffId }) => diffId), explored.image.layers.map(({ diffId }) => diffId));
				}
			} finally {
				await rm(folder, { recursive: true });
			}
		});

		it('is saved whole, or the platform that is asked for', async () => {
			const offered = async (archive: Readable): Promise<readonly string[]> => {
				const { files } = await filesInArchive(archive);
				const images = await offeredImages({ json: path => Promise.resolve(files.get(path)), layer: () => assert.fail(), resolve: path => Promise.resolve(path) }, defaultLimits);
				return images.flatMap(({ configPath }) => {
					const config = files.get(configPath);
					return config === undefined ? [] : (JSON.parse(String(config)) as { readonly architecture: string }).architecture;
				}).sort();
			};
			const all = traits.keepsPlatforms ? ['amd64', 'arm64'] : ['amd64'];
			assert.deepEqual(await offered(await engine().saveImages([reference], never)), all);
			assert.deepEqual(await offered(await engine().saveImage(reference, never)), all);
			assert.deepEqual(await offered(await engine().saveImage(reference, never, opened.at(-1))), all.slice(-1));
			const { imageStore } = await engine().info();
			const plan = await planArchive({ history: id => engine().history(id), details: id => engine().image(id) }, imageStore, [{ reference, image: await listed() }]);
			const archived = await lengthOf(await engine().saveImages([reference], never));
			assert.ok(plan.totalBytes! > 5000 && plan.totalBytes! < archived, `${plan.totalBytes} ${archived}`);
		});

		it('is tagged whole; what its removal frees is of all that is here', async () => {
			const { id, platforms } = await listed();
			const other = `strata-test/platforms-${word}:2`;
			await engine().tagImage(id, other);
			const again = await listed(other);
			assert.deepEqual([again.id, again.platforms], [id, platforms]);
			const answers = { history: (image: string, platform?: string) => engine().history(image, never, platform), details: (image: string, platform?: string) => engine().image(image, never, platform) };
			const prepare = (name: string) => prepareRemoval(engine(), answers, [{ name, force: false }], never);
			assert.deepEqual((await prepare(other)).layers.gone, []);
			await engine().removeImage(other);

			const prepared = await prepare(reference);
			const expected = [common, ...opened.map(platform => layerSize(platform?.split('/')[1] as keyof typeof bytes | undefined ?? 'amd64'))];
			assert.deepEqual(prepared.layers.gone.map(layer => layer.bytes).sort(byNumber), expected.sort(byNumber));
			assert.equal(prepared.layers.freedBytes, expected.reduce((sum, size) => sum + size));
			await carryOutRemoval(engine(), prepared, () => undefined);
			await assert.rejects(engine().image(id), { reason: 'notFound' });
		});
	});
});

async function lengthOf(pieces: AsyncIterable<Buffer>): Promise<number> {
	let length = 0;
	for await (const piece of pieces) {
		length += piece.length;
	}
	return length;
}
