import type { BuildRecord } from '../build/record';
import { readInputs } from './instructionInputs';
import type { PastBuild, PastStep } from './knowledge';
import type { CacheRules } from './rules';

/** A build record as the cache remembers it; undefined where its inputs were not recorded or are of other rules. */
export function pastBuildOf(record: BuildRecord, rules: CacheRules, dockerfilePath: string): PastBuild | undefined {
	const steps: PastStep[] = [];
	for (const { inputs: stored, outcome, diffId, startedAt, durationMs } of record.instructions) {
		const inputs = readInputs(stored);
		if (inputs?.rules !== rules.id) {
			return undefined;
		}
		const workedIn = outcome !== 'ran' || startedAt === undefined || durationMs === undefined ? undefined : { start: startedAt, end: startedAt + durationMs };
		steps.push({ inputs: inputs.result === undefined && diffId !== undefined ? { ...inputs, result: diffId } : inputs, outcome, workedIn });
	}
	const { id, startedAt, durationMs, options: { noCache } } = record;
	return { id, finishedAt: startedAt + durationMs, noCache, succeeded: record.state === 'succeeded', isOwn: record.dockerfilePath === dockerfilePath, builder: record.builder, steps };
}

/** The manifests that a record's inputs name. */
export function manifestsOf(record: BuildRecord): readonly string[] {
	return record.instructions.flatMap(({ inputs: stored }) => {
		const inputs = readInputs(stored);
		return [inputs?.step, ...inputs?.triggers ?? []].flatMap(step => (step?.files ?? []).flatMap(({ manifest }) => manifest ?? []));
	});
}
