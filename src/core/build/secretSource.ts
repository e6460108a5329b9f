/** Where a build finds the secret that RUN mounts under an id. `none`: nowhere, and that is meant so. */
export type SecretSource =
	| { readonly kind: 'file'; readonly path: string }
	| { readonly kind: 'environment'; readonly name: string }
	| { readonly kind: 'none' };

/**
 * Why a build cannot be given a secret: the file is not there, or cannot be read; the variable has no value; there are
 * more than `longestSecret` bytes. Words for a person are made in `words/build`.
 */
export type SecretErrorReason = 'missingFile' | 'unreadable' | 'unsetVariable' | 'tooLong';

export class SecretError extends Error {
	override readonly name = 'SecretError';

	constructor(
		readonly reason: SecretErrorReason,
		readonly id: string,
		/** The file's path or the variable's name. */
		readonly place: string,
		options?: ErrorOptions,
	) {
		super(`secret ${id}: ${reason}: ${place}`, options);
	}
}
