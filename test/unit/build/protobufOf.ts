/** A protobuf message in the making: `[field number, value]`, a number as varint, text, bytes or a message with length. */
export type Message = readonly (readonly [number: number, value: number | string | Uint8Array | Message])[];

export function protobufOf(message: Message): Buffer {
	return Buffer.concat(message.map(([number, value]) => {
		if (typeof value === 'number') {
			return Buffer.concat([varint(number * 8), varint(value)]);
		}
		const body = typeof value === 'string' ? Buffer.from(value) : value instanceof Uint8Array ? Buffer.from(value) : protobufOf(value);
		return Buffer.concat([varint(number * 8 + 2), varint(body.length), body]);
	}));
}

/** As the engine sends it in `aux`. */
export function traceOf(message: Message): string {
	return protobufOf(message).toString('base64');
}

function varint(value: number): Buffer {
	const bytes: number[] = [];
	let rest = BigInt.asUintN(64, BigInt(value));
	do {
		const more = rest > 127n;
		bytes.push(Number(rest & 127n) | (more ? 128 : 0));
		rest >>= 7n;
	} while (rest > 0n);
	return Buffer.from(bytes);
}
