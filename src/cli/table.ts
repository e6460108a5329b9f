import { plainText } from '../core/base/terminalText';

/** Rows of cells in columns, all but the last padded; `right` columns are numbers. Text of others is made harmless. */
export function table(rows: readonly (readonly string[])[], right: readonly number[] = []): string {
	const safe = rows.map(row => row.map(cell => plainText(cell).replace(/\s*\n\s*/g, ' ')));
	const columns = Math.max(0, ...safe.map(row => row.length));
	const widths = Array.from({ length: columns }, (_, at) => Math.max(0, ...safe.map(row => (row[at] ?? '').length)));
	return safe.map(row => row
		.map((cell, at) => right.includes(at) ? cell.padStart(widths[at]!) : at === columns - 1 ? cell : cell.padEnd(widths[at]!))
		.join('  ').trimEnd()).join('\n');
}
