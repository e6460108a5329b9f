import { formatBytes } from '../core/base/bytes';
import type { Translate } from './translate';

/** How far verifying an archive is, which goes on while a person looks into it. `bytes` of `totalBytes` are read. */
export function verifyingWords(bytes: number, totalBytes: number | undefined, t: Translate): string {
	const far = totalBytes === undefined ? formatBytes(bytes) : t('{0} of {1}', formatBytes(bytes), formatBytes(totalBytes));
	return t('Verifying that every layer is what the image says: {0}. Removing the archive from the Images view stops it.', far);
}

export function verifiedWords(t: Translate): string {
	return t('Verified: every layer is what the image says, by its SHA-256 digest.');
}

/** `why`: what is wrong, a sentence. */
export function notVerifiedWords(name: string, why: string, t: Translate): string {
	return t('{0} does not hold what it says. {1} What the Images view shows of it may be wrong.', name, why);
}
