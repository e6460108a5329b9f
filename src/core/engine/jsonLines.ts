import { EngineError } from './engineError';

/** A longer line is no message of an engine; BuildKit's longest (a log of some megabytes in base64) stay far below. */
const longestLine = 64 * 1024 * 1024;

/**
 * The JSON values of a stream, one a line. A line, or a character, may cross chunks. Throws `failed` on what is not
 * JSON; errors of the stream come through as they are.
 */
export async function* jsonLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<unknown> {
	const decoder = new TextDecoder();
	let rest = '';
	for await (const chunk of chunks) {
		const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
		rest = lines.pop() ?? '';
		for (const line of lines) {
			yield* parsed(line);
		}
		if (rest.length > longestLine) {
			throw new EngineError('failed', `a message of more than ${longestLine} characters`);
		}
	}
	yield* parsed(rest + decoder.decode());
}

function* parsed(line: string): Generator<unknown> {
	if (line.trim() === '') {
		return;
	}
	try {
		yield JSON.parse(line) as unknown;
	} catch (cause) {
		throw new EngineError('failed', line.slice(0, 200), undefined, { cause });
	}
}
