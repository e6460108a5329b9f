import Docker from 'dockerode';
import { compareApiVersions, negotiateApiVersion } from './apiVersion';
import { archiveCalls } from './archiveCalls';
import { buildKitCalls } from './buildKitCalls';
import { buildMessages } from './buildMessages';
import { containerCalls } from './containerCalls';
import type { Endpoint, Engine, EngineEvent } from './engine';
import { EngineError } from './engineError';
import { engineWire, failureOf, pathOf, textOfAnswer, type Dial, type EngineWire, type Query } from './engineWire';
import { jsonLines } from './jsonLines';
import { modemOptions } from './modemOptions';
import { cacheRecords } from './records/cacheRecords';
import { containerChanges, containerDetails, containerSizes, containerSummaries, pathStat } from './records/containers';
import { diskUsage } from './records/diskUsage';
import { engineEvent } from './records/engineEvents';
import { engineDetails, engineInfo } from './records/engineInfo';
import { historyRows, imageDetails, imageSummaries, removedImages } from './records/images';
import { imageIdOf, numberOf, recordOf, textOf } from './records/wire';
import { platformQuery } from './platformQuery';
import { registryCalls } from './registryCalls';
import { tagQuery } from './tagQuery';
import { answerError } from './toEngineError';

/** How long an engine may take to say that it is there. */
const pingTimeoutMs = 10_000;

/**
 * The engine at an endpoint, spoken to through dockerode in the newest API version that both sides know. Throws
 * `EngineError`: `noEngine`, `unreachable`, `denied`, `tls`, `tooOld`, or `badRequest` for what is no engine's address.
 */
export async function createDockerEngine(endpoint: Endpoint, signal?: AbortSignal): Promise<Engine> {
	const greeting = await greet(endpoint, signal);
	return engineOver(engineWire(dialOf(endpoint, `v${greeting.apiVersion}`), endpoint.url), endpoint, greeting);
}

interface Greeting {
	readonly apiVersion: string;
	readonly isPodman: boolean;
}

async function greet(endpoint: Endpoint, signal: AbortSignal | undefined): Promise<Greeting> {
	const timeout = AbortSignal.timeout(pingTimeoutMs);
	const wire = engineWire(dialOf(endpoint, undefined), endpoint.url);
	try {
		const answer = await wire.open({ path: '/_ping', signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]) });
		const words = await textOfAnswer(answer, endpoint.url, signal);
		if ((answer.statusCode ?? 0) >= 400) {
			throw answerError(answer.statusCode ?? 0, words, endpoint.url);
		}
		return { apiVersion: negotiateApiVersion(textOf(answer.headers['api-version']), endpoint.url), isPodman: 'libpod-api-version' in answer.headers };
	} catch (cause) {
		throw timeout.aborted && !signal?.aborted ? new EngineError('unreachable', `${pingTimeoutMs} ms`, endpoint.url, { cause }) : cause;
	}
}

/** docker-modem reads `DOCKER_HOST` and its certificates even when told where to go, and fails on bad ones: so it must not see it. */
function dialOf(endpoint: Endpoint, version: string | undefined): Dial {
	const { briefAgent, ...options } = modemOptions(endpoint);
	const { DOCKER_HOST: dockerHost } = process.env;
	delete process.env['DOCKER_HOST'];
	try {
		const { modem } = new Docker({ ...options, version });
		const brief = briefAgent === undefined ? modem : new Docker({ ...options, ...{ agent: briefAgent }, version }).modem;
		return ({ isBrief, ...request }, done) => { (isBrief ? brief : modem).dial(request, done); };
	} finally {
		if (dockerHost !== undefined) {
			process.env['DOCKER_HOST'] = dockerHost;
		}
	}
}

