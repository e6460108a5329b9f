export type RegistryErrorReason =
	| 'unauthorized' | 'denied' | 'notFound' | 'rateLimited' | 'tls' | 'plainHttp' | 'unreachable' | 'interrupted' | 'noPlatform' | 'failed';

/** Why a registry, or the way to it, did not do a thing. The words for a person are made from `reason`. */
export class RegistryError extends Error {
	override readonly name = 'RegistryError';

	constructor(
		readonly reason: RegistryErrorReason,
		/** What was to be pulled or pushed. */
		readonly reference: string,
		/** The engine's or the registry's own words. */
		message: string,
	) {
		super(message);
	}
}

/** What the engine's words about a registry mean: they come as texts only. The first that fits holds. */
export function registryErrorReason(message: string): RegistryErrorReason {
	return reasons.find(([pattern]) => pattern.test(message))?.[1] ?? 'failed';
}

const reasons: readonly (readonly [RegExp, RegistryErrorReason])[] = [
	[/server gave HTTP response to HTTPS client/i, 'plainHttp'],
	[/toomanyrequests|rate limit|429 Too Many/i, 'rateLimited'],
	[/handshake timeout|no such host|connection refused|i\/o timeout|Client\.Timeout|deadline exceeded|network is unreachable|no route to host|server misbehaving|request canceled while waiting/i, 'unreachable'],
	[/x509:|tls:|certificate|first record does not look like a TLS handshake/i, 'tls'],
	[/no matching manifest|does not match the (?:specified|expected|detected) platform|does not provide the specified platform|no match for platform/i, 'noPlatform'],
	[/may require 'docker login'|requested access to the resource is denied|insufficient_scope|403 Forbidden/i, 'denied'],
	[/unauthorized|no basic auth credentials|authentication required|401 Unauthorized|incorrect username or password/i, 'unauthorized'],
	[/manifest unknown|name unknown|manifest for .* not found|repository .* not found|: not found$|404 Not Found/i, 'notFound'],
	[/unexpected EOF|\bEOF$|connection reset|broken pipe|closed network connection|short read|failed size validation|content size of zero|filesystem layer verification failed|httpReadSeeker|server closed|malformed HTTP|connection broken|unexpected end of JSON/i, 'interrupted'],
];
