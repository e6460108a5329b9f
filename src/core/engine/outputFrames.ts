import { EngineError } from './engineError';

/** A frame is a program's single write; more than this is no engine's. */
const longestFrame = 64 * 2 ** 20;

/**
 * What a process without a terminal wrote, to either output, out of the frames that the engine sends it in: a byte that
 * names the output, three of nothing, the length, the bytes (Engine API, ContainerAttach). Frames may be cut anywhere.
 */
export async function* outputFrames(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
	let held: Buffer = Buffer.alloc(0);
	let left = 0;
	for await (const chunk of stream) {
		held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
		while (held.length > 0) {
			if (left === 0) {
				if (held.length < 8) {
					break;
				}
				left = held.readUInt32BE(4);
				if ((held[0] ?? 0) > 3 || left > longestFrame) {
					throw new EngineError('failed', 'its output has no frames', undefined);
				}
				held = held.subarray(8);
				continue;
			}
			const part = held.subarray(0, left);
			left -= part.length;
			held = held.subarray(part.length);
			yield part;
		}
	}
}
