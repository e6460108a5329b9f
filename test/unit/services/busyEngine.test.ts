import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mock } from 'node:test';
import { Emitter } from '../../../src/core/base/event';
import type { ContainerSummary, Engine, EngineEvent, ImageSummary } from '../../../src/core/engine/engine';
import { ContainerStore } from '../../../src/services/containerStore';
import { createServices, type Services } from '../../../src/services/createServices';
import { EngineConnection } from '../../../src/services/engineConnection';
import { ImageStore } from '../../../src/services/imageStore';
import { ImageUsers } from '../../../src/services/imageUsers';
import { crowd, crowdContainer, crowdImage } from '../../support/crowd';
import { startFakeEngine } from '../../support/fakeEngine';

/** What is under way in promises, done. */
const settled = async (): Promise<void> => {
	for (let turns = 0; turns < 5; turns++) {
		await new Promise(resolve => { setImmediate(resolve); });
	}
};

describe('an engine that has much to tell', () => {
	beforeEach(() => { mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'] }); });
	afterEach(() => { mock.timers.reset(); });

	/** An engine in memory that counts; `answerLists` lets what was asked for be answered. */
	const world = async (options: { readonly isSlow: boolean }) => {
		const events = new Emitter<EngineEvent>();
		const asked = { images: 0, containers: 0, changes: 0, most: 0 };
		let waiting: (() => void)[] = [];
		const list = async <T>(kind: 'images' | 'containers', items: readonly T[]): Promise<readonly T[]> => {
			asked[kind]++;
			if (options.isSlow) {
				await new Promise<void>(resolve => {
					waiting.push(resolve);
					asked.most = Math.max(asked.most, waiting.length);
				});
			}
			return items;
		};
		const engine = {
			images: () => list<ImageSummary>('images', []),
			containers: () => list<ContainerSummary>('containers', []),
			changes: async () => {
				asked.changes++;
				return [];
			},
			info: async () => ({}),
			async* events() {
				const queue: EngineEvent[] = [];
				let wake: () => void = () => undefined;
				events.event(event => {
					queue.push(event);
					wake();
				});
				for (;;) {
					for (let event = queue.shift(); event !== undefined; event = queue.shift()) {
						yield event;
					}
					await new Promise<void>(resolve => { wake = resolve; });
				}
			},
		} as unknown as Engine;
		const connection = new EngineConnection({ resolve: async () => ({ url: 'unix:///x', origin: 'setting', name: 'x', tls: undefined }), open: async () => engine });
		const images = new ImageStore(connection);
		const containers = new ContainerStore(connection);
		const users = new ImageUsers(containers);
		// As the views do: each asks when it is told, the images' one for the containers too.
		const ask = (): void => { void Promise.all([images.images(), users.load()]).catch(() => undefined); };
		images.onDidChange(ask);
		users.onOutdated(ask);
		users.onDidChange(ask);
		containers.onDidChange(() => { void containers.containers(); });
		containers.onDidChangeFiles(id => { void containers.changes(id); });
		ask();
		await containers.changes('c0');
		return {
			asked,
			tell: (type: string, action: string, id: string): void => { events.fire({ type, action, id, attributes: {}, at: Date.now() }); },
			answer: (): void => {
				const now = waiting;
				waiting = [];
				now.forEach(resolve => { resolve(); });
			},
			[Symbol.dispose]: () => { [users, containers, images, connection].forEach(one => { one.dispose(); }); },
		};
	};

	/** A minute of 1,000 events a second: images tagged, containers that start and run their checks. */
	const storm = async ({ tell }: { readonly tell: (type: string, action: string, id: string) => void }, each: (second: number) => void): Promise<void> => {
		for (let tenth = 0; tenth < 600; tenth++) {
			for (let at = 0; at < 50; at++) {
				tell('image', 'tag', crowdImage(at));
				tell('container', at % 2 === 0 ? 'start' : 'exec_die', 'c0');
			}
			await settled();
			mock.timers.tick(100);
			await settled();
			each(tenth / 10);
		}
	};

	it('is asked for each list about once a second, however many events come and however many ask', async () => {
		using busy = await world({ isSlow: false });
		await storm(busy, () => undefined);
		for (const kind of ['images', 'containers', 'changes'] as const) {
			assert.ok(busy.asked[kind] >= 30 && busy.asked[kind] <= 70, `${kind}: ${busy.asked[kind]}`);
		}
	});

	it('is not asked for the next list while it is still at the last one', async () => {
		using busy = await world({ isSlow: true });
		await storm(busy, second => {
			if (second % 3 === 0) {
				busy.answer();
			}
			if (second === 3) {
				// By now it is known that the events do not end.
				busy.asked.most = 0;
			}
		});
		assert.equal(busy.asked.most, 2, 'one of images, one of containers');
		assert.ok(busy.asked.images <= 23, `${busy.asked.images} lists where 20 were answered`);
	});

	it('shows the last state soon after it falls silent', async () => {
		using busy = await world({ isSlow: false });
		await storm(busy, () => undefined);
		const before = busy.asked.images;
		busy.tell('image', 'delete', crowdImage(1));
		await settled();
		mock.timers.tick(1000);
		await settled();
		assert.ok(busy.asked.images > before);
		const after = busy.asked.images;
		mock.timers.tick(60_000);
		await settled();
		assert.equal(busy.asked.images, after);
	});
});

describe('an engine that has nothing to tell', () => {
	it('is asked nothing in five minutes, whatever was looked at before', async () => {
		mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'] });
		const folder = await mkdtemp(join(tmpdir(), 'strata-idle-'));
		const fake = await startFakeEngine();
		crowd(fake, 1000, 200);
		const services = createServices({
			storageFolder: folder, kept: { get: () => undefined, update: async () => undefined }, secrets: { get: async () => undefined, store: async () => undefined, delete: async () => undefined },
			endpointSetting: () => fake.endpoint.url, buildDefaults: () => ({}) as never, isForecasting: () => true, mostRecords: 10, mostLayerBytes: () => 1e6,
			dockerfiles: {} as never, concernsBuildsOf: () => true, log: () => undefined,
		});
		try {
			services.connection.watch();
			await lookAtAll(services);
			const asked = fake.requests.length;
			assert.equal(fake.requests.filter(request => /images\/sha256.*\/json/.test(request)).length, 1000, 'each image once');
			for (let minute = 0; minute < 5; minute++) {
				mock.timers.tick(60_000);
				await settled();
			}
			assert.deepEqual(fake.requests.slice(asked), []);
			assert.equal(services.connection.state.kind, 'ready');
		} finally {
			services.dispose();
			mock.timers.reset();
			await fake[Symbol.asyncDispose]();
			await rm(folder, { recursive: true });
		}
	});
});

async function lookAtAll({ images, containers, users, chains, forecasts }: Services): Promise<void> {
	const list = await images.images();
	await users.load();
	// Two who ask at the same time, as tooltips do.
	await Promise.all([chains.of(list.map(({ id }) => id)), chains.of(list.map(({ id }) => id))]);
	await images.history(crowdImage(7));
	await containers.containers();
	await containers.changes(crowdContainer(3));
	forecasts.refresh();
}
