import { createHash } from 'node:crypto';
import type { Endpoint, TlsMaterial } from './engine';
import { dockerConfigFolder, pathsOf, type EndpointWorld } from './endpointWorld';
import { EngineError } from './engineError';
import { jsonOf, recordOf, someTextOf, type WireRecord } from './records/wire';

/** The context that `docker context use` chose; undefined where none was chosen or the file is no JSON. */
export async function currentContext(world: EndpointWorld): Promise<string | undefined> {
	return someTextOf((await dockerConfig(world))['currentContext']);
}

/** The CLI's `config.json`; empty where it is missing or broken. */
export async function dockerConfig(world: Pick<EndpointWorld, 'env' | 'homeDir' | 'platform' | 'readFile'>): Promise<WireRecord> {
	return recordOf(jsonOf(await world.readFile(pathsOf(world).join(dockerConfigFolder(world), 'config.json'))));
}

/** The engine of a Docker context (docker/cli, cli/context/store). Throws `unknownContext`. */
export async function contextEndpoint(world: EndpointWorld, name: string): Promise<Endpoint> {
	const path = pathsOf(world);
	const folder = path.join(dockerConfigFolder(world), 'contexts');
	const id = createHash('sha256').update(name).digest('hex');
	const meta = recordOf(jsonOf(await world.readFile(path.join(folder, 'meta', id, 'meta.json'))));
	const docker = recordOf(recordOf(meta['Endpoints'])['docker']);
	const url = someTextOf(docker['Host']);
	if (url === undefined) {
		throw new EngineError('unknownContext', name, name);
	}
	const tls = await tlsMaterialIn(world, path.join(folder, 'tls', id, 'docker'), docker['SkipTLSVerify'] === true);
	const needsTls = tls.skipVerify || tls.ca !== undefined || tls.cert !== undefined;
	return { url, origin: 'dockerContext', name, tls: needsTls ? tls : undefined };
}

/** Names of all contexts in the CLI's store; `default` is in none. */
export async function contextNames(world: EndpointWorld): Promise<readonly string[]> {
	const path = pathsOf(world);
	const folder = path.join(dockerConfigFolder(world), 'contexts', 'meta');
	const metas = await Promise.all((await world.readFolder(folder)).map(id => world.readFile(path.join(folder, id, 'meta.json'))));
	return metas.flatMap(meta => someTextOf(recordOf(jsonOf(meta))['Name']) ?? []).sort();
}

/** `ca.pem`, `cert.pem` and `key.pem` of a folder, as far as they are there. */
export async function tlsMaterialIn(world: EndpointWorld, folder: string, skipVerify: boolean): Promise<TlsMaterial> {
	const [ca, cert, key] = await Promise.all(['ca.pem', 'cert.pem', 'key.pem'].map(name => world.readFile(pathsOf(world).join(folder, name))));
	return { ca, cert, key, skipVerify };
}
