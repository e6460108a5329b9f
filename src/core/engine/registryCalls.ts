import { messagesOf } from './archiveCalls';
import type { Engine, RegistryCredential, TransferMessage } from './engine';
import { failureOf, pathOf, textOfAnswer, type EngineWire, type WireRequest } from './engineWire';
import { platformQuery } from './platformQuery';
import { foundImages } from './records/foundImages';
import { tagQuery } from './tagQuery';
import { answerError } from './toEngineError';

/** The engine's calls that go on to a registry. */
export function registryCalls(wire: EngineWire, endpointUrl: string): Pick<Engine, 'pullImage' | 'pushImage' | 'searchImages'> {
	return {
		pullImage: ({ reference, platform, credential }, signal) => transferred(wire, endpointUrl, {
			path: '/images/create',
			query: { ...pullQuery(reference), ...(platform === undefined ? {} : { platform }) },
			registryAuth: registryAuth(credential), signal,
		}),

		pushImage: ({ reference, platform, credential }, signal) => {
			const { repo, tag } = tagQuery(reference);
			const query = { tag, ...(platform === undefined ? {} : { platform: platformQuery(platform) }) };
			return transferred(wire, endpointUrl, { path: pathOf`/images/${repo}/push`, query, registryAuth: registryAuth(credential), signal });
		},

		searchImages: async (term, signal) => foundImages(await wire.ask({ path: '/images/search', query: { term, limit: '25' }, subject: term, signal })),
	};
}

/** A registry's no before the stream begins is the transfer's error, as in the stream. Aborting ends the engine's work. */
async function* transferred(wire: EngineWire, endpointUrl: string, request: WireRequest & { readonly signal: AbortSignal }): AsyncGenerator<TransferMessage> {
	const { signal } = request;
	const answer = await wire.open({ method: 'POST', ...request });
	try {
		const status = answer.statusCode ?? 0;
		if (status >= 300) {
			yield { error: answerError(status, await textOfAnswer(answer, endpointUrl, signal), undefined).message };
			return;
		}
		yield* messagesOf(answer);
	} catch (cause) {
		throw failureOf(cause, endpointUrl, signal);
	} finally {
		answer.destroy();
	}
}

/** By digest where one is said: the engine takes it in the place of a tag. */
function pullQuery(reference: string): { readonly fromImage: string; readonly tag: string } {
	const at = reference.indexOf('@');
	if (at >= 0) {
		return { fromImage: reference.slice(0, at).replace(/:[^:/]*$/, ''), tag: reference.slice(at + 1) };
	}
	const { repo, tag } = tagQuery(reference);
	return { fromImage: repo, tag };
}

/** The header `X-Registry-Auth` (Engine API, AuthConfig), base64url; an engine wants it on a push even where it says nothing. */
function registryAuth(credential: RegistryCredential | undefined): string {
	const config = credential === undefined ? {}
		: credential.identityToken === undefined ? { username: credential.username, password: credential.password } : { identitytoken: credential.identityToken };
	return Buffer.from(JSON.stringify(config)).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}
