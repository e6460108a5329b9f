import { inflaterFor, type Compression } from './inflater';
import type { ArchiveLimits } from './limits';

/** A compressed stream uncompressed, pulled in pieces small enough that what one becomes fits in memory. */
export async function* inflated(stream: AsyncIterable<Buffer>, compression: Compression, limits: ArchiveLimits): AsyncGenerator<Buffer> {
	let out: Buffer[] = [];
	const inflater = inflaterFor(compression, bytes => { out.push(bytes); }, limits);
	const taken = (): readonly Buffer[] => {
		const pieces = out;
		out = [];
		return pieces;
	};
	try {
		for await (const chunk of stream) {
			for (let at = 0; at < chunk.length; at += pieceBytes) {
				await inflater.write(chunk.subarray(at, at + pieceBytes));
				yield* taken();
			}
		}
		await inflater.end();
		yield* taken();
	} finally {
		inflater.close();
	}
}

const pieceBytes = 16 << 10;
