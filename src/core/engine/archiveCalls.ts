import type { Readable } from 'node:stream';
import type { Engine, TransferMessage } from './engine';
import { EngineError } from './engineError';
import { failureOf, pathOf, type EngineWire, type WireRequest } from './engineWire';
import { jsonLines } from './jsonLines';
import { recordOf, textOf } from './records/wire';
import { tagQuery } from './tagQuery';

/** The engine's calls that write and read whole archives. */
export function archiveCalls(wire: EngineWire, endpointUrl: string, isPodman: boolean): Pick<Engine, 'saveImages' | 'loadImages' | 'importImage' | 'exportContainer'> {
	return {
		saveImages: async (references, signal) =>
			wire.stream({ path: '/images/get', query: { names: references }, subject: references.join(', '), signal }),

		loadImages: (archive, signal) =>
			uploaded(wire, endpointUrl, archive, { path: '/images/load', query: { quiet: '0' }, signal }),

		async importImage({ reference, message, changes }, tar, signal) {
			const query = {
				fromSrc: '-', message,
				// Podman 4 takes no tag but the one in the repository.
				...(reference === undefined ? {} : isPodman ? { repo: reference } : tagQuery(reference)),
				...(changes.length > 0 ? { changes } : {}),
			};
			let id: string | undefined;
			for await (const { status, error } of uploaded(wire, endpointUrl, tar, { path: '/images/create', query, subject: reference ?? 'import', signal })) {
				if (error !== undefined) {
					throw new EngineError('failed', error, reference);
				}
				id = status?.startsWith('sha256:') ? status.trim() : id;
			}
			if (id === undefined) {
				throw new EngineError('failed', 'the engine named no image', reference);
			}
			return id;
		},

		exportContainer: async (id, signal) => wire.stream({ path: pathOf`/containers/${id}/export`, subject: id, signal }),
	};
}

/** Sends a body and gives the messages that come back. A failure of the body is thrown as it is: it is the caller's. */
async function* uploaded(wire: EngineWire, endpointUrl: string, body: Readable, request: WireRequest & { readonly signal: AbortSignal }): AsyncGenerator<TransferMessage> {
	const { signal } = request;
	let bodyFailure: Error | undefined;
	body.on('error', failure => { bodyFailure = failure; });
	try {
		yield* messagesOf(await wire.stream({ method: 'POST', body, ...request }));
	} catch (cause) {
		throw signal.aborted ? signal.reason : bodyFailure ?? failureOf(cause, endpointUrl, signal);
	} finally {
		body.destroy();
	}
}

/** The messages of an answer, as they come. */
export async function* messagesOf(answer: AsyncIterable<Uint8Array>): AsyncGenerator<TransferMessage> {
	for await (const line of jsonLines(answer)) {
		const record = recordOf(line);
		const error = textOf(recordOf(record['errorDetail'])['message']) ?? textOf(record['error']);
		yield error === undefined ? record : { ...record, error };
	}
}
