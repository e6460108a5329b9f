const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/**
 * Bytes as `docker history` writes them: decimal units, three significant digits (`43.1 MB`, `1.02 kB`, `0 B`).
 * A negative number (a saving) keeps its sign.
 */
export function formatBytes(bytes: number): string {
	let value = Math.abs(bytes);
	let unit = 0;
	// 999.5 rounds to 1000 at three digits, so the next unit starts there.
	while (value >= 999.5 && unit < units.length - 1) {
		value /= 1000;
		unit++;
	}
	const text = unit === 0 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
	return `${bytes < 0 ? '−' : ''}${text} ${units[unit] ?? ''}`;
}