function engineOver(wire: EngineWire, endpoint: Endpoint, { apiVersion, isPodman }: Greeting): Engine {
	const knows = (version: string): boolean => compareApiVersions(apiVersion, version) >= 0;
	const hasShared = knows('1.42');
	const listed = (query: Query, signal?: AbortSignal): Promise<unknown> => wire.ask({
		path: '/images/json', query: { ...query, ...(hasShared ? { 'shared-size': '1' } : {}), ...(knows('1.47') ? { manifests: '1' } : {}) }, signal,
	});
	// From 1.48 on for history and archives; only with what `inspect` says of it (1.49) are they of use.
	const knowsPlatforms = knows('1.49');
	const ofPlatform = (platform: string | undefined): Record<string, string> => platform !== undefined && knowsPlatforms ? { platform: platformQuery(platform) } : {};
	const about = (subject: string, signal?: AbortSignal) => ({ subject, signal });
	return {
		endpoint,

		async info(signal) {
			const [info, version] = await Promise.all([wire.ask({ path: '/info', signal }), wire.ask({ path: '/version', signal })]);
			return engineInfo(info, version, apiVersion);
		},

		async details(signal) {
			return engineDetails(await wire.ask({ path: '/info', signal }));
		},

		async diskUsage(signal) {
			return diskUsage(await wire.ask({ path: '/system/df', signal }));
		},

		build: (request, tar, signal) => buildMessages(wire, endpoint.url, request, tar, signal),

		async cancelBuild(buildId) {
			await wire.ask({ method: 'POST', path: '/build/cancel', query: { id: buildId } });
		},

		async images(signal) {
			return imageSummaries(await listed({}, signal), { hasShared, knowsPlatforms });
		},

		async allImages(signal) {
			return imageSummaries(await listed({ all: '1' }, signal), { hasShared, knowsPlatforms });
		},

		async image(reference, signal, platform) {
			return imageDetails(await wire.ask({ path: pathOf`/images/${reference}/json`, query: ofPlatform(platform), ...about(reference, signal) }));
		},

		async history(reference, signal, platform) {
			return historyRows(await wire.ask({ path: pathOf`/images/${reference}/history`, query: ofPlatform(platform), ...about(reference, signal) }), !isPodman);
		},

		inspectImage: async reference => wire.ask({ path: pathOf`/images/${reference}/json`, subject: reference }),

		inspectContainer: async id => wire.ask({ path: pathOf`/containers/${id}/json`, subject: id }),

		saveImage: async (reference, signal, platform) => wire.stream({ path: pathOf`/images/${reference}/get`, query: ofPlatform(platform), ...about(reference, signal) }),

		saveRequest(reference, platform) {
			const { socketPath } = modemOptions(endpoint);
			const query = new URLSearchParams(ofPlatform(platform)).toString();
			const path = pathOf`/v${apiVersion}/images/${reference}/get`;
			return socketPath === undefined ? undefined : { socketPath, path: query === '' ? path : `${path}?${query}`, endpointUrl: endpoint.url };
		},

		...archiveCalls(wire, endpoint.url, isPodman),
		...registryCalls(wire, endpoint.url),

		async tagImage(id, reference) {
			await wire.ask({ method: 'POST', path: pathOf`/images/${id}/tag`, query: tagQuery(reference), subject: id });
		},

		async removeImage(reference, options) {
			const query = { ...(options?.force ? { force: '1' } : {}), ...(options?.keepParents ? { noprune: '1' } : {}) };
			return removedImages(await wire.ask({ method: 'DELETE', path: pathOf`/images/${reference}`, query, subject: reference }));
		},

		async containers(signal) {
			return containerSummaries(await wire.ask({ path: '/containers/json', query: { all: '1' }, signal }));
		},

		async containerSizes(signal) {
			return containerSizes(await wire.ask({ path: '/containers/json', query: { all: '1', size: '1' }, signal }));
		},

		async container(id, signal) {
			const record = await wire.ask({ path: pathOf`/containers/${id}/json`, ...about(id, signal) });
			const filters = JSON.stringify({ id: [textOf(recordOf(record)['Id']) ?? id] });
			const [summary] = containerSummaries(await wire.ask({ path: '/containers/json', query: { all: '1', filters }, signal }));
			if (summary === undefined) {
				throw new EngineError('notFound', id, id);
			}
			return containerDetails(summary, record);
		},

		async changes(id, signal) {
			return containerChanges(await wire.ask({ path: pathOf`/containers/${id}/changes`, ...about(id, signal) }));
		},

		async statInContainer(id, path, signal) {
			const answer = await wire.open({ method: 'HEAD', path: pathOf`/containers/${id}/archive`, query: { path }, signal });
			answer.resume();
			const status = answer.statusCode ?? 0;
			if (status >= 400 && status !== 404) {
				throw answerError(status, '', path);
			}
			return pathStat(textOf(answer.headers['x-docker-container-path-stat']) ?? '');
		},

		readFromContainer: async (id, path, signal) =>
			wire.stream({ path: pathOf`/containers/${id}/archive`, query: { path }, ...about(path, signal) }),

		async commit(request) {
			const answer = await wire.ask({
				method: 'POST',
				path: '/commit',
				query: {
					container: request.containerId,
					...(request.reference === undefined ? {} : tagQuery(request.reference)),
					comment: request.message,
					author: request.author,
					pause: request.pause ? '1' : '0',
					...(request.changes.length > 0 ? { changes: request.changes.join('\n') } : {}),
				},
				// Podman takes no commit without a config; with one, were it empty, Docker takes changes otherwise than without.
				...(isPodman ? { json: { Labels: {} } } : {}),
				subject: request.containerId,
			});
			return imageIdOf(recordOf(answer)['Id']) ?? '';
		},

		async cacheRecords(signal) {
			const query = { ...(knows('1.42') ? { type: 'build-cache' } : {}), ...(knows('1.52') ? { verbose: '1' } : {}) };
			return cacheRecords(await wire.ask({ path: '/system/df', query, signal }));
		},

		async pruneCacheRecords(ids) {
			let freed = 0;
			for (const id of ids) {
				// The engine matches `id` as a pattern and takes one a call: anything shorter than a whole id could name others too.
				if (!/^[a-z0-9]{25,}$/.test(id)) {
					throw new EngineError('badRequest', id, id);
				}
				const query = { all: '1', filters: JSON.stringify({ id: [id] }) };
				freed += numberOf(recordOf(await wire.ask({ method: 'POST', path: '/build/prune', query }))['SpaceReclaimed']) ?? 0;
			}
			return freed;
		},

		...buildKitCalls(wire, endpoint.url),
		...containerCalls(wire),

		async removeContainer(id, options) {
			const query = { ...(options?.force ? { force: '1' } : {}), ...(options?.volumes ? { v: '1' } : {}) };
			await wire.ask({ method: 'DELETE', path: pathOf`/containers/${id}`, query, subject: id });
		},

		events: signal => engineEvents(wire, endpoint, signal),
	};
}

async function* engineEvents(wire: EngineWire, endpoint: Endpoint, signal: AbortSignal): AsyncGenerator<EngineEvent> {
	try {
		for await (const line of jsonLines(await wire.stream({ path: '/events', signal }))) {
			const event = engineEvent(line);
			if (event !== undefined) {
				yield event;
			}
		}
	} catch (cause) {
		if (!signal.aborted) {
			throw failureOf(cause, endpoint.url, signal);
		}
	}
	if (!signal.aborted) {
		throw new EngineError('unreachable', 'the event stream ended', endpoint.url);
	}
}
