import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { Engine, RegistryCredential } from '../../src/core/engine/engine';
import { RegistryError } from '../../src/core/registryError';
import { Transfers, type Transfer } from '../../src/services/transfers';
import { startBreakingWay } from '../support/breakingWay';
import { layerBytes, traitsOf } from '../support/engineTraits';
import { forEachEngine } from '../support/engines';
import { imageFamily, loadFamily, type ImageFamily } from '../support/imageFamily';
import { archiveTar, platformsArchive, type ImageDescription } from '../support/imageOf';
import { loadArchive } from '../support/loadArchive';
import { registryLogin, requireRegistry, startRegistry, type TestRegistry } from '../support/registry';

describe('images go to a registry and come back', function () {
	this.timeout(30_000);
	let registry: TestRegistry;
	let locked: TestRegistry;
	before(async function () {
		await requireRegistry(this);
		[registry, locked] = await Promise.all([startRegistry(), startRegistry({ withPassword: true })]);
	});
	after(async () => { await Promise.all([registry, locked].map(one => one?.[Symbol.asyncDispose]())); });

	forEachEngine((engine, test) => {
		const run = (kind: Transfer['kind'], reference: string, credential?: RegistryCredential): Promise<Transfer> =>
			new Transfers().run(engine(), { kind, reference, platform: undefined }, credential);

		if (!traitsOf(test).reachesTests) {
			it('not where the engine\'s network does not reach it, and say so', async () => {
				assert.equal(reasonOf(await run('pull', `${registry.host}/strata-test/none:1`)), 'unreachable');
			});
			return;
		}

		if (!traitsOf(test).tellsLayersMoved) {
			it('whole, though nothing is told of their layers, and say why not', async () => {
				await withFamily(engine(), registry, async (_, [one]) => {
					const { id } = await engine().image(one);
					assert.equal((await run('push', one)).state, 'succeeded');
					await engine().removeImage(one);
					assert.equal((await run('pull', one)).imageId, id);
				});
				assert.equal(reasonOf(await run('pull', '127.0.0.1:1/strata-test/none:1')), 'unreachable');
				assert.match(String((await run('push', `${registry.host}/strata-test/none-${randomUUID()}:1`)).failure), /RegistryError: .*image not known/);
				await withFamily(engine(), locked, async (_, [one]) => {
					assert.equal(reasonOf(await run('push', one, { ...registryLogin, password: 'wrong' })), 'unauthorized');
					assert.equal((await run('push', one, registryLogin)).state, 'succeeded');
				});
			});
			return;
		}

		it('layer by layer: what is there already is not moved, and the saving is told', async () => {
			await withFamily(engine(), registry, async (family, [one, two]) => {
				const bytes = (layer: string): number => layerBytes(traitsOf(test), { files: [family.bytes.get(layer)!], isBare: true });
				const pushed = await run('push', one);
				assert.deepEqual([pushed.state, phases(pushed), pushed.saving], ['succeeded', ['done', 'done'], { layers: 0, bytes: 0 }]);
				assert.match(pushed.progress.digest ?? '', /^sha256:[0-9a-f]{64}$/);

				const shared = await run('push', two);
				assert.deepEqual([phases(shared).sort(), shared.saving], [['done', 'exists'], { layers: 1, bytes: bytes('base') }]);

				await engine().removeImage(one);
				await engine().removeImage(two);
				const pulled = await run('pull', one);
				assert.deepEqual([pulled.state, phases(pulled), pulled.progress.digest], ['succeeded', ['done', 'done'], pushed.progress.digest]);
				assert.equal(pulled.imageId, (await engine().image(one)).id);
				const more = await run('pull', two);
				// The containerd store tells a layer that it has only now and then.
				const untold = !traitsOf(test).triesPullAgain && phases(more).length === 1;
				assert.deepEqual([phases(more), more.saving], untold ? [['done'], { layers: 0, bytes: 0 }] : [['exists', 'done'], { layers: 1, bytes: bytes('base') }]);
				const again = await run('pull', two);
				assert.deepEqual([again.progress.isUpToDate, again.saving?.layers], [true, 2]);

				// By digest, and without a tag.
				assert.equal((await run('pull', `${one.replace(/:one$/, '')}@${pushed.progress.digest}`)).imageId, pulled.imageId);
			});
		});

		it('are let in with the right password only', async () => {
			await withFamily(engine(), locked, async (_, [one]) => {
				for (const credential of [undefined, { ...registryLogin, password: 'wrong' }]) {
					assert.equal(reasonOf(await run('push', one, credential)), 'unauthorized');
				}
				assert.equal((await run('push', one, registryLogin)).state, 'succeeded');
				await engine().removeImage(one);
				assert.equal(reasonOf(await run('pull', one)), 'unauthorized');
				assert.equal((await run('pull', one, registryLogin)).state, 'succeeded');
			});
		});

		it('with all their platforms, where the engine keeps them, or the one that is chosen, and each comes back by itself', async () => {
			const loaded = `strata-test/${randomUUID()}:1`;
			const reference = `${registry.host}/${loaded}`;
			const of = (architecture: string): ImageDescription => ({ reference: loaded, layers: [[`${architecture} * 300`]], platform: { os: 'linux', architecture } });
			await loadArchive(engine(), archiveTar(platformsArchive([of('amd64'), of('arm64')])));
			await engine().tagImage(loaded, reference);
			await engine().removeImage(loaded);
			try {
				assert.equal((await run('push', reference)).state, 'succeeded');
				const pushed = await platformsIn(reference);
				const { keepsPlatforms } = traitsOf(test);
				assert.deepEqual(pushed, keepsPlatforms ? ['amd64', 'arm64'] : ['amd64']);
				for (const architecture of pushed) {
					const platform = keepsPlatforms ? `linux/${architecture}` : undefined;
					const chosen = `${registry.host}/strata-test/${randomUUID()}:1`;
					await engine().tagImage(reference, chosen);
					assert.equal((await new Transfers().run(engine(), { kind: 'push', reference: chosen, platform }, undefined)).state, 'succeeded');
					assert.deepEqual(await platformsIn(chosen), [architecture]);
					await engine().removeImage(chosen);
				}
				for (const architecture of pushed) {
					const platform = keepsPlatforms ? `linux/${architecture}` : undefined;
					await engine().removeImage(reference);
					assert.equal((await new Transfers().run(engine(), { kind: 'pull', reference, platform }, undefined)).state, 'succeeded');
					assert.equal((await engine().image(reference, undefined, platform)).architecture, architecture);
				}
			} finally {
				await engine().removeImage(reference).catch(() => undefined);
			}
		});

		it('say why not: no such image, no such tag, nobody there', async () => {
			assert.equal(reasonOf(await run('pull', `${registry.host}/strata-test/none:1`)), 'notFound');
			assert.equal(reasonOf(await run('pull', '127.0.0.1:1/strata-test/none:1')), 'unreachable');
			const unknown = await run('push', `${registry.host}/strata-test/none-${randomUUID()}:1`);
			assert.match(String(unknown.failure), /RegistryError: (An image|tag) does not exist/);
		});

		it('come whole or not at all: connections that break anywhere, or hold still', async () => {
			await using way = await startBreakingWay(registry);
			await withFamily(engine(), registry, async (_, names) => {
				for (const name of names) {
					assert.equal((await run('push', name)).state, 'succeeded');
				}
				for (const name of names) {
					await engine().removeImage(name);
				}
				const [reference, other] = names.map(name => name.replace(registry.host, way.host)) as [string, string];
				for (const after of [0, 1, 100, 300, 450]) {
					way.set({ after, how: 'breaks', of: 'answers' });
					const broken = await run('pull', reference);
					assert.ok(['interrupted', 'unreachable'].includes(reasonOf(broken)), `${after}: ${String(broken.failure)}`);
					await assert.rejects(engine().image(reference), { reason: 'notFound' });
				}
				const cancelWithinLayer = async (pulled: string, how: 'breaks' | 'stalls'): Promise<void> => {
					way.set({ after: 1_200_000, how, of: 'answers' });
					const transfers = new Transfers();
					const cancelled = transfers.run(engine(), { kind: 'pull', reference: pulled, platform: undefined }, undefined);
					await until(() => transfers.all[0]!.progress.layers.some(({ phase }) => phase === 'downloading' || phase === 'retrying'), () => JSON.stringify(transfers.all[0]));
					transfers.cancel(transfers.all[0]!.id);
					const { state, progress } = await cancelled;
					assert.deepEqual([state, progress.layers.at(-1)?.phase], ['cancelled', 'stopped']);
					await assert.rejects(engine().image(pulled), { reason: 'notFound' });
				};
				await cancelWithinLayer(reference, 'stalls');
				way.set(undefined);
				assert.equal((await run('pull', reference)).state, 'succeeded');
				await engine().removeImage(reference);
				// Last: where a connection broke the engine tries again by itself, and a next pull would wait for that. Another image:
				// the containerd store keeps for a while what came before a pull was cancelled.
				if (traitsOf(test).triesPullAgain) {
					await cancelWithinLayer(other, 'breaks');
				} else {
					way.set({ after: 1_200_000, how: 'breaks', of: 'answers' });
					// It goes on where it was if the connection seems to have ended, and fails if it seems to be reset.
					const broken = await run('pull', other);
					const isThere = await engine().image(other).then(() => true, ({ reason }: { reason: string }) => reason !== 'notFound');
					assert.deepEqual([isThere, isThere || reasonOf(broken)], broken.state === 'succeeded' ? [true, true] : [false, 'interrupted']);
				}
			});
		});
	});
});

