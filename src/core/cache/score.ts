import type { Outcome } from '../build/run';
import type { Forecast } from './reason';

/** How a forecast fared against the build that followed. Lists are indices of instructions. */
export interface ForecastScore {
	/** Steps that were cached or ran, and had a forecast. */
	readonly steps: number;
	readonly right: number;
	/** Foretold as a hit, and ran. */
	readonly wrongHits: readonly number[];
	/** Foretold as a miss, and was cached. */
	readonly wrongMisses: readonly number[];
	readonly depends: number;
	readonly unknown: number;
}

export function scoreForecast(forecast: readonly (Forecast | undefined)[], outcomes: readonly Outcome[]): ForecastScore {
	const judged = forecast.flatMap((said, index) => {
		const outcome = outcomes[index];
		return said === undefined || (outcome !== 'cached' && outcome !== 'ran' && outcome !== 'failed') ? [] : [{ said: said.kind, hit: outcome === 'cached', index }];
	});
	const wrong = (kind: Forecast['kind'], hit: boolean): readonly number[] => judged.filter(one => one.said === kind && one.hit === hit).map(({ index }) => index);
	const [wrongHits, wrongMisses] = [wrong('hit', false), wrong('miss', true)];
	const count = (kind: Forecast['kind']): number => judged.filter(({ said }) => said === kind).length;
	return {
		steps: judged.length,
		right: count('hit') + count('miss') - wrongHits.length - wrongMisses.length,
		wrongHits, wrongMisses,
		depends: count('depends'),
		unknown: count('unknown'),
	};
}
