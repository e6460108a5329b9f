/** One row of the table that tells a line's story. */
export interface StoryRow {
	readonly name: string;
	readonly value: string;
	/** What exactly the value is. */
	readonly meaning: string;
}
