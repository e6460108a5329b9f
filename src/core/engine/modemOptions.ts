import type { Agent } from 'node:http';
import { Agent as SecureAgent } from 'node:https';
import type { Endpoint } from './engine';
import { EngineError } from './engineError';
import { sshAgents } from './sshAgent';

/** How docker-modem is told where an engine is. */
export interface ModemOptions {
	readonly host: string | undefined;
	readonly port?: number;
	readonly socketPath?: string;
	readonly protocol: 'http' | 'https';
	readonly ca?: Buffer;
	readonly cert?: Buffer;
	readonly key?: Buffer;
	readonly agent?: Agent;
	/** For questions that are answered at once, where they go another way. */
	readonly briefAgent?: Agent;
}

/** Throws `badRequest` for what is no engine's address. */
export function modemOptions(endpoint: Endpoint): ModemOptions {
	const [, scheme = 'tcp', rest = ''] = /^(?:([a-z]+):\/\/)?(.*)$/i.exec(endpoint.url) ?? [];
	switch (scheme.toLowerCase()) {
		case 'unix':
		case 'npipe':
			return { host: undefined, protocol: 'http', socketPath: rest };
		case 'ssh': {
			const { brief, lasting } = sshAgents(endpoint.url);
			return { host: 'docker', protocol: 'http', agent: lasting, briefAgent: brief };
		}
		case 'tcp':
		case 'http':
		case 'https':
			return tcpOptions(scheme.toLowerCase(), rest, endpoint);
		default:
			throw new EngineError('badRequest', `${scheme}:// is no engine's address`, endpoint.url);
	}
}

function tcpOptions(scheme: string, rest: string, endpoint: Endpoint): ModemOptions {
	let url;
	try {
		url = new URL(`http://${rest}`);
	} catch (cause) {
		throw new EngineError('badRequest', `${endpoint.url} is no engine's address`, endpoint.url, { cause });
	}
	const { tls } = endpoint;
	const secure = tls !== undefined || scheme === 'https';
	const material = {
		...(tls?.ca === undefined ? {} : { ca: tls.ca }),
		...(tls?.cert === undefined ? {} : { cert: tls.cert }),
		...(tls?.key === undefined ? {} : { key: tls.key }),
	};
	return {
		// An IPv6 address without its brackets: docker-modem puts its own.
		host: url.hostname.replace(/^\[|\]$/g, ''),
		port: url.port === '' ? secure ? 2376 : 2375 : Number(url.port),
		protocol: secure ? 'https' : 'http',
		...material,
		...(tls?.skipVerify ? { agent: new SecureAgent({ ...material, rejectUnauthorized: false }) } : {}),
	};
}
