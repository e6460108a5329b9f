import { connect } from 'node:net';
import { EngineError } from './engineError';
import { endOf, lastWords } from './lastWords';
import { connectionError } from './toEngineError';

/** A question to an engine on this machine. */
export interface LocalRequest {
	/** Its socket or named pipe. */
	readonly socketPath: string;
	/** With API version and query, escaped. */
	readonly path: string;
	/** For errors. */
	readonly endpointUrl: string;
}

/** There is no body to read, for whatever reason. Asking in the ordinary way tells which. */
export class Unanswered extends Error {
	override readonly name = 'Unanswered';
}

/**
 * The tar that an engine answers with, for who reads hundreds of megabytes: all pieces share one memory, so each holds until the next
 * one is asked for. Node's own client copies every piece into new memory, and collecting that costs more than hashing it.
 * Asked in HTTP/1.0, so that the body comes as it is (RFC 9112, 6.1 and 6.3): the connection's end is its end, which does
 * not tell whether it is whole. Throws `Unanswered` before the first piece, and `EngineError`.
 */
export async function* localAnswer({ socketPath, path, endpointUrl }: LocalRequest): AsyncGenerator<Buffer> {
	const memory = Buffer.allocUnsafeSlow(pieceBytes);
	let filled = 0;
	let closed = false;
	let failure: Error | undefined;
	let wake = (): void => undefined;
	const socket = connect({
		path: socketPath,
		onread: {
			buffer: memory,
			// False: no more until it is asked for.
			callback: bytes => {
				filled = bytes;
				wake();
				return false;
			},
		},
	});
	socket.once('error', error => { failure = error; });
	socket.once('close', () => {
		closed = true;
		wake();
	});
	/** Undefined at the end. */
	const next = async (): Promise<Buffer | undefined> => {
		filled = 0;
		if (!closed) {
			const changed = new Promise<void>(resolve => { wake = resolve; });
			socket.resume();
			await changed;
		}
		return filled === 0 ? undefined : memory.subarray(0, filled);
	};
	try {
		socket.write(`GET ${path} HTTP/1.0\r\nHost: docker\r\n\r\n`);
		let head = '';
		let piece = await next();
		for (; piece !== undefined && head.length < mostHeadBytes; piece = await next()) {
			head += piece.toString('latin1');
			if (head.includes(headEnd)) {
				break;
			}
		}
		const bodyAt = head.indexOf(headEnd) + headEnd.length;
		if (piece === undefined || bodyAt < headEnd.length || !/^HTTP\/1\.[01] 200 /.test(head) || /^transfer-encoding:/im.test(head.slice(0, bodyAt))) {
			throw new Unanswered();
		}
		piece = piece.subarray(piece.length - (head.length - bodyAt));
		let end: Buffer = Buffer.alloc(0);
		for (; piece !== undefined; piece = await next()) {
			end = endOf(end, piece);
			yield piece;
		}
		if (failure !== undefined) {
			throw connectionError(failure, endpointUrl);
		}
		const words = lastWords(end);
		if (words !== undefined) {
			throw new EngineError('failed', words, endpointUrl);
		}
	} finally {
		socket.destroy();
	}
}

const headEnd = '\r\n\r\n';
const mostHeadBytes = 64 << 10;
/** About as much as waits in a socket, so that a piece is still in the processor's cache when it is hashed the second time. */
const pieceBytes = 256 << 10;
