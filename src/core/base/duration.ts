/** What is less than this is only said to be little, milliseconds. */
export const leastShownMs = 50;

/** Milliseconds for a reader: `<0.1 s`, `0.3 s`, `12.4 s`, `2 min 5 s`, `1 h 3 min`. */
export function formatDuration(milliseconds: number): string {
	const seconds = Math.max(0, milliseconds) / 1000;
	if (milliseconds < leastShownMs) {
		return '<0.1 s';
	}
	if (seconds < 59.95) {
		return `${seconds.toFixed(1)} s`;
	}
	const whole = Math.round(seconds);
	if (whole < 3600) {
		return `${Math.floor(whole / 60)} min ${whole % 60} s`;
	}
	const minutes = Math.round(whole / 60);
	return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
