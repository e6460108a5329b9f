import type { FileError } from '../core/fileError';
import type { Translate } from './translate';

/** Why a file could not be written or read, in one sentence. Writing is whole or not at all, so nothing half is left. */
export function describeFileError({ reason, path, message }: FileError, t: Translate): string {
	switch (reason) {
		case 'full': return t('The disk of {0} is full, so nothing was written. Make room there, or choose another place.', path);
		case 'denied': return t('{0} may not be used: {1}. Choose another place.', path, message);
		case 'missing': return t('{0} is not there.', path);
		case 'noTar': return t('{0} is no tar archive. Choose a .tar, or one compressed by gzip, bzip2, xz or zstd.', path);
		case 'failed': return t('{0} could not be used: {1}', path, message);
	}
}