function phases({ progress }: Transfer): string[] {
	return progress.layers.map(({ phase }) => phase);
}

function reasonOf({ failure }: Transfer): string {
	return failure instanceof RegistryError ? failure.reason : String(failure);
}

/** Architectures that a registry of this machine has of an image; those of attestations aside. */
async function platformsIn(reference: string): Promise<readonly string[]> {
	const [, host, name, tag] = /^([^/]+)\/(.+):([^:]+)$/.exec(reference)!;
	const ask = async (path: string): Promise<{ readonly manifests?: readonly { readonly platform: { readonly architecture: string } }[]; readonly config?: { readonly digest: string }; readonly architecture?: string }> => {
		const accept = ['application/vnd.oci.image.index.v1+json', 'application/vnd.oci.image.manifest.v1+json', 'application/vnd.docker.distribution.manifest.v2+json'].join();
		return (await fetch(`http://${host!}/v2/${name!}/${path}`, { headers: { accept } })).json() as ReturnType<typeof ask>;
	};
	const { manifests, config } = await ask(`manifests/${tag!}`);
	return manifests?.map(({ platform }) => platform.architecture).filter(architecture => architecture !== 'unknown').sort()
		?? [(await ask(`blobs/${config!.digest}`)).architecture!];
}

async function until(holds: () => boolean, now: () => string): Promise<void> {
	const end = Date.now() + 10_000;
	while (!holds()) {
		assert.ok(Date.now() < end, now());
		await new Promise(resolve => { setTimeout(resolve, 10); });
	}
}

async function withFamily(engine: Engine, { host }: TestRegistry, use: (family: ImageFamily, names: readonly [string, string]) => Promise<void>): Promise<void> {
	const word = randomUUID();
	const names = [`${host}/strata-test/${word}:one`, `${host}/strata-test/${word}:two`] as const;
	let family = imageFamily([{ layers: ['base', 'one'], names: [names[0]] }, { layers: ['base', 'two'], names: [names[1]] }], word, 3_000_000);
	try {
		family = await loadFamily(engine, family);
		await use(family, names);
	} finally {
		for (const id of family.ids) {
			await engine.removeImage(id, { force: true }).catch(() => undefined);
		}
	}
}
