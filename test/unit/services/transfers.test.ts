import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDockerEngine } from '../../../src/core/engine/dockerEngine';
import type { Engine } from '../../../src/core/engine/engine';
import { loadArchive } from '../../../src/services/archiveTransfers';
import { Transfers, type Transfer } from '../../../src/services/transfers';
import { refusal, startFakeEngine, type FakeEngine } from '../../support/fakeEngine';
import { layerTar } from '../../support/layerTar';

describe('pulls and pushes through an engine', () => {
	let fake: FakeEngine;
	let engine: Engine;
	beforeEach(async () => {
		fake = await startFakeEngine();
		engine = await createDockerEngine(fake.endpoint);
	});
	afterEach(() => fake[Symbol.asyncDispose]());

	const pull = (transfers = new Transfers(), reference = 'web:1'): Promise<Transfer> => transfers.run(engine, { kind: 'pull', reference, platform: 'linux/arm64' }, { username: 'me', password: 'ö/?', identityToken: undefined });

	it('say name, tag, platform and credentials in the engine\'s way', async () => {
		const asked: unknown[] = [];
		fake.on('POST /images/create', (request, response) => {
			asked.push(Object.fromEntries(request.query), JSON.parse(Buffer.from(String(request.headers['x-registry-auth']), 'base64url').toString()));
			response.end();
		});
		fake.on('POST /images/reg.example.org:5000/team/web/push', (request, response) => {
			asked.push(Object.fromEntries(request.query), JSON.parse(Buffer.from(String(request.headers['x-registry-auth']), 'base64url').toString()));
			response.end();
		});
		await pull();
		await pull(new Transfers(), `reg.example.org:5000/web@sha256:${'a'.repeat(64)}`);
		await new Transfers().run(engine, { kind: 'push', reference: 'reg.example.org:5000/team/web:2', platform: undefined }, undefined);
		const login = { username: 'me', password: 'ö/?' };
		assert.deepEqual(asked, [
			{ fromImage: 'web', tag: '1', platform: 'linux/arm64' }, login,
			{ fromImage: 'reg.example.org:5000/web', tag: `sha256:${'a'.repeat(64)}`, platform: 'linux/arm64' }, login,
			{ tag: '2' }, {},
		]);
	});

	it('fail with the registry\'s no, before the stream and in it', async () => {
		fake.on('POST /images/create', refusal(500, 'Head "https://x/v2/": no basic auth credentials'));
		const refused = await pull();
		assert.deepEqual([refused.state, (refused.failure as { reason: string }).reason], ['failed', 'unauthorized']);
		fake.on('POST /images/create', (_request, response) => { response.end('{"errorDetail":{"message":"toomanyrequests: slow down"},"error":"toomanyrequests: slow down"}\n'); });
		assert.equal(((await pull()).failure as { reason: string }).reason, 'rateLimited');
	});

	it('end clearly where the engine is killed in the middle, and tell how far they came', async () => {
		fake.on('POST /images/create', (_request, response) => { response.write('{"status":"Downloading","id":"aaa","progressDetail":{"current":1,"total":9}}\n'); });
		const transfers = new Transfers();
		const ended = pull(transfers);
		const seen = new Promise<void>(resolve => {
			transfers.onDidChange(transfer => {
				if (transfer?.progress.layers[0]?.phase === 'downloading') {
					resolve();
				}
			});
		});
		await seen;
		await fake.die();
		const { state, failure, progress } = await ended;
		assert.deepEqual([state, (failure as { name: string; reason: string }).reason, progress.layers.map(({ phase }) => phase)], ['failed', 'unreachable', ['stopped']]);
		assert.equal(transfers.isRunning, false);
		transfers.close(transfers.all[0]!.id);
		assert.deepEqual(transfers.all, []);
	});

	it('a load, too', async () => {
		const folder = await mkdtemp(join(tmpdir(), 'strata-load-'));
		await writeFile(join(folder, 'a.tar'), layerTar(['a * 500000']));
		fake.on('POST /images/load', request => { request.body.once('data', () => { void fake.die(); }); });
		await assert.rejects(loadArchive(engine, join(folder, 'a.tar'), () => undefined, new AbortController().signal), { name: 'EngineError', reason: 'unreachable' });
		await rm(folder, { recursive: true });
	});

	it('a search gives what the Hub has, and says where the engine does not reach it', async () => {
		fake.on('GET /images/search', [{ name: 'nginx', description: 'web', star_count: 9, is_official: true }, { name: '' }]);
		assert.deepEqual(await engine.searchImages('ngi'), [{ name: 'nginx', description: 'web', stars: 9, isOfficial: true }]);
		fake.on('GET /images/search', refusal(500, 'dial tcp: lookup index.docker.io: no such host'));
		await assert.rejects(engine.searchImages('ngi'), { reason: 'failed', message: /no such host/ });
	});
});
