import { connect, constants, type ClientHttp2Session, type IncomingHttpHeaders } from 'node:http2';
import { EngineError } from './engineError';
import { failureOf, type EngineWire } from './engineWire';
import { bytesField, FrameReader, messageFrame } from './grpcMessages';
import { contentOf, rememberedBuilds, type RememberedBuild } from './records/rememberedBuilds';

/** What BuildKit itself says of the builds that it was asked for, whoever asked. */
export interface BuildKitCalls {
	/**
	 * Builds that run or that BuildKit still remembers, whoever asked for them: the last 50 of two days, as it is set up by
	 * default. None where the engine's BuildKit has no such memory (before 0.11) or is not spoken to.
	 */
	rememberedBuilds(signal: AbortSignal): Promise<readonly RememberedBuild[]>;
	/** All that was told while such a build ran: messages `StatusResponse`. Throws `notFound` where it is forgotten by now. */
	rememberedStatus(ref: string, signal: AbortSignal): Promise<readonly Uint8Array[]>;
	/** What BuildKit keeps under a digest, a build's provenance for one. Throws `notFound`. */
	buildKitContent(digest: string, signal: AbortSignal): Promise<Uint8Array>;
}

/**
 * BuildKit's gRPC services on a connection that `POST /grpc` switches to HTTP/2 (moby, api/server/router/grpc): the Engine
 * API has no such questions. Deprecated since API 1.53 but served, so an engine without it is one that remembers nothing.
 */
export function buildKitCalls(wire: EngineWire, endpointUrl: string): BuildKitCalls {
	const ask = async (method: string, request: Buffer, subject: string, signal: AbortSignal): Promise<readonly Buffer[]> => {
		const connection = await wire.upgrade('/grpc', { Upgrade: 'h2c' }, signal);
		if (connection === undefined) {
			throw new EngineError('unsupported', 'gRPC', subject);
		}
		const session = connect('http://buildkit', { createConnection: () => connection });
		try {
			return await answersOf(session, method, request, subject, signal);
		} catch (cause) {
			throw failureOf(cause, endpointUrl, signal);
		} finally {
			session.destroy();
			connection.destroy();
		}
	};
	return {
		async rememberedBuilds(signal) {
			try {
				// BuildHistoryRequest { EarlyExit: true }: those that there are, without waiting for more.
				return rememberedBuilds(await ask('/moby.buildkit.v1.Control/ListenBuildHistory', Buffer.from([3 << 3, 1]), 'build history', signal));
			} catch (error) {
				if (error instanceof EngineError && error.reason === 'unsupported') {
					return [];
				}
				throw error;
			}
		},
		rememberedStatus: (ref, signal) => ask('/moby.buildkit.v1.Control/Status', bytesField(1, Buffer.from(ref)), ref, signal),
		async buildKitContent(digest, signal) {
			return contentOf(await ask('/containerd.services.content.v1.Content/Read', bytesField(1, Buffer.from(digest)), digest, signal));
		},
	};
}

/** Codes of gRPC that say more than that it went wrong. */
const reasons: Readonly<Record<string, 'notFound' | 'unsupported'>> = { 5: 'notFound', 12: 'unsupported' };

/** BuildKit lets no message be longer. */
const longestMessage = 16 * 1024 * 1024;

/** The output of a build is cut by BuildKit at 2 MiB a step. */
const longestAnswer = 256 * 1024 * 1024;

/** All messages of one answer. Throws what its status says. */
function answersOf(session: ClientHttp2Session, method: string, request: Buffer, subject: string, signal: AbortSignal): Promise<readonly Buffer[]> {
	return new Promise((resolve, reject) => {
		const messages: Buffer[] = [];
		const reader = new FrameReader(longestMessage);
		let bytes = 0;
		let told: IncomingHttpHeaders = {};
		const stream = session.request({
			[constants.HTTP2_HEADER_METHOD]: 'POST', [constants.HTTP2_HEADER_PATH]: method, 'content-type': 'application/grpc+proto', te: 'trailers',
		}, { signal });
		// An answer without messages has its status where others have their headers.
		stream.on('response', headers => { told = { ...told, ...headers }; });
		stream.on('trailers', trailers => { told = { ...told, ...trailers }; });
		stream.on('data', (piece: Buffer) => {
			bytes += piece.length;
			try {
				if (bytes > longestAnswer) {
					throw new RangeError(`an answer of more than ${longestAnswer} bytes`);
				}
				messages.push(...reader.take(piece));
			} catch (error) {
				stream.destroy(error as Error);
			}
		});
		stream.on('error', reject);
		session.on('error', reject);
		stream.on('close', () => {
			const status = told['grpc-status'];
			if (status === '0') {
				resolve(messages);
			} else {
				const words = told['grpc-message'];
				reject(new EngineError(reasons[String(status)] ?? 'failed', typeof words === 'string' ? unescaped(words) : 'BuildKit gave no answer', subject));
			}
		});
		stream.end(messageFrame(request));
	});
}

/** gRPC escapes what is not ASCII with percent signs; a hostile engine may get that wrong. */
function unescaped(words: string): string {
	try {
		return decodeURIComponent(words);
	} catch {
		return words;
	}
}
