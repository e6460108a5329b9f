import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commitContainer } from '../../src/core/commitContainer';
import { RegistryError } from '../../src/core/registryError';
import { loadArchive, saveArchive } from '../../src/services/archiveTransfers';
import { Transfers, type Transfer } from '../../src/services/transfers';
import { startBreakingWay, type BreakingWay } from '../support/breakingWay';
import { withContainer } from '../support/containers';
import { baseImage, testEngines } from '../support/engines';
import { startFakeRegistry, type FakeRegistry } from '../support/fakeRegistry';
import { imageFamily } from '../support/imageFamily';
import { startKillableEngine, type KillableEngine } from '../support/killableEngine';
import { requireRegistry, startRegistry, type TestRegistry } from '../support/registry';

const never = new AbortController().signal;
const gone = { name: 'EngineError', reason: 'unreachable' };

// An engine that is killed must be nobody else's: one of our own is started, beside the one of the same version only.
for (const { name: version } of testEngines().filter(({ name }) => name === '28.5')) {
	describe(`what breaks in the middle, on an own Docker ${version}`, function () {
		this.timeout(60_000);
		let own: KillableEngine;
		let registry: TestRegistry;
		let way: BreakingWay;
		let folder = '';
		const word = randomUUID();
		const layerBytes = 12_000_000;
		let reference: string;
		let archive: string;

		before(async function () {
			await requireRegistry(this);
			folder = await mkdtemp(join(tmpdir(), 'strata-faults-'));
			// It asks a registry once: what follows is seen at once.
			[own, registry] = await Promise.all([startKillableEngine('28.5', ['--max-download-attempts=1']), startRegistry()]);
			way = await startBreakingWay(registry);
			reference = `${way.host}/strata-test/${word}:1`;
			archive = join(folder, 'image.tar');
			await writeFile(archive, imageFamily([{ layers: ['base', 'top'], names: [reference] }], word, layerBytes).archive);
		});

		after(async () => {
			await Promise.all([own, way].map(one => one?.[Symbol.asyncDispose]()));
			await registry?.[Symbol.asyncDispose]();
			if (folder !== '') {
				await rm(folder, { recursive: true, force: true });
			}
		});

		const run = (kind: Transfer['kind'], name = reference, transfers = new Transfers()): Promise<Transfer> => transfers.run(own.engine, { kind, reference: name, platform: undefined }, undefined);

		/** Runs a transfer and kills the engine once it is that far. */
		const killedIn = async (kind: Transfer['kind'], phase: string): Promise<Transfer> => {
			const transfers = new Transfers();
			const subscription = transfers.onDidChange(transfer => {
				if (transfer?.progress.layers.some(layer => layer.phase === phase)) {
					subscription.dispose();
					own.kill();
				}
			});
			return run(kind, reference, transfers);
		};

		const isGone = async (): Promise<void> => { await assert.rejects(own.engine.image(reference), { reason: 'notFound' }); };

		it('a load: the image is not there, and loads whole once the engine is back', async () => {
			let killed = false;
			const told = (bytes: number): void => {
				if (!killed && bytes > layerBytes / 2) {
					killed = true;
					own.kill();
				}
			};
			await assert.rejects(loadArchive(own.engine, archive, told, never), gone);
			await own.rise();
			await isGone();
			assert.deepEqual(await loadArchive(own.engine, archive, () => undefined, never), [reference]);
		});

		it('a save: no file, and nothing beside it', async () => {
			const path = join(folder, 'saved.tar');
			const plan = { references: [reference], totalBytes: undefined, savedBytes: 0 };
			let killed = false;
			const kill = (): void => {
				if (!killed) {
					killed = true;
					own.kill();
				}
			};
			await assert.rejects(saveArchive(own.engine, plan, path, kill, never), gone);
			assert.deepEqual(await readdir(folder), ['image.tar']);
			await own.rise();
			assert.ok(await saveArchive(own.engine, plan, path, () => undefined, never) > 2 * layerBytes);
			await rm(path);
		});

		it('a push: it ends, and does what is missing once the engine is back', async () => {
			const { state, failure, progress } = await killedIn('push', 'pushing');
			assert.deepEqual([state, (failure as { reason: string }).reason], ['failed', 'unreachable']);
			assert.ok(progress.layers.every(({ phase }) => phase === 'stopped' || phase === 'done'));
			await own.rise();
			await own.engine.removeImage(reference);
			assert.equal(reasonOf(await run('pull')), 'notFound', 'nothing half in the registry');
			await loadArchive(own.engine, archive, () => undefined, never);
			assert.equal((await run('push')).state, 'succeeded');
		});

		it('a pull: it ends, the image is not there, and comes whole once the engine is back', async () => {
			await own.engine.removeImage(reference);
			way.set({ after: layerBytes / 2, how: 'stalls', of: 'answers' });
			const { state, failure } = await killedIn('pull', 'downloading');
			assert.deepEqual([state, (failure as { reason: string }).reason], ['failed', 'unreachable']);
			way.set(undefined);
			await own.rise();
			await isGone();
			const again = await run('pull');
			assert.deepEqual([again.state, again.progress.layers.map(({ phase }) => phase)], ['succeeded', ['done', 'done']], String(again.failure));
		});

		it('a commit: no image, the container is not held, and both go on once the engine is back', async () => {
			await withContainer(own.test, baseImage, ['sh', '-c', 'trap "exit 0" TERM; dd if=/dev/urandom of=/big bs=1000000 count=60; echo done; sleep 600 & wait'], async (id, container) => {
				await until(async () => (await container.logs({ stdout: true, stderr: false })).includes('done'));
				const name = `strata-test/${word}:committed`;
				const request = { containerId: id, reference: name, message: '', author: '', changes: [], pause: true };
				const ids = async (): Promise<readonly string[]> => (await own.engine.images()).map(image => image.id);
				const before = await ids();
				const watching = new AbortController();
				const events = own.engine.events(watching.signal)[Symbol.asyncIterator]();
				const first = events.next();
				await own.engine.info();
				const committing = commitContainer(own.engine, request);
				const ended = assert.rejects(committing, gone);
				// It pauses the container first, and reads it then.
				assert.equal((await first).value?.action, 'pause');
				own.kill();
				await ended;
				await events.next().catch(() => undefined);
				await own.rise();
				assert.deepEqual(await ids(), before);
				assert.equal((await own.engine.container(id)).state, 'exited');
				const { layerBytes: committed } = await commitContainer(own.engine, request);
				assert.ok((committed ?? 0) > 0);
			});
		});

		describe('a registry that breaks every connection after some bytes', () => {
			let small: FakeRegistry;
			let broken: BreakingWay;
			let name: string;

			before(async () => {
				small = await startFakeRegistry('', { 'hello.txt': randomBytes(50).toString('hex') }, 'amd64');
				broken = await startBreakingWay(small);
				name = `${broken.host}/private/base:1`;
			});

			after(async () => {
				await broken?.[Symbol.asyncDispose]();
				await small?.[Symbol.asyncDispose]();
			});

			it('gives the image whole or not at all, whatever the count', async () => {
				// STRATA_TEST_BYTE_STEP=1: after every single byte, in a minute.
				const step = Number(process.env['STRATA_TEST_BYTE_STEP'] ?? '23');
				const seen = { failed: 0, succeeded: 0 };
				for (let after = 0; seen.succeeded < 5; after += step) {
					broken.set({ after, how: 'breaks', of: 'answers' });
					const ended = await run('pull', name);
					if (ended.state === 'failed') {
						seen.failed++;
						assert.ok(['interrupted', 'unreachable'].includes(reasonOf(ended)), `${after}: ${String(ended.failure)}`);
						await assert.rejects(own.engine.image(name), { reason: 'notFound' }, String(after));
					} else {
						seen.succeeded++;
						assert.deepEqual([ended.state, ended.progress.layers.map(({ phase }) => phase)], ['succeeded', ['done']]);
						await own.engine.removeImage(name);
					}
				}
				assert.ok(seen.failed > 500 / step, JSON.stringify(seen));
			});
		});
	});
}

function reasonOf({ failure }: Transfer): string {
	return failure instanceof RegistryError ? failure.reason : String(failure);
}

async function until(holds: () => Promise<boolean>): Promise<void> {
	const end = Date.now() + 20_000;
	while (!await holds()) {
		assert.ok(Date.now() < end);
		await new Promise(resolve => { setTimeout(resolve, 20); });
	}
}
