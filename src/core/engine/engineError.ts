export type EngineErrorReason =
	| 'noEngine' | 'unreachable' | 'denied' | 'tls' | 'tooOld' | 'unknownContext'
	| 'notFound' | 'conflict' | 'unauthorized' | 'badRequest' | 'unsupported' | 'failed';

/** Why the engine could not do a thing. The words for a person are made in `platform/messages` and `cli` from `reason`. */
export class EngineError extends Error {
	override readonly name = 'EngineError';

	constructor(
		readonly reason: EngineErrorReason,
		/** The engine's or the system's own words. */
		message: string,
		/** What it was about: an endpoint, a reference, a container. */
		readonly subject: string | undefined = undefined,
		options?: ErrorOptions,
	) {
		super(message, options);
	}
}

/** Also true for an error of another bundle, where `instanceof` would not see it. */
export function isEngineError(failure: unknown): failure is EngineError {
	return failure instanceof Error && failure.name === 'EngineError' && 'reason' in failure;
}

/** Whether a failure only says that somebody cancelled. */
export function isCancellation(failure: unknown): boolean {
	return failure instanceof Error && (failure.name === 'AbortError' || failure.name === 'Canceled');
}
