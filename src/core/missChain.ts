import type { Reason } from './cache/reason';
import type { LineFacts } from './lineFacts';

/** A line that ran, or will, with what made it. */
export interface MissLink {
	readonly facts: LineFacts;
	readonly reason: Reason;
	/** False where the engine may have it from a build that is not recorded, so that it may come from the cache after all. */
	readonly isCertain: boolean;
}

/** Which misses are meant: those of the last build, or those foretold of the next. */
export type MissesOf = 'last' | 'next';

/**
 * Why a line ran, or will, or will unless the engine has it from a build that is not recorded; undefined where it did not,
 * or will not, or may for what has no reason before the build.
 */
export function missOf({ reason, forecast }: LineFacts, misses: MissesOf): Reason | undefined {
	return misses === 'last' ? reason : forecast?.kind === 'miss' ? forecast.reason : forecast?.kind === 'depends' ? forecast.elsewhere : undefined;
}

/** From the first cause to this instruction. Empty where it has no reason. */
export function missChain(lines: readonly LineFacts[], instruction: number, misses: MissesOf): readonly MissLink[] {
	const chain: MissLink[] = [];
	const seen = new Set<number>();
	let facts = lines[instruction];
	while (facts !== undefined && !seen.has(facts.instruction)) {
		seen.add(facts.instruction);
		const reason = missOf(facts, misses);
		if (reason === undefined) {
			break;
		}
		chain.unshift({ facts, reason, isCertain: misses === 'last' || facts.forecast?.kind === 'miss' });
		const line = reason.kind === 'parentMissed' || reason.kind === 'sourceStageRan' ? reason.line : undefined;
		facts = lines.find(one => one.line === line);
	}
	return chain;
}

/** Every line that ran, or will, for the same first cause; the cause itself first. */
export function causedBy(lines: readonly LineFacts[], cause: number, misses: MissesOf): readonly MissLink[] {
	return lines.flatMap(({ instruction }) => {
		const chain = missChain(lines, instruction, misses);
		const last = chain.at(-1);
		return last !== undefined && chain[0]?.facts.instruction === cause ? [last] : [];
	});
}
