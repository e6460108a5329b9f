import assert from 'node:assert/strict';
import { connect, type ClientHttp2Session } from 'node:http2';
import { createServer as createPipe, connect as connectPipe, type AddressInfo, type Socket } from 'node:net';
import { credentialSession } from '../../../src/core/engine/credentialSession';

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

describe('credentialSession', () => {
	let client: ClientHttp2Session;
	let end: () => void;
	beforeEach(async () => {
		const session = credentialSession(credentials);
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
	});
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
		assert.equal((await call(client, '/moby.buildkit.secrets.v1.Secrets/GetSecret', Buffer.alloc(0))).status, '12');
	});
});
