import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { localAnswer, Unanswered } from '../../../src/core/engine/localAnswer';

describe('an answer that is read where it lies', () => {
	let folder = '';
	before(async () => { folder = await mkdtemp(join(tmpdir(), 'strata-answer-')); });
	after(() => rm(folder, { recursive: true }));

	/** What comes of an engine that answers so, and what it was asked. */
	async function heard(answer: (socket: Socket) => void | Promise<void>): Promise<{ readonly asked: string; readonly body: Buffer }> {
		const socketPath = join(folder, 'engine.sock');
		let asked = '';
		const server = createServer(socket => {
			// We hang up on what is no answer.
			socket.on('error', () => undefined);
			socket.once('data', data => {
				asked = String(data);
				void answer(socket);
			});
		});
		server.listen(socketPath);
		await once(server, 'listening');
		try {
			const parts: Buffer[] = [];
			for await (const piece of localAnswer({ socketPath, path: '/v1.51/images/a/get', endpointUrl: 'unix:///engine.sock' })) {
				parts.push(Buffer.from(piece));
			}
			return { asked, body: Buffer.concat(parts) };
		} finally {
			server.close();
		}
	}

	it('is the body, whatever pieces head and body come in', async () => {
		const body = Buffer.from(Array.from({ length: 3_000_000 }, (_, at) => at * 7 % 251));
		const head = 'HTTP/1.0 200 OK\r\nContent-Type: application/x-tar\r\n\r\n';
		const whole = await heard(socket => { socket.end(Buffer.concat([Buffer.from(head), body])); });
		assert.equal(whole.asked, 'GET /v1.51/images/a/get HTTP/1.0\r\nHost: docker\r\n\r\n');
		assert.ok(whole.body.equals(body));
		const bytewise = await heard(async socket => {
			for (const character of head) {
				await new Promise(written => socket.write(character, written));
			}
			socket.end(body);
		});
		assert.ok(bytewise.body.equals(body));
		assert.equal((await heard(socket => { socket.end('HTTP/1.1 200 OK\r\n\r\n'); })).body.length, 0);
	});

	for (const [what, answer] of Object.entries({
		'that says no': 'HTTP/1.0 404 Not Found\r\n\r\n{"message":"no"}',
		'in chunks, which nobody asked for': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n',
		'whose head does not end': 'HTTP/1.0 200 OK\r\n'.padEnd(300_000, 'x'),
		'that breaks off in its head': 'HTTP/1.0 200 OK\r\n',
		'that is none': '',
	})) {
		it(`is left to others to hear where there is one ${what}`, () => assert.rejects(heard(socket => { socket.end(answer); }), Unanswered));
	}

	it('is nothing where there is no engine', async () => {
		await assert.rejects(localAnswer({ socketPath: join(folder, 'nobody.sock'), path: '/', endpointUrl: '' }).next(), Unanswered);
	});
});
