import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import Docker from 'dockerode';
import fc from 'fast-check';
import type { Engine, ImageSummary, RemovedImage } from '../../src/core/engine/engine';
import { chainIds } from '../../src/core/image/digest';
import type { RemovalWish } from '../../src/core/removalPlan';
import type { VanishingLayers } from '../../src/core/vanishingLayers';
import type { ImageAnswers } from '../../src/services/imageRows';
import { carryOutRemoval, findUntagged, prepareRemoval } from '../../src/services/prepareRemoval';
import { withContainer } from '../support/containers';
import { layerBytes, traitsOf, type EngineTraits } from '../support/engineTraits';
import { baseImage, buildImage, forEachEngine, type TestEngine } from '../support/engines';
import { imageFamily, loadFamily, type FamilyImage, type ImageFamily } from '../support/imageFamily';

const never = new AbortController().signal;

describe('what a removal promises is what the engine does', function () {
	this.timeout(60_000);

	forEachEngine((engine, test) => {
		const traits = traitsOf(test);
		const toldLayers = ({ gone }: VanishingLayers): readonly string[] => traits.tellsLayers ? gone.map(({ chainId }) => chainId) : [];
		const answers = (): ImageAnswers => ({ history: id => engine().history(id), details: id => engine().image(id) });

		it('on families of images: names, images, layers, bytes, refusals', async () => {
			await fc.assert(fc.asyncProperty(familyPlans, async ({ images, wishes, contained }) => {
				const word = randomUUID();
				await withFamily(engine(), test, images.map(image => named(image, word)), word, contained, async family => {
					for (const wish of wishesOf(wishes, images, family, word)) {
						const prepared = await prepareRemoval(engine(), answers(), [wish], never);
						const { plan, layers } = prepared;
						const before = (await engine().allImages()).map(({ id }) => id);
						const told: RemovedImage[] = [];
						const failure = await carryOutRemoval(engine(), prepared, removed => { told.push(...removed); }).then(() => undefined, ({ reason }: { reason: string }) => reason);
						if (plan.refused.length > 0 || failure !== undefined) {
							const isGone = plan.untagged.length + plan.deleted.length === 0;
							assert.equal(failure, plan.refused.length > 0 ? 'conflict' : isGone ? 'notFound' : 'what was promised');
							continue;
						}
						assertSame(traits.tellsDeleted ? told : await withGone(engine(), told, before, plan.deleted), { ...plan, layers: toldLayers(layers) });
						const sizes = layerSizes(family, images, traits);
						assert.equal(layers.freedBytes, layers.gone.reduce((sum, { chainId }) => sum + sizes.get(chainId)!, 0));
					}
				});
			}), { numRuns: 8, seed: 20, interruptAfterTimeLimit: 20_000 });
		});

		it('where a container runs: the name goes only by force, and the image stays', async () => {
			const name = `strata-test/removal-${randomUUID()}:1`;
			const id = await buildImage(engine(), { Dockerfile: `FROM ${baseImage}\nLABEL l=${name}\n` }, { tags: [name], builder: 'classic' });
			try {
				await withContainer(test, name, ['sleep', '600'], async (_, container) => {
					const gently = await prepareRemoval(engine(), answers(), [{ name, force: false }], never);
					const holder = (await container.inspect()).Name.replace(/^\//, '');
					assert.deepEqual(gently.plan.refused.map(({ hold, forcible }) => [hold.kind, hold.by, forcible]), [['running', [holder], !traits.forcesContainers]]);
					await assert.rejects(engine().removeImage(name), { reason: 'conflict' });
					if (traits.forcesContainers) {
						assert.deepEqual((await prepareRemoval(engine(), answers(), [{ name, force: true }], never)).plan.untagged, []);
						return;
					}

					const forced = await prepareRemoval(engine(), answers(), [{ name, force: true }], never);
					assert.deepEqual([forced.plan.untagged, forced.plan.deleted, forced.plan.staying.map(({ hold }) => hold.kind)], [[name], [], ['running']]);
					assert.deepEqual(await engine().removeImage(name, { force: true }), [{ kind: 'untagged', reference: name }]);

					const byId = await prepareRemoval(engine(), answers(), [{ name: id, force: true }], never);
					assert.deepEqual(byId.plan.refused.map(({ forcible }) => forcible), [false]);
					await assert.rejects(engine().removeImage(id, { force: true }), { reason: 'conflict' });
				});
			} finally {
				await engine().removeImage(id, { force: true });
			}
		});

		it('after a BuildKit build: what the build cache may keep is said', async () => {
			const name = `strata-test/removal-${randomUUID()}:1`;
			await buildImage(engine(), { Dockerfile: `FROM ${baseImage}\nRUN echo ${name} > /a && dd if=/dev/zero of=/b bs=1 count=${10_000 + Math.floor(Math.random() * 90_000)} 2>&1\n` }, { tags: [name] });
			const { plan, layers } = await prepareRemoval(engine(), answers(), [{ name, force: false }], never);
			const said = await engine().removeImage(name);
			assert.deepEqual(said.filter(({ kind }) => kind === 'untagged'), [{ kind: 'untagged', reference: name }]);
			const deleted = said.filter(({ kind }) => kind === 'deleted').map(({ reference }) => reference);
			assert.equal(deleted[0], plan.deleted[0]);
			const gone = new Set(deleted.slice(1));
			const stayed = layers.gone.filter(({ chainId }) => !gone.has(chainId));
			assert.equal(layers.gone.length, 1);
			assert.ok(layers.freedBytes! > 10_000);
			assert.deepEqual([layers.perhapsCachedBytes, layers.hasCompressedCopies], traits.tellsLayers ? [stayed.reduce((sum, { bytes }) => sum + bytes!, 0), false] : traits.measure === 'blocks' ? [undefined, true] : [0, false]);
		});

		it('lists untagged images that nothing is built upon, and removes just those chosen', async () => {
			const word = randomUUID();
			const images = [{ layers: ['a'], names: [] }, { layers: ['a', 'b'], names: [], parent: 0 }, { layers: ['c'], names: [] }, { layers: ['d'], names: [] }];
			await withFamily(engine(), test, images, word, undefined, async ({ ids, bytes }) => {
				const listed = (await findUntagged(engine(), never)).map(({ id }) => id).filter(id => ids.includes(id));
				assert.deepEqual(new Set(listed), new Set(ids.slice(traits.loadsParents ? 1 : 0)));
				const prepared = await prepareRemoval(engine(), answers(), [ids[1]!, ids[2]!].map(name => ({ name, force: false })), never);
				// Whatever does not go along with what is built upon it keeps its layer.
				const freed = ['a', 'b', 'c'].slice(traits.loadsParents ? 0 : 1);
				assert.equal(prepared.layers.freedBytes, freed.reduce((sum, layer) => sum + layerBytes(traits, { files: [bytes.get(layer)!], isBare: true }), 0));
				const said: RemovedImage[] = [];
				await carryOutRemoval(engine(), prepared, removed => { said.push(...removed); });
				assertSame(said, { ...prepared.plan, layers: toldLayers(prepared.layers) });
				assert.equal((await engine().image(ids[3]!)).id, ids[3]);
			});
		});

		it('where images are built upon one another: what goes and what stays is what the engine then has', async () => {
			const word = randomUUID();
			const [below, one, two] = ['below', 'one', 'two'].map(name => `strata-test/${word}-${name}:1`) as [string, string, string];
			const build = (name: string, more: string): Promise<string> =>
				buildImage(engine(), { Dockerfile: `FROM ${baseImage}\nLABEL word=${word}\n${more}` }, { tags: [name], builder: 'classic' });
			const ids = [await build(below, ''), await build(one, 'LABEL own=1\n'), await build(two, 'LABEL own=2\n')];
			await engine().tagImage(ids[1]!, `${one}-again`);
			try {
				for (const [name, force] of [[below, false], [ids[1]!, false], [one, false], [ids[1]!, true], [two, true]] as const) {
					const prepared = await prepareRemoval(engine(), answers(), [{ name, force }], never);
					const { plan } = prepared;
					const refusal = await carryOutRemoval(engine(), prepared, () => undefined).then(() => undefined, ({ reason }: { reason: string }) => reason);
					const now = (await engine().allImages()).filter(({ id }) => ids.includes(id));
					const expected = plan.left.filter(({ id }) => ids.includes(id));
					const drawn = (images: readonly ImageSummary[]): readonly string[] => images.map(({ id, references }) => `${id} ${references.toSorted().join()}`).sort();
					assert.deepEqual([refusal !== undefined, drawn(now)], [plan.refused.length > 0, drawn(expected)], `${name} ${force} ${String(refusal)}`);
				}
			} finally {
				// Those in between too, newest first: not every engine takes them along.
				for (const { id } of (await engine().allImages()).filter(({ labels }) => labels['word'] === word).sort((a, b) => b.createdAt - a.createdAt)) {
					await engine().removeImage(id, { force: true }).catch(() => undefined);
				}
				for (const { id } of (await engine().allImages()).filter(({ labels }) => labels['word'] === word)) {
					await engine().removeImage(id, { force: true });
				}
			}
		});

		it('where a container holds a nameless parent: the image goes, and the parent stays', async () => {
			const word = randomUUID();
			const [parent, child] = ['parent', 'child'].map(name => `strata-test/${word}-${name}:1`) as [string, string];
			const build = (name: string, from: string): Promise<string> =>
				buildImage(engine(), { Dockerfile: `FROM ${from}\nLABEL word=${word}${name}\n` }, { tags: [name], labels: {}, builder: 'classic' });
			const ids = [await build(parent, baseImage), await build(child, parent)];
			try {
				await withContainer(test, parent, ['sleep', '600'], async () => {
					await engine().tagImage(baseImage, parent);
					const prepared = await prepareRemoval(engine(), answers(), [{ name: child, force: false }], never);
					assert.deepEqual([prepared.plan.refused, prepared.plan.deleted], [[], [ids[1]]]);
					const told: RemovedImage[] = [];
					await carryOutRemoval(engine(), prepared, removed => { told.push(...removed); });
					assertSame(told, { ...prepared.plan, layers: [] });
					assert.deepEqual((await engine().allImages()).map(({ id }) => id).filter(id => ids.includes(id)), [ids[0]]);
				});
			} finally {
				for (const name of [parent, child, ids[0]!]) {
					await engine().removeImage(name, { force: true }).catch(() => undefined);
				}
			}
		});

		it('removes nothing where a name has come to mean another image', async () => {
			const word = randomUUID();
			const name = `strata-test/${word}:1`;
			await withFamily(engine(), test, [{ layers: ['a'], names: [name] }, { layers: ['b'], names: [] }], word, undefined, async ({ ids }) => {
				const prepared = await prepareRemoval(engine(), answers(), [{ name, force: false }], never);
				await engine().tagImage(ids[1]!, name);
				await assert.rejects(carryOutRemoval(engine(), prepared, () => assert.fail('it removed something')), { reason: 'conflict' });
				assert.equal((await engine().image(name)).id, ids[1]);
			});
		});
	});
});

/** Stacks as paths of a tree, so that images share what is low; some are built upon one another. */
const familyPlans = fc.record({
	images: fc.array(fc.record({
		path: fc.array(fc.nat(1), { minLength: 1, maxLength: 3 }),
		names: fc.uniqueArray(fc.constantFrom('one:1', 'one:2', 'two:1'), { maxLength: 3 }),
		isChild: fc.boolean(),
	}), { minLength: 2, maxLength: 5 }).map(asFamily),
	wishes: fc.array(fc.record({ of: fc.nat(20), byName: fc.boolean(), force: fc.boolean() }), { minLength: 1, maxLength: 3 }),
	/** The image that has a stopped container, where one has. */
	contained: fc.option(fc.nat(4), { nil: undefined }),
});

function asFamily(drawn: readonly { readonly path: readonly number[]; readonly names: readonly string[]; readonly isChild: boolean }[]): readonly FamilyImage[] {
	const taken = new Set<string>();
	const images: FamilyImage[] = [];
	for (const { path, names, isChild } of drawn) {
		const own = names.filter(name => !taken.has(name));
		own.forEach(name => taken.add(name));
		const parent = isChild && images.length > 0 ? images.length - 1 : undefined;
		const layers = parent === undefined ? path.map((_, at) => `l${path.slice(0, at + 1).join('')}`) : [...images[parent]!.layers, `c${images.length}`];
		images.push({ layers, names: own, parent });
	}
	return images;
}

function named(image: FamilyImage, word: string): FamilyImage {
	return { ...image, names: image.names.map(name => `strata-test/${word}-${name}`) };
}

function wishesOf(wishes: readonly { readonly of: number; readonly byName: boolean; readonly force: boolean }[], images: readonly FamilyImage[], { ids }: ImageFamily, word: string): readonly RemovalWish[] {
	const names = images.flatMap(image => named(image, word).names);
	return wishes.map(({ of, byName, force }) => ({ name: byName && names.length > 0 ? names[of % names.length]! : ids[of % ids.length]!, force }));
}

function layerSizes({ diffIds, bytes }: ImageFamily, images: readonly FamilyImage[], traits: EngineTraits): ReadonlyMap<string, number> {
	return new Map(images.flatMap(({ layers }) => chainIds(layers.map(name => diffIds.get(name)!)).map((chain, at) =>
		[chain, layerBytes(traits, { files: [bytes.get(layers[at]!)!], isBare: true })] as const)));
}

async function withFamily(engine: Engine, test: TestEngine, images: readonly FamilyImage[], word: string, contained: number | undefined, use: (family: ImageFamily) => Promise<void>): Promise<void> {
	let family = imageFamily(images, word);
	const docker = new Docker({ host: undefined, socketPath: test.host.replace(/^unix:\/\//, '') });
	let container: Docker.Container | undefined;
	try {
		family = await loadFamily(engine, family);
		const id = contained === undefined ? undefined : family.ids[contained];
		container = id === undefined ? undefined : await docker.createContainer({ Image: id, Cmd: ['none'], Labels: { 'dev.strata.test': '1' }, HostConfig: { NetworkMode: 'none' } });
		await use(family);
	} finally {
		await container?.remove({ force: true });
		// Children first: what something is built upon cannot go before it.
		for (const id of family.ids.toReversed()) {
			await engine.removeImage(id, { force: true }).catch(() => undefined);
		}
	}
}

/** For an engine that does not tell of every image that it deleted: what it said, and all that is gone. */
async function withGone(engine: Engine, said: readonly RemovedImage[], before: readonly string[], inOrder: readonly string[]): Promise<readonly RemovedImage[]> {
	const now = new Set((await engine.allImages()).map(({ id }) => id));
	const gone = before.filter(id => !now.has(id)).sort((a, b) => inOrder.indexOf(a) - inOrder.indexOf(b));
	return [...said.filter(({ kind }) => kind === 'untagged'), ...gone.map(reference => ({ kind: 'deleted', reference }) as const)];
}

function assertSame(said: readonly RemovedImage[], promised: { readonly untagged: readonly string[]; readonly deleted: readonly string[]; readonly layers: readonly string[] }): void {
	const of = (kind: RemovedImage['kind']): readonly string[] => said.filter(removed => removed.kind === kind).map(({ reference }) => reference);
	assert.deepEqual([...of('untagged')].sort(), [...promised.untagged].sort());
	assert.deepEqual([...of('deleted')].sort(), [...promised.deleted, ...promised.layers].sort());
	assert.deepEqual(of('deleted').filter(id => promised.deleted.includes(id)), promised.deleted);
}
