import type { Readable } from 'node:stream';
import { buildQuery, registryConfig } from './buildQuery';
import { buildSession, type BuildSession } from './buildSession';
import type { BuildMessage, BuildRequest } from './engine';
import { failureOf, textOfAnswer, type EngineWire } from './engineWire';
import { jsonLines } from './jsonLines';
import { recordOf } from './records/wire';
import { answerError } from './toEngineError';

/**
 * `POST /build` and its stream. Ends the build in the engine when aborted or when the reader stops, and the tar with
 * it. A failure of the tar is thrown as it is: it is the caller's.
 */
export async function* buildMessages(wire: EngineWire, endpointUrl: string, request: BuildRequest, tar: Readable, signal: AbortSignal): AsyncGenerator<BuildMessage> {
	let tarFailure: Error | undefined;
	tar.on('error', failure => { tarFailure = failure; });
	let session: BuildSession | undefined;
	try {
		session = await openedSession(wire, request, signal);
		const answer = await wire.open({
			method: 'POST',
			path: '/build',
			query: { ...buildQuery(request), ...(session === undefined ? {} : { session: session.id }) },
			body: tar,
			...(request.builder === 'classic' && hasCredentials(request) ? { registryConfig: registryConfig(request.credentials) } : {}),
			signal,
		});
		try {
			if ((answer.statusCode ?? 0) >= 300) {
				yield refusal(answer.statusCode ?? 0, await textOfAnswer(answer, endpointUrl, signal));
				return;
			}
			for await (const message of jsonLines(answer)) {
				yield recordOf(message);
			}
		} finally {
			answer.destroy();
		}
	} catch (cause) {
		throw signal.aborted ? signal.reason : tarFailure ?? failureOf(cause, endpointUrl, signal);
	} finally {
		tar.destroy();
		session?.close();
	}
}

/**
 * BuildKit asks for credentials, secrets and the SSH agent through a session. One is opened only where there are any, or
 * where RUN asks for a secret that there is not: without a session that fails even where it may be left out. An engine
 * without sessions builds without, and says itself what it lacks.
 */
async function openedSession(wire: EngineWire, request: BuildRequest, signal: AbortSignal): Promise<BuildSession | undefined> {
	if (request.builder !== 'buildkit' || (request.lent === undefined && !hasCredentials(request))) {
		return undefined;
	}
	const session = buildSession(request.credentials, request.lent);
	const connection = await wire.upgrade('/session', session.headers, signal);
	if (connection === undefined) {
		session.close();
		return undefined;
	}
	session.serve(connection);
	return session;
}

function hasCredentials(request: BuildRequest): boolean {
	return Object.keys(request.credentials).length > 0;
}

/** The classic builder refuses a bad Dockerfile before its stream begins: that is the build's error, as in the stream. */
function refusal(status: number, body: string): BuildMessage {
	const error = answerError(status, body, 'build');
	if (error.reason === 'badRequest' || error.reason === 'failed') {
		return { error: error.message, errorDetail: { message: error.message } };
	}
	throw error;
}
