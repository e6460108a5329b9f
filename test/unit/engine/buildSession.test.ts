import assert from 'node:assert/strict';
import { connect, type ClientHttp2Session } from 'node:http2';
import { createServer as createPipe, connect as connectPipe, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { buildSession } from '../../../src/core/engine/buildSession';
import type { LentToRun } from '../../../src/core/engine/engine';
import { bytesField, firstField, FrameReader, messageFrame } from '../../../src/core/engine/grpcMessages';
import { withFolder } from '../build/withFolder';

const credentials = {
	'https://index.docker.io/v1/': { username: 'hub', password: 'h', identityToken: undefined },
	'registry.example:5000': { username: 'u'.repeat(200), password: 'pässword', identityToken: undefined },
	'token.example': { username: 'ignored', password: 'ignored', identityToken: 'the token' },
};

/** One call of gRPC as BuildKit makes it: the answer's status and message. */
function call(client: ClientHttp2Session, path: string, message: Buffer): Promise<{ status: unknown; message: Buffer }> {
	return new Promise((resolve, reject) => {
		const request = client.request({ ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers' });
		const chunks: Buffer[] = [];
		let status: unknown;
		request.on('response', headers => { status ??= headers['grpc-status']; });
		request.on('trailers', headers => { status = headers['grpc-status']; });
		request.on('data', (chunk: Buffer) => chunks.push(chunk));
		request.on('error', reject);
		request.on('end', () => { resolve({ status, message: Buffer.concat(chunks).subarray(5) }); });
		const frame = Buffer.alloc(5);
		frame.writeUInt32BE(message.length, 1);
		request.end(Buffer.concat([frame, message]));
	});
}

const hostMessage = (host: string): Buffer => Buffer.concat([Buffer.from([0x0a, host.length]), Buffer.from(host)]);

/** The text fields of a protobuf message, in order. */
function textsOf(message: Buffer): string[] {
	const texts: string[] = [];
	for (let at = 0; at < message.length;) {
		at++;
		let length = 0;
		for (let shift = 0; ; shift += 7) {
			const byte = message[at++]!;
			length |= (byte & 0x7f) << shift;
			if (byte < 0x80) {
				break;
			}
		}
		texts.push(message.subarray(at, at + length).toString());
		at += length;
	}
	return texts;
}

describe('buildSession', () => {
	let client: ClientHttp2Session;
	let end = (): void => undefined;
	const opened = async (lent: LentToRun | undefined): Promise<void> => {
		end();
		const session = buildSession(credentials, lent);
		const pipe = createPipe();
		await new Promise<void>(resolve => pipe.listen(0, '127.0.0.1', resolve));
		const near = new Promise<Socket>(resolve => pipe.once('connection', resolve));
		const far = connectPipe((pipe.address() as AddressInfo).port, '127.0.0.1');
		session.serve(await near);
		client = connect('http://localhost', { createConnection: () => far });
		end = () => {
			client.destroy();
			session.close();
			pipe.close();
		};
	};
	beforeEach(() => opened(undefined));
	afterEach(() => { end(); });

	const asked = async (host: string): Promise<string[]> => {
		const { status, message } = await call(client, '/moby.filesync.v1.Auth/Credentials', hostMessage(host));
		assert.equal(status, '0');
		return textsOf(message);
	};

	it('gives each registry its own credential', async () => {
		assert.deepEqual(await asked('registry-1.docker.io'), ['hub', 'h']);
		assert.deepEqual(await asked('registry.example:5000'), ['u'.repeat(200), 'pässword']);
		assert.deepEqual(await asked('token.example'), ['the token']);
	});

	it('gives any other registry none', async () => {
		for (const host of ['evil.example', 'registry.example', 'registry.example:5001', 'docker.io.evil.example', '', '__proto__']) {
			assert.deepEqual(await asked(host), [], host);
		}
	});

	it('says that it is well, and that it can nothing else', async () => {
		assert.deepEqual(await call(client, '/grpc.health.v1.Health/Check', Buffer.alloc(0)), { status: '0', message: Buffer.from([8, 1]) });
		assert.equal((await call(client, '/moby.filesync.v1.FileSync/DiffCopy', Buffer.alloc(0))).status, '12');
	});

	const getSecret = (id: string): Promise<{ status: unknown; message: Buffer }> => call(client, '/moby.buildkit.secrets.v1.Secrets/GetSecret', hostMessage(id));

	it('gives the secrets that were lent, whatever bytes they are, and no other', async () => {
		await opened({ secrets: { token: Buffer.from('hunter2'), long: Buffer.alloc(500 * 1024, 'x'), empty: Buffer.alloc(0) }, sshAgent: undefined });
		assert.deepEqual(textsOf((await getSecret('token')).message), ['hunter2']);
		assert.deepEqual(textsOf((await getSecret('long')).message), ['x'.repeat(500 * 1024)]);
		assert.deepEqual(textsOf((await getSecret('empty')).message), ['']);
		for (const other of ['Token', 'toString', '__proto__', '']) {
			assert.equal((await getSecret(other)).status, '5', other);
		}
	});

	it('lends neither secrets nor the SSH agent where nothing was lent', async () => {
		assert.equal((await getSecret('token')).status, '5');
		assert.equal((await call(client, '/moby.sshforward.v1.SSH/CheckAgent', Buffer.alloc(0))).status, '5');
		assert.equal((await call(client, '/moby.sshforward.v1.SSH/ForwardAgent', Buffer.alloc(0))).status, '5');
	});

	/** What an agent at `path` that says everything twice is told and answers, on one connection. */
	const spoken = (pieces: readonly string[]): Promise<{ readonly said: string; readonly status: unknown }> => new Promise((resolve, reject) => {
		const request = client.request({ ':method': 'POST', ':path': '/moby.sshforward.v1.SSH/ForwardAgent', 'content-type': 'application/grpc', te: 'trailers' });
		const frames = new FrameReader(1024 * 1024);
		let said = '';
		let status: unknown;
		const next = (): void => {
			const piece = pieces[said.split('|').length - 1];
			if (piece === undefined) {
				request.end();
				return;
			}
			// In two pieces: a message ends where it ends, not where a packet does.
			const frame = messageFrame(bytesField(1, Buffer.from(piece)));
			request.write(frame.subarray(0, 3));
			request.write(frame.subarray(3));
		};
		request.on('response', headers => { status ??= headers['grpc-status']; });
		request.on('trailers', headers => { status = headers['grpc-status']; });
		request.on('data', (chunk: Buffer) => {
			for (const message of frames.take(chunk)) {
				said += `${firstField(message)!.toString()}|`;
				next();
			}
		});
		request.on('error', reject);
		request.on('end', () => { request.end(); });
		request.on('close', () => { resolve({ said, status }); });
		next();
	});

	it('leads what RUN says to the SSH agent, and the answers back', () => withFolder({}, async folder => {
		const path = join(folder, 'agent');
		const agent = createPipe(connection => { connection.on('data', bytes => { connection.write(Buffer.concat([bytes, bytes])); }); });
		await new Promise<void>(resolve => agent.listen(path, resolve));
		try {
			await opened({ secrets: {}, sshAgent: path });
			assert.equal((await call(client, '/moby.sshforward.v1.SSH/CheckAgent', Buffer.alloc(0))).status, '0');
			assert.deepEqual(await spoken(['list', 'sign']), { said: 'listlist|signsign|', status: '0' });
		} finally {
			agent.close();
		}
	}));

	it('says so where the SSH agent has gone', () => withFolder({}, async folder => {
		await opened({ secrets: {}, sshAgent: join(folder, 'nobody') });
		assert.deepEqual(await spoken(['list']), { said: '', status: '14' });
	}));

	it('hangs up on a question that has no end', async () => {
		const request = client.request({ ':method': 'POST', ':path': '/moby.filesync.v1.Auth/Credentials' });
		const failed = new Promise<Error>(resolve => { request.on('error', resolve); });
		request.write(Buffer.from([0, 0xff, 0xff, 0xff, 0xff, 1]));
		assert.match((await failed).message, /NGHTTP2_ENHANCE_YOUR_CALM/);
	});
});
