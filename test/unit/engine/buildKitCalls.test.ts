import assert from 'node:assert/strict';
import { performServerHandshake, type ServerHttp2Stream } from 'node:http2';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import type { Socket } from 'node:net';
import { createDockerEngine } from '../../../src/core/engine/dockerEngine';
import type { Engine } from '../../../src/core/engine/engine';
import { messageFrame } from '../../../src/core/engine/grpcMessages';
import { protobufOf } from '../build/protobufOf';
import { withFolder } from '../build/withFolder';

/** What BuildKit does with a question; undefined: the engine speaks no gRPC at all. */
type Answer = ((stream: ServerHttp2Stream, method: string) => void) | undefined;

/** An engine with nothing but a ping and BuildKit's services behind `POST /grpc`. */
async function withBuildKit(answer: Answer, use: (engine: Engine) => Promise<void>): Promise<void> {
	await withFolder({}, async folder => {
		const sockets = new Set<Socket>();
		const server: Server = createServer((_, response) => { response.writeHead(200, { 'api-version': '1.51' }).end('OK'); });
		server.on('connection', socket => sockets.add(socket));
		if (answer !== undefined) {
			server.on('upgrade', (_, socket) => {
				socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n');
				const session = performServerHandshake(socket);
				session.on('error', () => undefined);
				session.on('stream', (stream, headers) => {
					stream.on('error', () => undefined);
					answer(stream, String(headers[':path']));
				});
			});
		}
		const path = join(folder, 'd.sock');
		await new Promise<void>(resolve => { server.listen(path, resolve); });
		try {
			await use(await createDockerEngine({ url: `unix://${path}`, origin: 'setting', name: undefined, tls: undefined }));
		} finally {
			sockets.forEach(socket => socket.destroy());
			server.close();
		}
	});
}

const { signal } = new AbortController();

/** Messages, and a status behind them. */
function says(stream: ServerHttp2Stream, messages: readonly Buffer[], status: string, words = ''): void {
	stream.on('wantTrailers', () => { stream.sendTrailers({ 'grpc-status': status, 'grpc-message': words }); });
	stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
	// In pieces that are no messages.
	const bytes = Buffer.concat(messages.map(message => messageFrame(message)));
	for (let at = 0; at < bytes.length; at += 7) {
		stream.write(bytes.subarray(at, at + 7));
	}
	stream.end();
}

const remembered = protobufOf([[1, 2], [2, [
	[1, 'ref1'], [3, [[1, 'target'], [2, 'made']]], [3, [[1, '__proto__'], [2, 'x']]], [4, [[1, 'image'], [2, [[1, 'name'], [2, 'docker.io/library/web:1,ghcr.io/a/b:2']]]]],
	[6, [[1, 1_700_000_000]]], [7, [[1, 1_700_000_002], [2, 500_700_000]]], [9, [[1, 'containerimage.digest'], [2, 'sha256:index']]],
	[10, [[1, [[2, 'sha256:one']]], [2, [[2, 'sha256:sbom'], [5, [[1, 'in-toto.io/predicate-type'], [2, 'https://spdx.dev/Document']]]]],
		[2, [[2, 'sha256:provenance'], [5, [[1, 'in-toto.io/predicate-type'], [2, 'https://slsa.dev/provenance/v1']]]]], [3, [[1, 0], [2, [[2, 'sha256:two']]]]]]],
]]]);

describe('BuildKit\'s memory of builds', () => {
	it('is read, the oldest first, with builds that run', () => withBuildKit(stream => {
		const failed = protobufOf([[2, [[1, 'ref0'], [5, [[1, 2], [2, 'failed to solve']]], [6, [[1, 1_600_000_000]]], [7, [[1, 1_600_000_001]]], [18, [[2, 'sha256:error']]]]]]);
		const running = protobufOf([[2, [[1, 'ref2'], [6, [[1, 1_800_000_000]]]]]]);
		says(stream, [remembered, failed, running, protobufOf([[2, [[6, [[1, 5]]]]]])], '0');
	}, async engine => {
		const plain = { attributes: {}, tags: [], error: undefined, images: [], provenance: undefined, errorDetails: undefined };
		assert.deepEqual(await engine.rememberedBuilds(signal), [
			{ ...plain, ref: 'ref0', startedAt: 1_600_000_000_000, finishedAt: 1_600_000_001_000, error: { code: 2, message: 'failed to solve' }, errorDetails: 'sha256:error' },
			{
				ref: 'ref1', attributes: Object.fromEntries([['target', 'made'], ['__proto__', 'x']]), tags: ['web:1', 'ghcr.io/a/b:2'], startedAt: 1_700_000_000_000, finishedAt: 1_700_000_002_500, error: undefined,
				images: ['sha256:index', 'sha256:one', 'sha256:two'], provenance: 'sha256:provenance', errorDetails: undefined,
			},
			{ ...plain, ref: 'ref2', startedAt: 1_800_000_000_000, finishedAt: undefined },
		]);
	}));

	it('is empty where BuildKit has none, or nobody speaks gRPC', async () => {
		await withBuildKit(stream => { stream.respond({ ':status': 200, 'grpc-status': '12', 'grpc-message': 'unknown method' }, { endStream: true }); }, async engine => {
			assert.deepEqual(await engine.rememberedBuilds(signal), []);
		});
		await withBuildKit(undefined, async engine => { assert.deepEqual(await engine.rememberedBuilds(signal), []); });
	});

	it('gives what was told during a build, and content in its pieces', () => withBuildKit((stream, method) => {
		says(stream, method.endsWith('/Read') ? [protobufOf([[2, 'in two ']]), protobufOf([[1, 7], [2, 'pieces']])] : [Buffer.from('a'), Buffer.alloc(0), Buffer.from('b')], '0');
	}, async engine => {
		assert.deepEqual((await engine.rememberedStatus('ref', signal)).map(String), ['a', '', 'b']);
		assert.equal(Buffer.from(await engine.buildKitContent('sha256:0', signal)).toString(), 'in two pieces');
	}));

	it('says why not', () => withBuildKit((stream, method) => {
		says(stream, [], method.endsWith('/Read') ? '5' : '13', method.endsWith('/Read') ? 'sha256:0%3A not found' : '%zz');
	}, async engine => {
		await assert.rejects(engine.buildKitContent('sha256:0', signal), { reason: 'notFound', message: 'sha256:0: not found' });
		await assert.rejects(engine.rememberedStatus('ref', signal), { reason: 'failed', message: '%zz' });
		await assert.rejects(engine.rememberedBuilds(signal), { reason: 'failed' });
	}));

	it('ends with an error where the engine goes away in the middle, or says more than a message can be', async () => {
		await withBuildKit(stream => {
			stream.respond({ ':status': 200 });
			stream.write(messageFrame(remembered).subarray(0, 20));
			setImmediate(() => { stream.session?.destroy(); });
		}, async engine => { await assert.rejects(engine.rememberedBuilds(signal), error => error instanceof Error && error.name === 'EngineError'); });
		await withBuildKit(stream => {
			stream.respond({ ':status': 200 });
			stream.write(Buffer.from([0, 0xff, 0xff, 0xff, 0xff, 1]));
		}, async engine => { await assert.rejects(engine.rememberedBuilds(signal), /a message of 4294967295 bytes/); });
	});

	it('is given up when nobody waits for it', () => withBuildKit(stream => { stream.respond({ ':status': 200 }); }, async engine => {
		const abort = new AbortController();
		const asked = engine.rememberedBuilds(abort.signal);
		setImmediate(() => { abort.abort(); });
		await assert.rejects(asked, { name: 'AbortError' });
	}));
});
