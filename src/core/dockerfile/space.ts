/**
 * The white space of the frontend, which is Go's: unlike JavaScript's, NEL counts and the byte order mark does not.
 */
export function isSpace(character: string): boolean {
	const code = character.charCodeAt(0);
	return code === 32 || (code >= 9 && code <= 13)
		|| (code > 127 && (code === 0x85 || (code !== 0xFEFF && /\s/.test(character))));
}

export function trimStart(text: string): string {
	let start = 0;
	while (start < text.length && isSpace(text[start]!)) {
		start++;
	}
	return text.slice(start);
}

export function trimEnd(text: string): string {
	let end = text.length;
	while (end > 0 && isSpace(text[end - 1]!)) {
		end--;
	}
	return text.slice(0, end);
}

export function trim(text: string): string {
	return trimEnd(trimStart(text));
}

/** Words between runs of white space on a line, as ADD, COPY, EXPOSE, FROM and VOLUME split theirs. Quotes mean nothing. */
export function splitBySpace(text: string): readonly string[] {
	return text === '' ? [] : text.split(/[\t\v\f\r ]+/);
}
