import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import type { Engine } from '../../src/core/engine/engine';

/** Loads an archive made by code into an engine, under the names that it has. */
export async function loadArchive(engine: Engine, archive: Buffer): Promise<void> {
	for await (const message of engine.loadImages(Readable.from([archive]), new AbortController().signal)) {
		assert.equal(message.error, undefined);
	}
}
