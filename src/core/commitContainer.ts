import type { CommitRequest, Engine } from './engine/engine';

export interface CommitResult {
	readonly imageId: string;
	/** The new layer as the engine's history measures it; undefined where it does not. */
	readonly layerBytes: number | undefined;
}

/**
 * Makes an image of a container's state: its image's layers, and its own writable layer on top. No engine ends a commit
 * that it has begun: once cancelled, this ends when the engine has, and no image is left. Throws `EngineError`, or the
 * signal's reason.
 */
export async function commitContainer(engine: Engine, request: CommitRequest, signal?: AbortSignal): Promise<CommitResult> {
	const { reference } = request;
	signal?.throwIfAborted();
	// The name comes last: until then it is that of the image which had it before.
	const imageId = await engine.commit({ ...request, reference: undefined });
	try {
		const [newest] = await engine.history(imageId);
		signal?.throwIfAborted();
		if (reference !== undefined) {
			await engine.tagImage(imageId, reference);
		}
		return { imageId, layerBytes: newest?.sizeBytes };
	} catch (cause) {
		await engine.removeImage(imageId, { keepParents: true });
		throw cause;
	}
}
