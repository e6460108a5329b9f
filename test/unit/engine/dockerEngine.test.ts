import assert from 'node:assert/strict';
import { chmod } from 'node:fs/promises';
import { createServer } from 'node:net';
import { Readable } from 'node:stream';
import { createDockerEngine } from '../../../src/core/engine/dockerEngine';
import type { BuildMessage, Endpoint, Engine } from '../../../src/core/engine/engine';
import { certificate } from '../../support/certificate';
import { buildRequest } from '../../support/engines';
import { refusal, startFakeEngine, type FakeEngine } from '../../support/fakeEngine';
import { tarOf } from '../../support/tarOf';

const at = (url: string): Endpoint => ({ url, origin: 'setting', name: undefined, tls: undefined });

async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
	const list: T[] = [];
	for await (const value of values) {
		list.push(value);
	}
	return list;
}

describe('createDockerEngine', () => {
	for (const [offered, spoken] of [['1.41', '1.41'], ['1.47', '1.47'], ['1.51', '1.51'], ['1.55', '1.51']] as const) {
		it(`speaks ${spoken} with an engine that offers ${offered}, and nothing without a version`, async () => {
			await using fake = await startFakeEngine({ apiVersion: offered });
			const engine = await createDockerEngine(fake.endpoint);
			assert.equal((await engine.info()).apiVersion, spoken);
			await engine.images();
			const [ping, ...others] = fake.requests;
			assert.equal(ping, 'GET /_ping');
			assert.ok(others.length >= 3);
			assert.ok(others.every(request => request.includes(` /v${spoken}/`)), others.join('\n'));
		});
	}

	for (const offered of ['1.40', '1.9', '0.1', '', 'new']) {
		it(`finds an engine too old that offers “${offered}”`, async () => {
			await using fake = await startFakeEngine({ apiVersion: offered });
			await assert.rejects(createDockerEngine(fake.endpoint), { name: 'EngineError', reason: 'tooOld', subject: fake.endpoint.url });
		});
	}

	it('says noEngine where there is no socket', async () => {
		await assert.rejects(createDockerEngine(at('unix:///nowhere/docker.sock')), { reason: 'noEngine', subject: 'unix:///nowhere/docker.sock' });
	});

	it('says unreachable where nobody listens', async () => {
		const server = createServer();
		const port = await new Promise<number>(resolve => server.listen(0, '127.0.0.1', () => { resolve((server.address() as { port: number }).port); }));
		await new Promise(resolve => server.close(resolve));
		await assert.rejects(createDockerEngine(at(`tcp://127.0.0.1:${port}`)), { reason: 'unreachable' });
		await assert.rejects(createDockerEngine(at('tcp://no-such-host.invalid:2375')), { reason: 'unreachable' });
	});

	it('says unreachable where something else answers by hanging up', async () => {
		const server = createServer(socket => { socket.destroy(); });
		const port = await new Promise<number>(resolve => server.listen(0, '127.0.0.1', () => { resolve((server.address() as { port: number }).port); }));
		try {
			await assert.rejects(createDockerEngine(at(`tcp://127.0.0.1:${port}`)), { reason: 'unreachable' });
		} finally {
			server.close();
		}
	});

	it('says denied where the socket is not ours', async function () {
		await using fake = await startFakeEngine();
		const path = fake.endpoint.url.slice('unix://'.length);
		await chmod(path, 0);
		// The system does not deny root anything, so the effective user is another while connecting.
		const user = process.geteuid?.() ?? 1;
		process.seteuid?.(user === 0 ? 65_534 : user);
		try {
			await assert.rejects(createDockerEngine(fake.endpoint), { reason: 'denied' });
		} finally {
			process.seteuid?.(user);
		}
	});

	for (const url of ['fd://3', 'tcp://a b:1', 'ssh://-oProxyCommand=x']) {
		it(`says that ${url} is no engine's address`, async () => {
			await assert.rejects(createDockerEngine(at(url)), { reason: 'badRequest' });
		});
	}

	it('goes where it is told, whatever DOCKER_HOST says', async () => {
		await using fake = await startFakeEngine();
		const before = { ...process.env };
		Object.assign(process.env, { DOCKER_HOST: 'tcp://127.0.0.1:1', DOCKER_CERT_PATH: '/nowhere' });
		try {
			assert.equal((await (await createDockerEngine(fake.endpoint)).info()).id, 'fake');
			assert.equal(process.env['DOCKER_HOST'], 'tcp://127.0.0.1:1');
		} finally {
			for (const name of ['DOCKER_HOST', 'DOCKER_CERT_PATH']) {
				delete process.env[name];
				Object.assign(process.env, before[name] === undefined ? {} : { [name]: before[name] });
			}
		}
	});

	it('ends when aborted while the engine is silent', async () => {
		await using fake = await startFakeEngine();
		fake.on('GET /_ping', () => undefined);
		const abort = new AbortController();
		const opening = createDockerEngine(fake.endpoint, abort.signal);
		await fake.requested(/_ping/);
		abort.abort();
		await assert.rejects(opening, { name: 'AbortError' });
	});

	describe('over TLS', () => {
		const { key, cert } = certificate('fake engine');
		const other = certificate('fake engine');
		const ours = { ca: Buffer.from(cert), cert: undefined, key: undefined, skipVerify: false };

		it('trusts the authority it is given', async () => {
			await using fake = await startFakeEngine({ tls: { key, cert, client: ours } });
			const engine = await createDockerEngine(fake.endpoint);
			assert.equal((await engine.info()).id, 'fake');
			assert.equal(engine.saveRequest('a'), undefined);
		});

		it('shows its own certificate to an engine that asks for one', async () => {
			const client = { ...ours, cert: Buffer.from(other.cert), key: Buffer.from(other.key) };
			await using fake = await startFakeEngine({ tls: { key, cert, ca: other.cert, requestCert: true, rejectUnauthorized: true, client } });
			assert.equal((await (await createDockerEngine(fake.endpoint)).info()).id, 'fake');
			await assert.rejects(createDockerEngine({ ...fake.endpoint, tls: ours }), (error: { reason?: string }) => error.reason === 'tls' || error.reason === 'unreachable');
		});

		it('does not trust another', async () => {
			await using fake = await startFakeEngine({ tls: { key, cert, client: { ...ours, ca: Buffer.from(other.cert) } } });
			await assert.rejects(createDockerEngine(fake.endpoint), { reason: 'tls' });
			await assert.rejects(createDockerEngine({ ...fake.endpoint, tls: { ...ours, ca: undefined } }), { reason: 'tls' });
		});

		it('looks away where it was told to', async () => {
			await using fake = await startFakeEngine({ tls: { key, cert, client: { ...ours, ca: undefined, skipVerify: true } } });
			assert.equal((await (await createDockerEngine(fake.endpoint)).info()).id, 'fake');
		});

		it('says tls where the engine wants it and was not asked so', async () => {
			await using fake = await startFakeEngine();
			fake.on('GET /_ping', refusal(400, 'Client sent an HTTP request to an HTTPS server.'));
			await assert.rejects(createDockerEngine(fake.endpoint), { reason: 'tls' });
		});
	});
});

