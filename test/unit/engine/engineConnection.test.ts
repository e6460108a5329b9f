import assert from 'node:assert/strict';
import type { Endpoint } from '../../../src/core/engine/engine';
import { createDockerEngine } from '../../../src/core/engine/dockerEngine';
import { ContainerStore } from '../../../src/services/containerStore';
import { EngineConnection, type ConnectionState } from '../../../src/services/engineConnection';
import { ImageStore } from '../../../src/services/imageStore';
import { refusal, startFakeEngine, type FakeEngine } from '../../support/fakeEngine';

const word = (state: ConnectionState): string => state.kind === 'failed' ? `failed: ${state.error.reason}` : state.kind;

function connectionTo(endpoint: Endpoint | (() => Promise<Endpoint>), retryAfterMs = [10]): { connection: EngineConnection; states: string[]; reached(word: string): Promise<void> } {
	const connection = new EngineConnection({ resolve: typeof endpoint === 'function' ? endpoint : async () => endpoint, open: createDockerEngine, retryAfterMs });
	const states: string[] = [];
	const waiting = new Set<() => void>();
	connection.onDidChange(state => {
		states.push(word(state));
		waiting.forEach(check => { check(); });
	});
	return {
		connection,
		states,
		reached: wanted => new Promise(resolve => {
			const check = (): void => {
				if (word(connection.state) === wanted) {
					waiting.delete(check);
					resolve();
				}
			};
			waiting.add(check);
			check();
		}),
	};
}

const once = <T>(event: (listener: (value: T) => void) => { dispose(): void }): Promise<T> => new Promise(resolve => {
	const subscription = event(value => {
		subscription.dispose();
		resolve(value);
	});
});

