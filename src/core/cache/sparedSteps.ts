import type { ForecastRequest } from './forecast';
import type { StoredStep } from './knowledge';

/**
 * Instructions whose results BuildKit does not need, since it has what was made of them: it loads the last results that it has, and
 * calls all that they came from cached. Of a stage that files are copied from the records may be gone long before those of
 * the copies (seen on 20.10 and 28.5).
 */
export function sparedSteps({ inputs, knowledge, isLost, resolved }: Pick<ForecastRequest, 'inputs' | 'knowledge' | 'isLost' | 'resolved'>): ReadonlySet<number> {
	if (inputs.every(({ step }) => step?.sources === undefined)) {
		return new Set();
	}
	const known: (StoredStep | undefined)[] = [];
	/** As if nothing were gone. */
	const results: (string | undefined)[] = [];
	const resultOf = (index: number): string | undefined => results[index];
	for (const own of inputs) {
		const parent = own.parent === undefined ? undefined : results[own.parent];
		const { key } = own.step === undefined ? {} : knowledge.lookup(own.step, parent, resultOf);
		const stored = key === undefined ? undefined : knowledge.find(key);
		known.push(stored);
		results.push(own.keyword === 'FROM' ? knowledge.fromResult(own, resultOf) : own.step === undefined ? parent : stored?.result);
	}
	const isThere = known.map(stored => stored !== undefined && isLost(stored) === false);
	const wanted = new Set<number>();
	const open = [resolved.dockerfile.stages[resolved.target ?? -1]?.instructions.at(-1)];
	while (open.length > 0) {
		const index = open.pop();
		if (index === undefined || wanted.has(index)) {
			continue;
		}
		wanted.add(index);
		if (isThere[index] !== true) {
			const { parent, step } = inputs[index]!;
			open.push(parent, ...(step?.sources ?? []).map(source => source.step));
		}
	}
	return new Set(inputs.flatMap((_, index) => wanted.has(index) ? [] : [index]));
}
