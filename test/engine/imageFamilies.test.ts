import assert from 'node:assert/strict';
import { imageFamilies, type ImageFamily } from '../../src/core/imageFamilies';
import { ImageChains } from '../../src/services/imageChains';
import { imageSharing } from '../../src/services/imageSharing';
import { layerBytes, traitsOf } from '../support/engineTraits';
import { baseImage, buildImage, forEachEngine } from '../support/engines';

describe('families of images', function () {
	this.timeout(60_000);

	forEachEngine((engine, test) => {
		const name = (part: string): string => `strata-test/family-${part}-${process.pid}:1`;
		const made = ['app', 'web', 'api'].map(name);
		const [app, web, api] = made as [string, string, string];
		const write = (from: string, path: string, megabytes: number): { readonly Dockerfile: string } =>
			({ Dockerfile: `FROM ${from}\nRUN ["/bin/sh", "-c", "head -c ${megabytes}000000 /dev/zero > ${path}"]\n` });
		before(async () => {
			await buildImage(engine(), write(baseImage, '/app', 3), { tags: [app] });
			await buildImage(engine(), write(app, '/web', 2), { tags: [web] });
			await buildImage(engine(), write(app, '/api', 1), { tags: [api] });
		});
		after(async () => {
			for (const reference of made.toReversed()) {
				await engine().removeImage(reference, { force: true });
			}
		});

		it('stand below each other with what each adds', async () => {
			// Others build on the same engine: only what is ours is looked at.
			const images = (await engine().images()).filter(({ references }) => references.some(reference => made.includes(reference) || reference === baseImage));
			const chains = await new ImageChains({ get: () => Promise.resolve({ engine: engine() }) }).of(images.map(({ id }) => id));
			const draw = (family: ImageFamily): unknown => [family.images[0]!.references[0], ...family.derived.map(draw)];
			const [base] = imageFamilies(images, chains);
			assert.deepEqual(draw(base!), [baseImage, [app, ...[[web], [api]].sort((a, b) => images.findIndex(one => one.references.includes(a[0]!)) - images.findIndex(one => one.references.includes(b[0]!)))]]);
			const added = new Map(base!.derived[0]!.derived.map(({ images: [image], addedBytes }) => [image!.references[0], addedBytes]));
			assert.deepEqual([base!.derived[0]!.addedBytes, added.get(web), added.get(api)].map(bytes => Math.round(bytes! / 1e6)), [3, 2, 1]);
		});

		it('share layers, and have their own, to the byte on every engine', async () => {
			const store = { images: async () => (await engine().images()).filter(({ references }) => references.some(one => made.includes(one))), history: (id: string) => engine().history(id), details: (id: string) => engine().image(id) };
			const chains = new ImageChains({ get: () => Promise.resolve({ engine: engine() }) });
			const { id } = await engine().image(web);
			const own = layerBytes(traitsOf(test), { files: [2_000_000] });
			const total = (await engine().history(id)).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
			const { ownBytes, ownLayers, sharedBytes, sharedLayers, sharedWith } = await imageSharing(store, chains, id);
			assert.deepEqual({ ownBytes, ownLayers }, { ownBytes: own, ownLayers: 1 });
			assert.equal(sharedBytes, total - own);
			assert.equal(sharedLayers, (await engine().image(app)).diffIds.length);
			assert.deepEqual([...sharedWith].sort(), [api, app].sort());
		});
	});
});
