import type { LineFacts } from './lineFacts';

/** What the next build will do, summed up. */
export interface ForecastTotal {
	readonly hits: number;
	readonly rebuilds: number;
	/** Lines of which only the build itself will tell. */
	readonly depends: number;
	readonly unknown: number;
	/** How long the lines that will, or may, rebuild took when they last ran, milliseconds; undefined where none is known. */
	readonly durationMs: number | undefined;
	/** Whether that is known of at least one of them not. */
	readonly isPartial: boolean;
}

/** Sums up the forecasts of lines; undefined where nothing is foretold. `lastTook`: by instruction text. */
export function forecastTotal(lines: readonly Pick<LineFacts, 'forecast' | 'text'>[], lastTook: ReadonlyMap<string, number>): ForecastTotal | undefined {
	const counts = { hit: 0, miss: 0, depends: 0, unknown: 0 };
	let durationMs: number | undefined;
	let isPartial = false;
	for (const { forecast, text } of lines) {
		if (forecast === undefined) {
			continue;
		}
		counts[forecast.kind]++;
		if (forecast.kind === 'miss' || forecast.kind === 'depends') {
			const took = lastTook.get(text);
			isPartial ||= took === undefined;
			durationMs = took === undefined ? durationMs : (durationMs ?? 0) + took;
		}
	}
	const { hit: hits, miss: rebuilds, depends, unknown } = counts;
	return hits + rebuilds + depends === 0 ? undefined : { hits, rebuilds, depends, unknown, durationMs, isPartial };
}
