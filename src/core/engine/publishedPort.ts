import { isIP, isIPv6 } from 'node:net';

/** A port of a container that the engine's machine listens on for it. */
export interface PublishedPort {
	/** In the container. */
	readonly port: number;
	readonly protocol: 'tcp' | 'udp' | 'sctp' | (string & {});
	readonly hostPort: number;
	/** Undefined: every address of the engine's machine. */
	readonly hostAddress: string | undefined;
}

/** Where a browser on this machine finds the port; undefined where it cannot: it is no tcp, or only the engine's own machine reaches it. */
export function browserUrl({ port, protocol, hostPort, hostAddress }: PublishedPort, endpointUrl: string): string | undefined {
	const engineHost = /^(?:tcp|https?|ssh):/.test(endpointUrl) ? new URL(endpointUrl).hostname : 'localhost';
	if (protocol !== 'tcp' || hostAddress !== undefined && (isIP(hostAddress) === 0 || isLoopback(hostAddress) && !isLoopback(engineHost))) {
		return undefined;
	}
	const host = hostAddress === undefined ? engineHost : isIPv6(hostAddress) ? `[${hostAddress}]` : hostAddress;
	return `${port === 443 ? 'https' : 'http'}://${host}:${String(hostPort)}`;
}

function isLoopback(host: string): boolean {
	return host === 'localhost' || host.startsWith('127.') || /^\[?::1\]?$/.test(host);
}
