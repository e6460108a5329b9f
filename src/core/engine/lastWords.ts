/** Bytes of an answer's end that hold what an engine appended to it, however long its words. */
const endBytes = 8 << 10;

/** The end of an answer, once another piece came; a copy. */
export function endOf(before: Buffer, piece: Buffer): Buffer {
	return piece.length >= endBytes ? Buffer.from(piece.subarray(-endBytes)) : Buffer.concat([before, piece]).subarray(-endBytes);
}

/**
 * What an engine says where it cannot go on with a tar that it has begun to send: it appends its error, in JSON, and ends
 * the answer like any other. Undefined where the end of the answer says nothing.
 */
export function lastWords(end: Buffer): string | undefined {
	const said = /\{"errorDetail".*\}/s.exec(end.toString('utf8'))?.[0];
	try {
		const { error } = JSON.parse(said ?? '{}') as { readonly error?: unknown };
		return typeof error === 'string' ? error : undefined;
	} catch {
		return undefined;
	}
}
