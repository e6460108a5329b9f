import type { CommitRequest, ContainerChange, Engine } from './engine/engine';

export interface CommitResult {
	readonly imageId: string;
	/** The new layer as the engine's history measures it; undefined where it does not. */
	readonly layerBytes: number | undefined;
	/** What the container had changed against its image when it was committed. */
	readonly changes: readonly ContainerChange[];
}

/** Makes an image of a container's state: its image's layers, and its own writable layer on top. */
export async function commitContainer(engine: Engine, request: CommitRequest, signal?: AbortSignal): Promise<CommitResult> {
	const changes = await engine.changes(request.containerId, signal);
	signal?.throwIfAborted();
	const imageId = await engine.commit(request);
	// The image exists from here on, so that a late cancellation no longer hides it.
	const [newest] = await engine.history(imageId);
	return { imageId, layerBytes: newest?.sizeBytes, changes };
}
