export type FileErrorReason = 'full' | 'denied' | 'missing' | 'noTar' | 'badArchive' | 'failed';

/** Why a file could not be written or read. The words for a person are made from `reason`. */
export class FileError extends Error {
	override readonly name = 'FileError';

	constructor(
		readonly reason: FileErrorReason,
		readonly path: string,
		/** The system's own words; of a `badArchive` the engine's where it was asked. What Strata finds wrong with that is the cause. */
		message: string,
		options?: ErrorOptions,
	) {
		super(message, options);
	}
}

/** A failure of the file system as ours; others stay what they are. */
export function toFileError(cause: unknown, path: string): unknown {
	if (!(cause instanceof Error) || !('code' in cause) || !('syscall' in cause)) {
		return cause;
	}
	switch (cause.code) {
		case 'ENOSPC':
		case 'EDQUOT':
		case 'EFBIG':
			return new FileError('full', path, cause.message, { cause });
		case 'EACCES':
		case 'EPERM':
		case 'EROFS':
			return new FileError('denied', path, cause.message, { cause });
		case 'ENOENT':
			return new FileError('missing', path, cause.message, { cause });
		default:
			return new FileError('failed', path, cause.message, { cause });
	}
}
