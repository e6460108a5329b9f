import type { ArchiveLimits } from './limits';

/**
 * What is wrong with an archive. `bound`: it asks for more than Strata gives to one archive; `bound` names which limit.
 * `noImage`: the archive is sound and has no image as asked for.
 */
export type ArchiveErrorKind =
	| 'truncated' | 'badHeader' | 'badCompression' | 'badJson' | 'badManifest' | 'unsafePath' | 'linkLoop'
	| 'missingBlob' | 'digestMismatch' | 'bound' | 'notArchive' | 'noImage' | 'notFound' | 'notFile';

interface ArchiveErrorDetails extends ErrorOptions {
	readonly bound?: keyof ArchiveLimits;
	readonly limit?: number;
	/** What was found instead: a digest, a kind, the images there are. */
	readonly found?: string;
}

/** Why an archive, a layer or a file in it could not be read. The words for a person are in `words/archiveError`. */
export class ArchiveError extends Error {
	override readonly name = 'ArchiveError';
	readonly bound: keyof ArchiveLimits | undefined;
	readonly limit: number | undefined;
	readonly found: string | undefined;

	constructor(
		readonly kind: ArchiveErrorKind,
		/** What it is about: a path in the archive, a digest, a path in the image. */
		readonly subject: string | undefined = undefined,
		details: ArchiveErrorDetails = {},
	) {
		super([kind, details.bound, subject, details.found].filter(part => part !== undefined).join(': '), details);
		this.bound = details.bound;
		this.limit = details.limit;
		this.found = details.found;
	}
}

/** The same error said about something: the outer path of a layer, where the inner reader knew none. */
export function about(subject: string, error: unknown): unknown {
	if (!(error instanceof ArchiveError)) {
		return error;
	}
	const { bound, limit, found } = error;
	const where = error.subject === undefined || error.subject === subject ? subject : `${subject}: ${error.subject}`;
	return new ArchiveError(error.kind, where, { bound, limit, found, cause: error });
}

export function exceeded(limits: ArchiveLimits, bound: keyof ArchiveLimits, subject?: string): ArchiveError {
	return new ArchiveError('bound', subject, { bound, limit: limits[bound] });
}
