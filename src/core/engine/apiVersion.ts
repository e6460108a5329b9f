import { EngineError } from './engineError';

/** The oldest version whose answers we know (Docker 20.10). */
export const oldestApiVersion = '1.41';

/** The newest version whose answers we know. A newer engine still speaks it. */
export const newestApiVersion = '1.51';

/**
 * The version to speak with an engine whose newest is `offered` (header `Api-Version` of `GET /_ping`).
 * Throws `tooOld`; an engine that names no version is one of before 2013, or none at all.
 */
export function negotiateApiVersion(offered: string | undefined, subject: string): string {
	if (offered === undefined || !/^\d+\.\d+$/.test(offered) || compareApiVersions(offered, oldestApiVersion) < 0) {
		throw new EngineError('tooOld', `API ${offered ?? '?'} < ${oldestApiVersion}`, subject);
	}
	return compareApiVersions(offered, newestApiVersion) < 0 ? offered : newestApiVersion;
}

/** Negative where `one` is older: 1.9 is older than 1.41. */
export function compareApiVersions(one: string, other: string): number {
	const [major = 0, minor = 0] = one.split('.').map(Number);
	const [otherMajor = 0, otherMinor = 0] = other.split('.').map(Number);
	return major - otherMajor || minor - otherMinor;
}