describe('an engine that fails', () => {
	let fake: FakeEngine;
	let engine: Engine;
	const never = new AbortController().signal;
	beforeEach(async () => {
		fake = await startFakeEngine();
		engine = await createDockerEngine(fake.endpoint);
	});
	afterEach(() => fake[Symbol.asyncDispose]());

	for (const [status, reason] of [[400, 'badRequest'], [401, 'unauthorized'], [403, 'unauthorized'], [404, 'notFound'], [409, 'conflict'], [500, 'failed'], [501, 'unsupported'], [503, 'failed']] as const) {
		it(`answers ${status}: ${reason}, in the engine's words`, async () => {
			fake.on('GET /images/*/json', refusal(status, 'these are the words'));
			await assert.rejects(engine.image('a:1'), { name: 'EngineError', reason, message: 'these are the words', subject: 'a:1' });
		});
	}

	it('does not have a call', async () => {
		fake.on('POST /build/prune', refusal(404, 'page not found'));
		await assert.rejects(engine.pruneCacheRecords(['a'.repeat(25)]), { reason: 'unsupported' });
	});

	it('answers with something that is no JSON', async () => {
		fake.on('GET /images/json', (_request, response) => { response.end('<html>proxy</html>'); });
		await assert.rejects(engine.images(), { reason: 'failed', message: '<html>proxy</html>' });
	});

	it('answers JSON of another shape', async () => {
		fake.on('GET /images/json', { not: 'a list' });
		assert.deepEqual(await engine.images(), []);
	});

	it('hangs up within an answer', async () => {
		fake.on('GET /images/json', (_request, response) => {
			response.writeHead(200, { 'content-length': '1000' });
			response.write('[{', () => response.destroy());
		});
		await assert.rejects(engine.images(), { reason: 'unreachable' });
	});

	it('dies within an image\'s archive', async () => {
		fake.on('GET /images/*/get', (_request, response) => {
			response.writeHead(200);
			response.write(Buffer.alloc(100_000), () => void fake.die());
		});
		const archive = await engine.saveImage('a:1', never);
		await assert.rejects(all(archive), { reason: 'unreachable' });
	});

	it('dies within its events', async () => {
		const events = engine.events(never)[Symbol.asyncIterator]();
		const first = events.next();
		await fake.requested(/events/);
		fake.emit({ Type: 'image', Action: 'tag' });
		assert.equal((await first).value.action, 'tag');
		const next = events.next();
		await fake.die();
		await assert.rejects(next, { reason: 'unreachable' });
	});

	it('ends its events: it is shutting down', async () => {
		fake.on('GET /events', (_request, response) => { response.end(); });
		await assert.rejects(all(engine.events(never)), { reason: 'unreachable' });
	});

	it('is slow: each call ends with its signal', async () => {
		const requestsUnderWay = new Set<string>();
		for (const path of ['GET /images/json', 'GET /images/*/json', 'GET /system/df', 'GET /containers/*/changes', 'HEAD /containers/*/archive']) {
			fake.on(path, ({ body }) => {
				requestsUnderWay.add(path);
				body.socket.once('close', () => requestsUnderWay.delete(path));
			});
		}
		const calls: readonly ((signal: AbortSignal) => Promise<unknown>)[] = [
			signal => engine.images(signal),
			signal => engine.image('a', signal),
			signal => engine.cacheRecords(signal),
			signal => engine.changes('c', signal),
			signal => engine.statInContainer('c', '/x', signal),
		];
		for (const call of calls) {
			const abort = new AbortController();
			const before = fake.requests.length;
			const answer = call(abort.signal);
			while (fake.requests.length === before) {
				await new Promise(setImmediate);
			}
			abort.abort();
			await assert.rejects(answer, { name: 'AbortError' });
		}
		while (requestsUnderWay.size > 0) {
			await new Promise(setImmediate);
		}
	});

	it('makes no call when already aborted', async () => {
		const before = fake.requests.length;
		await assert.rejects(engine.images(AbortSignal.abort()), { name: 'AbortError' });
		assert.equal(fake.requests.length, before);
	});

	it('gives a thousand images at once', async () => {
		fake.on('GET /images/json', Array.from({ length: 1000 }, (_, index) => ({ Id: `sha256:${index}`, RepoTags: [`a:${index}`], Created: 1, Size: index, Labels: { a: 'b' } })));
		assert.deepEqual((await engine.images()).map(({ id }) => id), Array.from({ length: 1000 }, (_, index) => `sha256:${index}`));
	});

	it('is asked for one platform of an image in the way that it knows, or not at all', async () => {
		fake.on('GET /images/*/json', { Id: 'sha256:1' });
		fake.on('GET /images/*/history', []);
		fake.on('GET /images/*/get', (_request, response) => { response.end(); });
		const ask = async (asked: Engine): Promise<readonly (string | null)[]> => {
			const before = fake.requests.length;
			await asked.images();
			await asked.image('a', undefined, 'linux/arm64/v8');
			await asked.history('a', undefined, 'linux/arm64/v8');
			await all(await asked.saveImage('a', never, 'linux/arm64/v8'));
			assert.equal(fake.requests.at(-1), `GET ${asked.saveRequest('a', 'linux/arm64/v8')?.path}`);
			return fake.requests.slice(before).map(request => new URL(request.split(' ')[1]!, 'http://engine').searchParams).map(query => query.get('platform') ?? query.get('manifests'));
		};
		const platform = '{"os":"linux","architecture":"arm64","variant":"v8"}';
		assert.deepEqual(await ask(engine), ['1', platform, platform, platform]);
		await using old = await startFakeEngine({ apiVersion: '1.46' });
		for (const [route, answer] of [['GET /images/*/json', { Id: 'sha256:1' }], ['GET /images/*/history', []]] as const) {
			old.on(route, answer);
		}
		const spoken = await createDockerEngine(old.endpoint);
		await spoken.images();
		await spoken.image('a', undefined, 'linux/arm64/v8');
		assert.equal(spoken.saveRequest('a', 'linux/arm64/v8')?.path, '/v1.46/images/a/get');
		assert.deepEqual(old.requests.filter(request => /platform|manifests/.test(request)), []);
	});

	it('is asked for names as they are, and never for another path', async () => {
		fake.on('GET /images/*/json', { Id: 'sha256:1' });
		await engine.image('registry.example:5000/a/b:1');
		await engine.image('a@sha256:0');
		await engine.image('a?b#c d');
		assert.deepEqual(fake.requests.slice(-3), [
			'GET /v1.51/images/registry.example:5000/a/b:1/json',
			'GET /v1.51/images/a@sha256:0/json',
			'GET /v1.51/images/a%3Fb%23c%20d/json',
		]);
		for (const name of ['', '../containers/x', 'a/../../containers/x', 'a//b', '.']) {
			await assert.rejects(engine.image(name), { reason: 'badRequest' });
			await assert.rejects(engine.inspectImage(name), { reason: 'badRequest' });
			await assert.rejects(engine.removeImage(name), { reason: 'badRequest' });
		}
		assert.equal(fake.requests.filter(request => request.includes('/images/')).length, 3);
	});

	it('prunes only whole ids, one a call', async () => {
		fake.on('POST /build/prune', { SpaceReclaimed: 21 });
		assert.equal(await engine.pruneCacheRecords(['a'.repeat(25), 'b'.repeat(25)]), 42);
		assert.equal(await engine.pruneCacheRecords([]), 0);
		for (const id of ['', 'a', '.*', 'a'.repeat(24), `${'a'.repeat(25)}|.*`]) {
			await assert.rejects(engine.pruneCacheRecords([id]), { reason: 'badRequest' });
		}
		assert.equal(fake.requests.filter(request => request.includes('prune')).length, 2);
	});
});

