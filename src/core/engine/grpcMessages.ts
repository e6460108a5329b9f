/** A message of gRPC over HTTP/2: a byte that says it is not compressed, four of length. */
const prefixLength = 5;

export function messageFrame(message: Uint8Array): Buffer {
	const prefix = Buffer.alloc(prefixLength);
	prefix.writeUInt32BE(message.length, 1);
	return Buffer.concat([prefix, message]);
}

/** Cuts a stream into its messages, wherever it comes in pieces. `longest`: bytes of the longest message that can be meant. */
export class FrameReader {
	private pieces: Buffer[] = [];
	private length = 0;
	/** Bytes until something can be read. */
	private wanted = prefixLength;

	constructor(private readonly longest: number) {}

	/** The messages that are complete with this piece. Throws `RangeError` for one that is too long. */
	take(piece: Buffer): Buffer[] {
		this.pieces.push(piece);
		this.length += piece.length;
		const messages: Buffer[] = [];
		while (this.length >= this.wanted) {
			const waiting = Buffer.concat(this.pieces);
			const length = waiting.readUInt32BE(1);
			if (length > this.longest) {
				throw new RangeError(`a message of ${length} bytes`);
			}
			const end = prefixLength + length;
			const isWhole = waiting.length >= end;
			if (isWhole) {
				messages.push(waiting.subarray(prefixLength, end));
			}
			const rest = isWhole ? waiting.subarray(end) : waiting;
			this.pieces = [rest];
			this.length = rest.length;
			this.wanted = isWhole ? prefixLength : end;
		}
		return messages;
	}
}

/** A field of a protobuf message that has a length: number and wire type 2, length as a varint, bytes. */
export function bytesField(field: number, bytes: Uint8Array): Buffer {
	const prefix = [field << 3 | 2];
	let { length } = bytes;
	for (; length > 0x7f; length >>>= 7) {
		prefix.push(length & 0x7f | 0x80);
	}
	return Buffer.concat([Buffer.from([...prefix, length]), bytes]);
}

/** The first field of a message, where it is number 1 and has a length: all that any question to us holds. */
export function firstField(message: Buffer): Buffer | undefined {
	if (message[0] !== (1 << 3 | 2)) {
		return undefined;
	}
	let length = 0;
	let at = 1;
	for (let shift = 0; shift < 28; shift += 7) {
		const byte = message[at++] ?? 0;
		length |= (byte & 0x7f) << shift;
		if (byte < 0x80) {
			break;
		}
	}
	return message.subarray(at, at + length);
}
