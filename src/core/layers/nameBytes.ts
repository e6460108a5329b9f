/**
 * Names in layers are bytes, usually UTF-8. Bytes that are not valid UTF-8 are shown as characters U+EF80 to U+EFFF
 * (the byte plus U+EF00), and so are the bytes of real characters in that range: every name has its own string, and
 * `nameBytes` gives its bytes back.
 */
export function nameText(bytes: Buffer): string {
	const text = bytes.toString('utf8');
	return doubtful.test(text) ? escapedText(bytes) : text;
}

/** The bytes of a name; the inverse of `nameText`. */
export function nameBytes(name: string): Buffer {
	if (!escapes.test(name)) {
		return Buffer.from(name, 'utf8');
	}
	return Buffer.concat(Array.from(name, character => {
		const code = character.codePointAt(0)!;
		return code >= 0xef80 && code <= 0xefff ? Buffer.from([code - 0xef00]) : Buffer.from(character, 'utf8');
	}));
}

const doubtful = /[\uFFFD\uEF80-\uEFFF]/;
const escapes = /[\uEF80-\uEFFF]/;
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function escapedText(bytes: Buffer): string {
	let text = '';
	let at = 0;
	while (at < bytes.length) {
		const length = sequenceLength(bytes[at]!);
		const character = at + length <= bytes.length ? decoded(bytes.subarray(at, at + length)) : undefined;
		if (character === undefined || escapes.test(character)) {
			text += String.fromCharCode(0xef00 + bytes[at]!);
			at++;
		} else {
			text += character;
			at += length;
		}
	}
	return text;
}

function sequenceLength(first: number): number {
	return first < 0xe0 ? (first < 0xc0 ? 1 : 2) : first < 0xf0 ? 3 : 4;
}

function decoded(bytes: Buffer): string | undefined {
	try {
		return strict.decode(bytes);
	} catch {
		return undefined;
	}
}