describe('a build', () => {
	let fake: FakeEngine;
	let engine: Engine;
	const never = new AbortController().signal;
	beforeEach(async () => {
		fake = await startFakeEngine();
		engine = await createDockerEngine(fake.endpoint);
	});
	afterEach(() => fake[Symbol.asyncDispose]());

	it('sends its options and tar, and only the credentials it is given', async () => {
		let header = '';
		let query = new URLSearchParams();
		let bytes = 0;
		fake.on('POST /build', async (request, response) => {
			header = String(request.headers['x-registry-config']);
			query = request.query;
			for await (const chunk of request.body) {
				bytes += (chunk as Buffer).length;
			}
			response.end('{"stream":"done"}\n');
		});
		const messages = await all(engine.build(buildRequest({
			builder: 'classic', buildId: 'b1', dockerfile: 'sub/Dockerfile', tags: ['a:1', 'a:2'], target: 'dev', buildArgs: { A: 'é?&' }, labels: {}, noCache: true, platform: 'linux/arm64', network: 'host',
			credentials: { 'r.example': { username: 'ÿÿ>me', password: '?p', identityToken: undefined } },
		}), tarOf({ Dockerfile: 'FROM scratch' }), never));
		assert.deepEqual(messages, [{ stream: 'done' }]);
		assert.equal(bytes, 2048);
		assert.deepEqual(Object.fromEntries([...query].map(([name]) => [name, query.getAll(name).join()])), {
			dockerfile: 'sub/Dockerfile', version: '1', buildid: 'b1', rm: '1', forcerm: '1', t: 'a:1,a:2', target: 'dev', buildargs: '{"A":"é?&"}', nocache: '1', platform: 'linux/arm64', networkmode: 'host',
		});
		assert.doesNotMatch(header, /[+/]/);
		assert.deepEqual(JSON.parse(Buffer.from(header, 'base64url').toString()), { 'r.example': { username: 'ÿÿ>me', password: '?p', serveraddress: 'r.example' } });
	});

	it('is told of a Dockerfile that is refused before the stream as of any other error', async () => {
		fake.on('POST /build', refusal(400, 'dockerfile parse error line 2: unknown instruction: RNU'));
		const messages = await all(engine.build(buildRequest(), tarOf({}), never));
		assert.deepEqual(messages, [{ error: 'dockerfile parse error line 2: unknown instruction: RNU', errorDetail: { message: 'dockerfile parse error line 2: unknown instruction: RNU' } }]);
	});

	it('throws unreachable when the engine dies, after what was said before', async () => {
		fake.on('POST /build', (request, response) => {
			request.body.resume();
			response.write('{"stream":"Step 1/2 : FROM x\\n"}\n', () => void fake.die());
		});
		const seen: BuildMessage[] = [];
		await assert.rejects(async () => {
			for await (const message of engine.build(buildRequest(), tarOf({}), never)) {
				seen.push(message);
			}
		}, { name: 'EngineError', reason: 'unreachable' });
		assert.deepEqual(seen, [{ stream: 'Step 1/2 : FROM x\n' }]);
	});

	for (const [how, end] of [['an abort', 'abort'], ['a reader who stops', 'break']] as const) {
		it(`ends in the engine with ${how}`, async () => {
			const ended = new Promise(resolve => {
				fake.on('POST /build', (request, response) => {
					response.once('close', resolve);
					response.write('{"stream":"working"}\n');
					request.body.resume();
				});
			});
			const abort = new AbortController();
			const endless = Readable.from((async function* () {
				for (;;) {
					yield Buffer.alloc(1024);
					await new Promise(setImmediate);
				}
			})());
			const reading = (async () => {
				for await (const message of engine.build(buildRequest(), endless, abort.signal)) {
					assert.equal(message.stream, 'working');
					if (end === 'break') {
						return;
					}
					abort.abort();
				}
			})();
			if (end === 'abort') {
				await assert.rejects(reading, { name: 'AbortError' });
			} else {
				await reading;
			}
			await ended;
			assert.equal(endless.destroyed, true);
		});
	}

	it('fails with the build context\'s own failure', async () => {
		fake.on('POST /build', request => { request.body.resume(); });
		const broken = Readable.from((async function* () {
			yield Buffer.alloc(512);
			throw new Error('cannot read src/secret.txt');
		})());
		await assert.rejects(all(engine.build(buildRequest(), broken, never)), { name: 'Error', message: 'cannot read src/secret.txt' });
	});

	it('goes on without a session where the engine has none, and shows BuildKit\'s credentials to nobody', async () => {
		let headers: object = {};
		let query = new URLSearchParams();
		fake.on('POST /build', (request, response) => {
			({ headers, query } = request);
			request.body.resume();
			response.end('{"stream":"done"}\n');
		});
		const credentials = { 'r.example': { username: 'me', password: 'secret', identityToken: undefined } };
		assert.deepEqual(await all(engine.build(buildRequest({ credentials }), tarOf({}), never)), [{ stream: 'done' }]);
		assert.ok(fake.requests.includes('POST /v1.51/session'));
		assert.equal(query.has('session'), false);
		assert.doesNotMatch(JSON.stringify(headers), /registry/i);
	});

	it('opens no session without credentials', async () => {
		fake.on('POST /build', (request, response) => {
			request.body.resume();
			response.end();
		});
		await all(engine.build(buildRequest(), tarOf({}), never));
		assert.equal(fake.requests.some(request => request.includes('/session')), false);
	});
});
