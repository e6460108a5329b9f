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
	const foretold = lines.filter(({ forecast }) => forecast !== undefined);
	const count = (kind: NonNullable<LineFacts['forecast']>['kind']): number => foretold.filter(({ forecast }) => forecast?.kind === kind).length;
	if (foretold.length === 0 || count('unknown') === foretold.length) {
		return undefined;
	}
	const working = foretold.filter(({ forecast }) => forecast?.kind === 'miss' || forecast?.kind === 'depends');
	const known = working.flatMap(({ text }) => lastTook.get(text) ?? []);
	return {
		hits: count('hit'), rebuilds: count('miss'), depends: count('depends'), unknown: count('unknown'),
		durationMs: known.length === 0 ? undefined : known.reduce((sum, one) => sum + one, 0),
		isPartial: known.length < working.length,
	};
}
