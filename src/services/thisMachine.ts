import { access, readdir, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { askCredentialHelper } from '../core/engine/credentialHelper';
import type { CredentialWorld } from '../core/engine/credentials';
import type { EndpointWorld } from '../core/engine/endpointWorld';

/** The machine this runs on, as endpoints and credentials are looked for in it. Nothing is read before it is asked for. */
export function thisMachine(setting?: string): EndpointWorld & CredentialWorld {
	return {
		setting,
		env: process.env,
		homeDir: homedir(),
		platform: process.platform,
		readFile: path => readFile(path).catch(() => undefined),
		exists: path => access(path).then(() => true, () => false),
		readFolder: path => readdir(path).catch(() => []),
		askHelper: askCredentialHelper,
	};
}
