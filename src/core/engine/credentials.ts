import { dockerConfig } from './dockerContext';
import type { EndpointWorld } from './endpointWorld';
import type { RegistryCredential } from './engine';
import { recordOf, someTextOf, textMapOf, textOf, type WireRecord } from './records/wire';

/** What the CLI and the engine call Docker Hub where credentials are concerned. */
export const dockerHub = 'https://index.docker.io/v1/';

export interface CredentialWorld extends Pick<EndpointWorld, 'env' | 'homeDir' | 'platform' | 'readFile'> {
	/** Runs `docker-credential-<helper> get` with the registry on its input; its output. */
	askHelper(helper: string, registry: string): Promise<string>;
	/** Told of a helper that failed: the words never hold what it answered. */
	onHelperFailed?(helper: string, registry: string, cause: unknown): void;
}

/**
 * The CLI's credentials for just these registries, each under the name the engine knows it by. A registry without
 * credentials, or whose helper fails, is left out: its images may be public. The result must not be logged.
 */
export async function credentialsFor(registries: readonly string[], world: CredentialWorld): Promise<Readonly<Record<string, RegistryCredential>>> {
	const config = await dockerConfig(world);
	const names = [...new Set(registries.map(registryName))];
	const found = await Promise.all(names.map(async name => [name, await credentialOf(name, config, world)] as const));
	return Object.fromEntries(found.filter((entry): entry is [string, RegistryCredential] => entry[1] !== undefined));
}

/** `docker.io`, `https://index.docker.io/v1/`, … → Docker Hub; anything else → its host and port. */
export function registryName(registry: string): string {
	const host = registry.replace(/^https?:\/\//, '').replace(/\/.*$/, '').toLowerCase();
	return hubHosts.has(host) ? dockerHub : host;
}

const hubHosts = new Set(['docker.io', 'index.docker.io', 'registry-1.docker.io', 'registry.hub.docker.com']);

/** As docker/cli, `ConfigFile.GetAuthConfig`: the registry's own helper, else the store, else the file. */
async function credentialOf(registry: string, config: WireRecord, world: CredentialWorld): Promise<RegistryCredential | undefined> {
	const helpers = textMapOf(config['credHelpers']);
	const own = Object.entries(helpers).find(([name]) => registryName(name) === registry)?.[1];
	const helper = own ?? someTextOf(config['credsStore']);
	return helper === undefined ? credentialInFile(registry, config) : await credentialOfHelper(helper, registry, world);
}

function credentialInFile(registry: string, config: WireRecord): RegistryCredential | undefined {
	const entry = Object.entries(recordOf(config['auths'])).find(([name]) => registryName(name) === registry)?.[1];
	const auth = recordOf(entry);
	const decoded = Buffer.from(textOf(auth['auth']) ?? '', 'base64').toString('utf8');
	const colon = decoded.indexOf(':');
	return credential(
		colon < 0 ? textOf(auth['username']) : decoded.slice(0, colon),
		// The CLI once padded what it encoded with NULs.
		colon < 0 ? textOf(auth['password']) : decoded.slice(colon + 1).replace(/\0+$/, ''),
		someTextOf(auth['identitytoken']),
	);
}

async function credentialOfHelper(helper: string, registry: string, world: CredentialWorld): Promise<RegistryCredential | undefined> {
	try {
		// The name becomes part of a program's name: no folders in it.
		if (!/^[\w.-]+$/.test(helper)) {
			throw new Error('not the name of a helper');
		}
		const answer = secretRecord(await world.askHelper(helper, registry));
		const [username, secret] = [textOf(answer['Username']), textOf(answer['Secret'])];
		return username === '<token>' ? credential('', '', secret) : credential(username, secret, undefined);
	} catch (cause) {
		world.onHelperFailed?.(helper, registry, cause);
		return undefined;
	}
}

/** JSON.parse quotes what it cannot read, which here may be a password: its error goes no further. */
function secretRecord(text: string): WireRecord {
	try {
		return recordOf(JSON.parse(text));
	} catch {
		throw new Error('the answer is no JSON');
	}
}

function credential(username: string | undefined, password: string | undefined, identityToken: string | undefined): RegistryCredential | undefined {
	return identityToken === undefined && (!username || password === undefined)
		? undefined
		: { username: username ?? '', password: password ?? '', identityToken };
}