describe('EngineConnection', () => {
	let fake: FakeEngine;
	const opened: { dispose(): void }[] = [];
	const keep = <T extends { dispose(): void }>(thing: T): T => {
		opened.push(thing);
		return thing;
	};
	beforeEach(async () => { fake = await startFakeEngine(); });
	afterEach(async () => {
		opened.splice(0).forEach(thing => { thing.dispose(); });
		await fake[Symbol.asyncDispose]();
	});

	it('makes no call until asked, then one connection for all who ask', async () => {
		const { connection, states } = connectionTo(fake.endpoint);
		keep(connection);
		assert.equal(connection.state.kind, 'idle');
		assert.equal(fake.requests.length, 0);
		const [one, other] = await Promise.all([connection.get(), connection.get()]);
		assert.equal(one, other);
		assert.equal(one.info.id, 'fake');
		assert.deepEqual(states, ['connecting', 'ready']);
		assert.equal(fake.requests.filter(request => request.includes('/_ping')).length, 1);
	});

	it('is silent while the engine is there, and hands on its events', async () => {
		const { connection } = connectionTo(fake.endpoint);
		keep(connection);
		keep(connection.watch());
		await connection.get();
		const calls = fake.requests.length;
		const event = once(connection.onEvent);
		fake.emit({ Type: 'image', Action: 'tag', Actor: { ID: 'sha256:1', Attributes: { name: 'a:1' } } });
		const { type, action, id, attributes } = await event;
		assert.deepEqual({ type, action, id, attributes }, { type: 'image', action: 'tag', id: 'sha256:1', attributes: { name: 'a:1' } });
		assert.equal(fake.requests.length, calls);
		assert.equal(fake.followers(), 1);
	});

	it('comes back by itself while somebody watches', async () => {
		const { connection, states, reached } = connectionTo(fake.endpoint);
		keep(connection);
		keep(connection.watch());
		const before = await connection.get();
		await fake.die();
		await reached('failed: noEngine');
		await fake.rise();
		await reached('ready');
		assert.notEqual((await connection.get()).engine, before.engine);
		assert.equal(states[0], 'connecting');
		assert.equal(states.at(-1), 'ready');
		assert.ok(states.slice(2, -1).every(state => state.startsWith('failed: ')), states.join());
	});

	it('comes back when the socket does although nobody watches', async () => {
		const { connection, reached } = connectionTo(fake.endpoint);
		keep(connection);
		await connection.get();
		await fake.die();
		await reached('failed: unreachable');
		await fake.rise();
		await reached('ready');
	});

	it('tells of a failure once, and does not try again for each one who asks', async () => {
		fake.on('GET /_ping', refusal(500, 'starting'));
		const { connection, states } = connectionTo(fake.endpoint);
		keep(connection);
		await assert.rejects(connection.get(), { reason: 'failed', message: 'starting' });
		await assert.rejects(connection.get(), { reason: 'failed' });
		await assert.rejects(connection.get(), { reason: 'failed' });
		assert.deepEqual(states, ['connecting', 'failed: failed']);
		assert.equal(fake.requests.length, 1);
		await assert.rejects(connection.demand(), { reason: 'failed' });
		assert.equal(fake.requests.length, 2);
	});

	it('says what resolving the endpoint said', async () => {
		const { EngineError } = await import('../../../src/core/engine/engineError');
		const { connection } = connectionTo(() => Promise.reject(new EngineError('unknownContext', 'gone', 'gone')));
		keep(connection);
		await assert.rejects(connection.get(), { reason: 'unknownContext', subject: 'gone' });
	});

	it('switches to another engine, and who waits gets that one', async () => {
		await using other = await startFakeEngine();
		other.on('GET /info', { ID: 'other', OSType: 'linux' });
		fake.on('GET /_ping', () => undefined);
		const { connection } = connectionTo(fake.endpoint);
		keep(connection);
		const waiting = connection.get();
		await fake.requested(/_ping/);
		await connection.switchTo(other.endpoint);
		assert.equal((await waiting).info.id, 'other');
		assert.equal((await connection.get()).info.id, 'other');
		connection.dispose();
	});

	it('hears no more of the engine it left', async () => {
		await using other = await startFakeEngine();
		const { connection, states } = connectionTo(fake.endpoint);
		keep(connection);
		await connection.get();
		await connection.switchTo(other.endpoint);
		await fake.die();
		const event = once(connection.onEvent);
		other.emit({ Type: 'image', Action: 'pull' });
		assert.equal((await event).action, 'pull');
		assert.deepEqual(states, ['connecting', 'ready', 'connecting', 'ready']);
		connection.dispose();
	});

	it('lets go of everything when disposed', async () => {
		const { connection } = connectionTo(fake.endpoint);
		await connection.get();
		connection.dispose();
		while (fake.followers() > 0) {
			await new Promise(setImmediate);
		}
		fake.on('GET /_ping', () => undefined);
		const late = connectionTo(fake.endpoint).connection;
		const waiting = late.get();
		await fake.requested(/_ping/);
		late.dispose();
		await assert.rejects(waiting, { name: 'AbortError' });
	});

	describe('and its stores', () => {
		const lists = (path: string): number => fake.requests.filter(request => request.includes(path)).length;

		it('read a list once, and again after events, however many come together', async () => {
			const { connection } = connectionTo(fake.endpoint);
			const store = keep(new ImageStore(keep(connection)));
			await Promise.all([store.images(), store.images()]);
			await store.images();
			assert.equal(lists('/images/json'), 1);
			const changed: undefined[] = [];
			store.onDidChange(value => changed.push(value));
			const told = once(store.onDidChange);
			fake.on('GET /images/json', [{ Id: 'sha256:1' }]);
			for (let index = 0; index < 50; index++) {
				fake.emit({ Type: 'image', Action: 'tag', Actor: { ID: 'sha256:1' } });
			}
			await told;
			assert.deepEqual((await store.images()).map(({ id }) => id), ['sha256:1']);
			assert.equal(lists('/images/json'), 2);
			assert.equal(changed.length, 1);
		});

		it('do not keep what was read before the change', async () => {
			const { connection } = connectionTo(fake.endpoint);
			const store = keep(new ImageStore(keep(connection)));
			await connection.get();
			let answer: (() => void) | undefined;
			fake.on('GET /images/json', (_request, response) => { answer = () => response.end('[{"Id":"old"}]'); });
			const early = store.images();
			await fake.requested(/images\/json/);
			const told = once(store.onDidChange);
			fake.emit({ Type: 'image', Action: 'delete', Actor: { ID: 'old' } });
			await told;
			fake.on('GET /images/json', [{ Id: 'new' }]);
			answer?.();
			assert.deepEqual((await early).map(({ id }) => id), ['old']);
			assert.deepEqual((await store.images()).map(({ id }) => id), ['new']);
		});

		it('read a history once an image', async () => {
			fake.on('GET /images/*/history', [{ Id: 'sha256:1', CreatedBy: 'CMD' }]);
			const { connection } = connectionTo(fake.endpoint);
			const store = keep(new ImageStore(keep(connection)));
			await store.history('sha256:1');
			assert.equal((await store.history('sha256:1'))[0]?.createdBy, 'CMD');
			assert.equal(lists('/history'), 1);
			const told = once(store.onDidChange);
			fake.emit({ Type: 'image', Action: 'tag', Actor: { ID: 'sha256:1' } });
			await told;
			await store.history('sha256:1');
			assert.equal(lists('/history'), 2);
		});

		it('ask again after a failure', async () => {
			fake.on('GET /images/json', refusal(500, 'busy'));
			const { connection } = connectionTo(fake.endpoint);
			const store = keep(new ImageStore(keep(connection)));
			await assert.rejects(store.images(), { reason: 'failed' });
			fake.on('GET /images/json', [{ Id: 'sha256:1' }]);
			assert.equal((await store.images()).length, 1);
		});

		it('tell when the engine is back, and are not asked while it is gone', async () => {
			const { connection, reached } = connectionTo(fake.endpoint);
			const store = keep(new ImageStore(keep(connection)));
			keep(connection.watch());
			await store.images();
			await fake.die();
			await reached('failed: noEngine');
			await assert.rejects(store.images());
			const told = once(store.onDidChange);
			await fake.rise();
			await told;
			assert.deepEqual(await store.images(), []);
		});

		it('know the container events that matter', async () => {
			fake.on('GET /containers/*/changes', [{ Path: '/a', Kind: 1 }]);
			const { connection } = connectionTo(fake.endpoint);
			const store = keep(new ContainerStore(keep(connection)));
			await store.containers();
			await store.changes('c1');
			const files: string[] = [];
			store.onDidChangeFiles(id => files.push(id));
			const told = once(store.onDidChange);
			fake.emit({ Type: 'container', Action: 'exec_start: sh', Actor: { ID: 'c1' } });
			fake.emit({ Type: 'container', Action: 'exec_die', Actor: { ID: 'c1' } });
			fake.emit({ Type: 'container', Action: 'attach', Actor: { ID: 'c2' } });
			fake.emit({ Type: 'container', Action: 'die', Actor: { ID: 'c3' } });
			await told;
			assert.deepEqual(files, ['c1', 'c3']);
			await store.changes('c1');
			assert.equal(lists('/changes'), 2);
			await store.containers();
			assert.equal(lists('/containers/json'), 2);
		});
	});
});
