import { layerKind } from '../core/dockerfile/keyword';
import type { LineFacts } from '../core/lineFacts';
import { isCosted, isWithoutEnd } from './line';

/** What the gutter shows of a line; `will…` and `may…` are forecasts. */
export type LineMark = 'cached' | 'ran' | 'failed' | 'notRun' | 'running' | 'stale' | 'willHit' | 'willRebuild' | 'mayRebuild';

/** Undefined where a line costs nothing, or nothing is known of it. */
export function lineMark(facts: LineFacts): LineMark | undefined {
	const { keyword, outcome, stale } = facts;
	if (keyword === 'FROM') {
		return undefined;
	}
	const ahead = isWithoutEnd(facts) ? undefined : facts.forecast?.kind;
	// A new line has no lens, but its mark moves nothing.
	if (ahead === 'miss' && layerKind(keyword) === 'layer') {
		return 'willRebuild';
	}
	if (!isCosted(facts)) {
		return undefined;
	}
	if (ahead === 'depends') {
		return 'mayRebuild';
	}
	if (ahead === 'hit' && stale !== undefined) {
		return 'willHit';
	}
	if (stale !== undefined) {
		return 'stale';
	}
	switch (outcome) {
		case 'cached':
		case 'ran':
		case 'failed':
		case 'running':
		case 'notRun':
			return outcome;
		case 'cancelled':
		case 'unfinished':
			return 'notRun';
		case 'metadata':
		case 'pending':
		case undefined:
			return undefined;
	}
}
