import type { FileError } from '../core/fileError';
import { ArchiveError } from '../core/layers/archiveError';
import { describeArchiveError } from './archiveError';
import type { Translate } from './translate';

/** Why a file could not be written or read, in one sentence. Writing is whole or not at all, so nothing half is left. */
export function describeFileError({ reason, path, message, cause }: FileError, t: Translate): string {
	switch (reason) {
		case 'full': return t('The disk of {0} is full, so nothing was written. Make room there, or choose another place.', path);
		case 'denied': return t('{0} may not be used: {1}. Choose another place.', path, message);
		case 'missing': return t('{0} is not there.', path);
		case 'noTar': return t('{0} is no tar archive. Choose a .tar, or one compressed by gzip, bzip2, xz or zstd.', path);
		case 'badArchive': return t('{0} cannot be loaded. {1} Save or download it again, or choose another.', path, cause instanceof ArchiveError ? describeArchiveError(cause, t) : message);
		case 'failed': return t('{0} could not be used: {1}', path, message);
	}
}
