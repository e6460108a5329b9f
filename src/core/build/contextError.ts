export type ContextErrorKind = 'missingContext' | 'missingDockerfile' | 'vanished' | 'unreadable' | 'changedSize';

/** Why the build context could not be packed. The words for a person are made in `words/build` from `kind`. */
export class ContextError extends Error {
	override readonly name = 'ContextError';

	constructor(
		readonly kind: ContextErrorKind,
		/** As the user knows it: relative to the context, with forward slashes; the context's own path for itself. */
		readonly path: string,
		options?: ErrorOptions,
	) {
		super(`${kind}: ${path}`, options);
	}
}

export function isContextError(failure: unknown): failure is ContextError {
	return failure instanceof ContextError;
}

/** A file system error about `path` as a `ContextError`. */
export function toContextError(error: unknown, path: string): ContextError {
	if (error instanceof ContextError) {
		return error;
	}
	const code = error instanceof Error && 'code' in error ? error.code : undefined;
	// A name that is not UTF-8 cannot be asked for again: it is there, but not readable for us.
	const gone = (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP') && !path.includes('\uFFFD');
	return new ContextError(gone ? 'vanished' : 'unreadable', path, { cause: error });
}
