/** A field of a protobuf message: its number and its value, a varint as a number, anything with a length as bytes. */
export interface Field {
	readonly number: number;
	readonly value: number | Uint8Array;
}

/**
 * The fields of one protobuf message, in wire order. Total: a message cut short or broken gives the fields before the
 * break. Fixed-width fields are stepped over; none of BuildKit's messages that we read has one.
 */
export function* fieldsOf(message: Uint8Array): Generator<Field> {
	const reader = new Reader(message);
	while (!reader.atEnd) {
		const tag = reader.varint();
		if (tag === undefined) {
			return;
		}
		const number = Math.floor(tag / 8);
		switch (tag & 7) {
			case 0: {
				const value = reader.varint();
				if (value === undefined) {
					return;
				}
				yield { number, value };
				break;
			}
			case 1:
				if (!reader.skip(8)) {
					return;
				}
				break;
			case 2: {
				const value = reader.bytes();
				if (value === undefined) {
					return;
				}
				yield { number, value };
				break;
			}
			case 5:
				if (!reader.skip(4)) {
					return;
				}
				break;
			default:
				return;
		}
	}
}

/** A field's bytes as text; empty for a number. */
export function textOf(value: number | Uint8Array): string {
	return typeof value === 'number' ? '' : Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('utf8');
}

export function integerOf(value: number | Uint8Array): number {
	return typeof value === 'number' ? value : 0;
}

/** The fields of a message within a message. */
export function fieldsIn(value: number | Uint8Array): ReturnType<typeof fieldsOf> {
	return fieldsOf(typeof value === 'number' ? new Uint8Array() : value);
}

/** A `google.protobuf.Timestamp` in milliseconds since the epoch; undefined for Go's zero time and anything else before 1970. */
export function timestampOf(value: number | Uint8Array): number | undefined {
	let seconds = 0;
	let nanoseconds = 0;
	for (const field of fieldsIn(value)) {
		if (field.number === 1) {
			seconds = integerOf(field.value);
		} else if (field.number === 2) {
			nanoseconds = integerOf(field.value);
		}
	}
	return seconds > 0 ? seconds * 1000 + nanoseconds / 1e6 : undefined;
}

class Reader {
	private position = 0;

	constructor(private readonly buffer: Uint8Array) {}

	get atEnd(): boolean {
		return this.position >= this.buffer.length;
	}

	/** A 64-bit integer, two's complement; exact up to 2^53, as far as a double goes beyond. */
	varint(): number | undefined {
		let low = 0;
		let high = 0;
		for (let index = 0; index < 10; index++) {
			const byte = this.buffer[this.position];
			if (byte === undefined) {
				return undefined;
			}
			this.position++;
			const bits = byte & 0x7f;
			if (index < 4) {
				low += bits * 2 ** (7 * index);
			} else {
				high += bits * 2 ** (7 * (index - 4));
			}
			if (byte < 0x80) {
				// The tenth byte carries the sign. Subtracted from the high part, where it is exact.
				return high >= 2 ** 35 ? (high - 2 ** 36) * 2 ** 28 + low : high * 2 ** 28 + low;
			}
		}
		return undefined;
	}

	bytes(): Uint8Array | undefined {
		const length = this.varint();
		if (length === undefined || length < 0 || length > this.buffer.length - this.position) {
			return undefined;
		}
		const start = this.position;
		this.position += length;
		return this.buffer.subarray(start, this.position);
	}

	skip(length: number): boolean {
		this.position += length;
		return this.position <= this.buffer.length;
	}
}
