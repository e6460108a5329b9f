import type { BuildMessage } from '../engine/engine';
import { BuildText } from './buildText';
import { decodeStatus } from './decodeStatus';
import type { BuildEvent } from './events';

/**
 * A build's messages as events, whichever builder sends them (BuildKit's trace, the classic builder's text, Podman's).
 * `now` stamps what carries no time of its own. Errors of the stream come through as they are.
 */
export async function* decodeMessages(messages: AsyncIterable<BuildMessage>, now: () => number = Date.now): AsyncGenerator<BuildEvent> {
	const text = new BuildText(now);
	const statuses = new Map<string, string>();
	for await (const message of messages) {
		if (message.stream !== undefined) {
			yield* text.read(message.stream);
		}
		if (typeof message.aux === 'string') {
			yield* decodeStatus(Buffer.from(message.aux, 'base64'), now());
		} else if (message.aux?.ID !== undefined && message.id === undefined) {
			text.imageTold(message.aux.ID);
		} else if (message.aux?.ID !== undefined) {
			yield { kind: 'image', imageId: message.aux.ID, at: now() };
		}
		if (message.status !== undefined && statuses.get(message.id ?? '') !== message.status) {
			// A pull repeats its status with every piece it gets: each is told once.
			statuses.set(message.id ?? '', message.status);
			const line = message.id === undefined ? message.status : `${message.id}: ${message.status}`;
			yield { kind: 'log', vertex: undefined, stream: 'out', data: Buffer.from(`${line}\n`), at: now() };
		}
		const error = message.errorDetail?.message ?? message.error;
		if (error !== undefined) {
			yield* text.flush();
			yield { kind: 'error', message: error, code: message.errorDetail?.code || undefined, at: now() };
		}
	}
	yield* text.flush();
}
