/** A message of gRPC over HTTP/2: a byte that says it is not compressed, four of length. */
const prefixLength = 5;

/** No message to us is longer: names of registries and secrets, and what an SSH agent is asked, 256 KiB at most. */
const longestMessage = 1024 * 1024;

export function messageFrame(message: Uint8Array): Buffer {
	const prefix = Buffer.alloc(prefixLength);
	prefix.writeUInt32BE(message.length, 1);
	return Buffer.concat([prefix, message]);
}

/** Cuts a stream into its messages, wherever it comes in pieces. */
export class FrameReader {
	private waiting = Buffer.alloc(0);

	/** The messages that are complete with this piece. Throws `RangeError` for one longer than any that is meant for us. */
	take(piece: Buffer): Buffer[] {
		this.waiting = Buffer.concat([this.waiting, piece]);
		const messages: Buffer[] = [];
		while (this.waiting.length >= prefixLength) {
			const length = this.waiting.readUInt32BE(1);
			if (length > longestMessage) {
				throw new RangeError(`a message of ${length} bytes`);
			}
			const end = prefixLength + length;
			if (this.waiting.length < end) {
				break;
			}
			messages.push(this.waiting.subarray(prefixLength, end));
			this.waiting = this.waiting.subarray(end);
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
