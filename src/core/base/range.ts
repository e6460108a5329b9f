/** A place in a text: 0-based line and UTF-16 character, as editors count. */
export interface Position {
	readonly line: number;
	readonly character: number;
}

/** From start (included) to end (excluded). */
export interface Range {
	readonly start: Position;
	readonly end: Position;
}
