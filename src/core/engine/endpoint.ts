import { contextEndpoint, contextNames, currentContext, tlsMaterialIn } from './dockerContext';
import type { Endpoint, TlsMaterial } from './engine';
import { dockerConfigFolder, type EndpointWorld } from './endpointWorld';
import { wellKnownSockets } from './wellKnownSockets';

/**
 * Where the engine is, in the order of the Docker CLI (docker/cli, resolveContextName) with what it does not know at
 * either end: the setting, DOCKER_HOST, DOCKER_CONTEXT, the CLI's current context, then the first well-known socket
 * that exists. Throws `unknownContext` for a context that is named but not there, as the CLI does.
 */
export async function resolveEndpoint(world: EndpointWorld): Promise<Endpoint> {
	const setting = world.setting?.trim();
	if (setting) {
		return await namedEndpoint(world, setting);
	}
	const fromEnvironment = await environmentEndpoint(world);
	if (fromEnvironment !== undefined) {
		return fromEnvironment;
	}
	const context = world.env['DOCKER_CONTEXT'] || await currentContext(world);
	if (context !== undefined && context !== 'default') {
		return contextEndpoint(world, context);
	}
	const [socket] = await presentSockets(world);
	return socket ?? defaultEndpoint(world);
}

/** All places where an engine may be, for a person to pick from: each once, the one in force first. */
export async function listEndpoints(world: EndpointWorld): Promise<readonly Endpoint[]> {
	const contexts = (await contextNames(world)).map(name => contextEndpoint(world, name));
	const found = await Promise.allSettled([resolveEndpoint(world), environmentEndpoint(world), ...contexts]);
	const endpoints = [
		...found.flatMap(result => result.status === 'fulfilled' ? result.value ?? [] : []),
		...await presentSockets(world),
	];
	return endpoints.filter((endpoint, index) => endpoints.findIndex(({ url }) => url === endpoint.url) === index);
}

async function namedEndpoint(world: EndpointWorld, setting: string): Promise<Endpoint> {
	if (setting === 'default') {
		return await environmentEndpoint(world) ?? defaultEndpoint(world);
	}
	if (!/:\/\/|:\d+$/.test(setting)) {
		return { ...await contextEndpoint(world, setting), origin: 'setting' };
	}
	return urlEndpoint(world, setting, 'setting');
}

async function environmentEndpoint(world: EndpointWorld): Promise<Endpoint | undefined> {
	const host = world.env['DOCKER_HOST'];
	return host ? urlEndpoint(world, host, 'environment') : undefined;
}

async function urlEndpoint(world: EndpointWorld, host: string, origin: 'setting' | 'environment'): Promise<Endpoint> {
	const url = host.includes('://') ? host : `tcp://${host}`;
	return {
		url: url === 'unix://' ? defaultEndpoint(world).url : url,
		origin,
		name: undefined,
		tls: /^(tcp|https):/.test(url) ? await environmentTls(world) : undefined,
	};
}

/** DOCKER_TLS_VERIFY and DOCKER_TLS mean "set to anything", as in the CLI; the second does not check the engine's name. */
async function environmentTls(world: EndpointWorld): Promise<TlsMaterial | undefined> {
	const { DOCKER_TLS_VERIFY: verify, DOCKER_TLS: tls, DOCKER_CERT_PATH: folder } = world.env;
	return verify || tls ? tlsMaterialIn(world, folder || dockerConfigFolder(world), !verify) : undefined;
}

async function presentSockets(world: EndpointWorld): Promise<readonly Endpoint[]> {
	const sockets = await Promise.all(wellKnownSockets(world).map(async socket => await world.exists(socket.path) ? socket : undefined));
	return sockets.flatMap(socket => socket === undefined ? [] : { url: socket.url, origin: 'wellKnownSocket' as const, name: socket.name, tls: undefined });
}

function defaultEndpoint(world: EndpointWorld): Endpoint {
	const url = world.platform === 'win32' ? 'npipe:////./pipe/docker_engine' : 'unix:///var/run/docker.sock';
	return { url, origin: 'default', name: undefined, tls: undefined };
}
