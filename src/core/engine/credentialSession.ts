import { randomUUID } from 'node:crypto';
import { constants, performServerHandshake, type ServerHttp2Stream } from 'node:http2';
import type { Duplex } from 'node:stream';
import { registryName } from './credentials';
import type { RegistryCredential } from './engine';

/**
 * A BuildKit session that answers one question, whose credentials to pull a base with (`moby.filesync.v1.Auth`,
 * buildkit session/auth/auth.proto), each registry with its own and any other with none.
 *
 * dockerode has one too: it gives one credential to every registry that a Dockerfile names, so it is not used.
 */
export interface CredentialSession {
	/** Headers of `POST /session`, by which the engine knows it. */
	readonly headers: Readonly<Record<string, string>>;
	/** For `POST /build?session=…`. */
	readonly id: string;
	/** Answers on the upgraded connection until that ends. */
	serve(connection: Duplex): void;
	close(): void;
}

export function credentialSession(credentials: Readonly<Record<string, RegistryCredential>>): CredentialSession {
	const id = randomUUID();
	// A Dockerfile names any registry it likes, also one that every object has.
	const byRegistry = new Map(Object.entries(credentials));
	let end = (): void => undefined;
	return {
		id,
		headers: {
			Upgrade: 'h2c',
			'X-Docker-Expose-Session-Uuid': id,
			'X-Docker-Expose-Session-Name': 'strata',
			'X-Docker-Expose-Session-Grpc-Method': credentialsMethod,
		},
		serve: connection => {
			// The engine is the client on this connection, though it was us who called.
			const session = performServerHandshake(connection);
			// Where it breaks the build breaks too, and says so.
			session.on('error', () => undefined);
			session.on('stream', (stream, headers) => { answer(stream, String(headers[constants.HTTP2_HEADER_PATH]), byRegistry); });
			end = () => {
				session.destroy();
				connection.destroy();
			};
		},
		close: () => { end(); },
	};
}

const credentialsMethod = '/moby.filesync.v1.Auth/Credentials';

/** The engine asks this again and again, and lets go of a session that does not answer. */
const healthMethod = '/grpc.health.v1.Health/Check';

/** No question is longer; a registry's name is some tens of bytes. */
const longestQuestion = 64 * 1024;

function answer(stream: ServerHttp2Stream, method: string, credentials: ReadonlyMap<string, RegistryCredential>): void {
	const chunks: Buffer[] = [];
	let length = 0;
	stream.on('error', () => undefined);
	stream.on('data', (chunk: Buffer) => {
		length += chunk.length;
		if (length > longestQuestion) {
			stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM);
		} else {
			chunks.push(chunk);
		}
	});
	stream.on('end', () => {
		switch (method) {
			case credentialsMethod: {
				const host = firstText(Buffer.concat(chunks).subarray(framePrefix));
				return reply(stream, credentialMessage(host === undefined ? undefined : credentials.get(registryName(host))));
			}
			case healthMethod:
				// HealthCheckResponse { status: SERVING }.
				return reply(stream, Buffer.from([0x08, 1]));
			default:
				// UNIMPLEMENTED: the engine then does without, or asks for credentials.
				stream.respond({ ...grpcHeaders, 'grpc-status': '12' }, { endStream: true });
		}
	});
}

const grpcHeaders = { ':status': 200, 'content-type': 'application/grpc+proto' };

/** A message of gRPC over HTTP/2: a byte that says it is not compressed, four of length. */
const framePrefix = 5;

function reply(stream: ServerHttp2Stream, message: Buffer): void {
	const frame = Buffer.alloc(framePrefix + message.length);
	frame.writeUInt32BE(message.length, 1);
	message.copy(frame, framePrefix);
	stream.respond(grpcHeaders, { waitForTrailers: true });
	stream.on('wantTrailers', () => { stream.sendTrailers({ 'grpc-status': '0' }); });
	stream.end(frame);
}

/** CredentialsResponse { Username = 1, Secret = 2 }; an identity token goes without a name, as the CLI sends it. */
function credentialMessage(credential: RegistryCredential | undefined): Buffer {
	if (credential === undefined) {
		return Buffer.alloc(0);
	}
	const { username, password, identityToken } = credential;
	return identityToken === undefined ? Buffer.concat([textField(1, username), textField(2, password)]) : textField(2, identityToken);
}

/** A field of a protobuf message: number and wire type 2, length as a varint, bytes. */
function textField(field: number, text: string): Buffer {
	const bytes = Buffer.from(text);
	const prefix = [field << 3 | 2];
	let { length } = bytes;
	for (; length > 0x7f; length >>>= 7) {
		prefix.push(length & 0x7f | 0x80);
	}
	return Buffer.concat([Buffer.from([...prefix, length]), bytes]);
}

/** CredentialsRequest { Host = 1 }, its only field. */
function firstText(message: Buffer): string | undefined {
	if (message[0] !== (1 << 3 | 2)) {
		return undefined;
	}
	let length = 0;
	let at = 1;
	for (let shift = 0; shift < 28; shift += 7) {
		const byte = message[at++] ?? 0;
		length |= (byte & 0x7f) << shift;
		if (byte < 0x80) {
			break;
		}
	}
	return message.subarray(at, at + length).toString('utf8');
}
