import { createHash } from 'node:crypto';

/** A short name for a value: 128 bits of the SHA-256 of its JSON. Equal values have equal names. */
export function fingerprint(value: unknown): string {
	return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 32);
}
