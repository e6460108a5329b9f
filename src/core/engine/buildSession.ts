import { randomUUID } from 'node:crypto';
import { constants, performServerHandshake, type ServerHttp2Stream } from 'node:http2';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { registryName } from './credentials';
import type { LentToRun, RegistryCredential } from './engine';
import { bytesField, firstField, FrameReader, messageFrame } from './grpcMessages';

/**
 * A BuildKit session: the connection on which the engine asks, during a build, for what only this machine has. It is
 * told whose credentials to pull a base with, each registry with its own and any other with none; the secrets that RUN
 * mounts; and RUN's way to the SSH agent, where both were lent to the build.
 *
 * dockerode has one too: it gives one credential to every registry that a Dockerfile names, and no secrets, so it is not used.
 */
export interface BuildSession {
	/** Headers of `POST /session`, by which the engine knows it. */
	readonly headers: Readonly<Record<string, string | string[]>>;
	/** For `POST /build?session=…`. */
	readonly id: string;
	/** Answers on the upgraded connection until that ends. */
	serve(connection: Duplex): void;
	close(): void;
}

export function buildSession(credentials: Readonly<Record<string, RegistryCredential>>, lent: LentToRun | undefined): BuildSession {
	const id = randomUUID();
	const answers = answersOf(credentials, lent);
	let end = (): void => undefined;
	return {
		id,
		headers: {
			Upgrade: 'h2c',
			'X-Docker-Expose-Session-Uuid': id,
			'X-Docker-Expose-Session-Name': 'strata',
			'X-Docker-Expose-Session-Grpc-Method': [...answers.keys()],
		},
		serve: connection => {
			// The engine is the client on this connection, though it was us who called.
			const session = performServerHandshake(connection);
			// Where it breaks the build breaks too, and says so.
			session.on('error', () => undefined);
			session.on('stream', (stream, headers) => {
				stream.on('error', () => undefined);
				const answer = answers.get(String(headers[constants.HTTP2_HEADER_PATH]));
				if (answer === undefined) {
					// The engine then does without, or asks for credentials.
					refuse(stream, status.unimplemented, 'not served');
				} else {
					answer(stream);
				}
			});
			end = () => {
				session.destroy();
				connection.destroy();
			};
		},
		close: () => { end(); },
	};
}

type Answer = (stream: ServerHttp2Stream) => void;

/** By method: buildkit session/auth/auth.proto, session/secrets/secrets.proto, session/sshforward/ssh.proto. */
function answersOf(credentials: Readonly<Record<string, RegistryCredential>>, lent: LentToRun | undefined): ReadonlyMap<string, Answer> {
	// A Dockerfile names any registry and any secret it likes, also those that every object has.
	const byRegistry = new Map(Object.entries(credentials));
	const secrets = new Map(Object.entries(lent?.secrets ?? {}));
	const { sshAgent } = lent ?? {};
	return new Map<string, Answer>([
		// HealthCheckResponse { status: SERVING }. Asked again and again; a session that does not answer is let go of.
		['/grpc.health.v1.Health/Check', answering(() => Buffer.from([0x08, 1]))],
		['/moby.filesync.v1.Auth/Credentials', answering(host => credentialMessage(byRegistry.get(registryName(host))))],
		['/moby.buildkit.secrets.v1.Secrets/GetSecret', answering(name => {
			const secret = secrets.get(name);
			return secret && bytesField(1, secret);
		})],
		['/moby.sshforward.v1.SSH/CheckAgent', answering(() => sshAgent === undefined ? undefined : Buffer.alloc(0))],
		['/moby.sshforward.v1.SSH/ForwardAgent', stream => {
			if (sshAgent === undefined) {
				refuse(stream, status.notFound, 'no SSH agent is lent to this build');
			} else {
				forward(stream, sshAgent);
			}
		}],
	]);
}

/** No message to us is longer: names of registries and secrets, and what an SSH agent is asked, 256 KiB at most. */
const longestMessage = 1024 * 1024;

/** Codes of gRPC. */
const status = { ok: 0, notFound: 5, unimplemented: 12, unavailable: 14 } as const;

const grpcHeaders = { ':status': 200, 'content-type': 'application/grpc+proto' };

/** One question, a name, and one answer to it; undefined: there is none of that name. */
function answering(answer: (name: string) => Buffer | undefined): Answer {
	return stream => {
		let question: Buffer | undefined;
		onMessages(stream, message => { question ??= message; });
		stream.on('end', () => {
			const name = firstField(question ?? Buffer.alloc(0))?.toString('utf8') ?? '';
			const message = answer(name);
			if (message === undefined) {
				return refuse(stream, status.notFound, 'not lent to this build');
			}
			begin(stream);
			stream.end(messageFrame(message));
		});
	};
}

/** What RUN's clients say goes to the agent, and its answers back, until either ends (`BytesMessage { data = 1 }`). */
function forward(stream: ServerHttp2Stream, agentPath: string): void {
	const agent = connect(agentPath);
	onMessages(stream, message => { agent.write(firstField(message) ?? Buffer.alloc(0)); });
	stream.on('end', () => { agent.end(); });
	stream.on('close', () => { agent.destroy(); });
	stream.on('drain', () => { agent.resume(); });
	agent.on('connect', () => { begin(stream); });
	agent.on('data', bytes => {
		if (!stream.write(messageFrame(bytesField(1, bytes)))) {
			agent.pause();
		}
	});
	agent.on('end', () => { stream.end(); });
	agent.on('error', error => {
		if (stream.headersSent) {
			stream.end();
		} else {
			refuse(stream, status.unavailable, error.message);
		}
	});
}

function onMessages(stream: ServerHttp2Stream, take: (message: Buffer) => void): void {
	const reader = new FrameReader(longestMessage);
	stream.on('data', (piece: Buffer) => {
		try {
			reader.take(piece).forEach(take);
		} catch {
			stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM);
		}
	});
}

function begin(stream: ServerHttp2Stream): void {
	stream.respond(grpcHeaders, { waitForTrailers: true });
	stream.on('wantTrailers', () => { stream.sendTrailers({ 'grpc-status': String(status.ok) }); });
}

function refuse(stream: ServerHttp2Stream, code: number, words: string): void {
	stream.respond({ ...grpcHeaders, 'grpc-status': String(code), 'grpc-message': encodeURIComponent(words) }, { endStream: true });
}

/** CredentialsResponse { Username = 1, Secret = 2 }; an identity token goes without a name, as the CLI sends it. */
function credentialMessage(credential: RegistryCredential | undefined): Buffer {
	if (credential === undefined) {
		return Buffer.alloc(0);
	}
	const { username, password, identityToken } = credential;
	const text = (field: number, words: string): Buffer => bytesField(field, Buffer.from(words));
	return identityToken === undefined ? Buffer.concat([text(1, username), text(2, password)]) : text(2, identityToken);
}
