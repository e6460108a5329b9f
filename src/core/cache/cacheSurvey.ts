import type { CacheRecord } from '../engine/engine';
import { isBaseRecord } from '../engine/isBaseRecord';
import type { StepInputs } from './instructionInputs';
import type { StoredStep } from './knowledge';

/**
 * Which stored steps the engine still has, read from its build cache records. BuildKit keeps a record as long as one
 * builds upon it, so a step is there only if a record of its kind hangs below its parent's. Ask for parents before
 * children, as a forecast does.
 */
export class CacheSurvey {
	private readonly children = new Map<string, CacheRecord[]>();
	/** The records that the step of this result can be. */
	private readonly candidates = new Map<string, readonly CacheRecord[]>();

	constructor(
		private readonly records: readonly CacheRecord[],
		/** When they were asked for; what was built since may be missing among them. Milliseconds since the epoch. */
		private readonly at: number,
	) {
		for (const record of records) {
			for (const parent of record.parents) {
				const list = this.children.get(parent);
				if (list === undefined) {
					this.children.set(parent, [record]);
				} else {
					list.push(record);
				}
			}
		}
	}

	/** Undefined where the records do not tell. */
	isLost(step: StoredStep): boolean | undefined {
		if (step.step.linked) {
			return undefined;
		}
		const above = this.candidates.get(step.parent) ?? this.bases(step.parent);
		if (above === undefined) {
			return undefined;
		}
		const below = step.parent === 'base scratch' ? above : above.flatMap(({ id }) => this.children.get(id) ?? []);
		const found = below.filter(record => describes(record, step));
		this.candidates.set(step.result, found);
		return step.seenAt < this.at && found.length === 0;
	}

	private bases(parent: string): readonly CacheRecord[] | undefined {
		if (parent === 'base scratch') {
			return this.records.filter(({ parents }) => parents.length === 0);
		}
		return parent.startsWith('base ') ? this.records.filter(isBaseRecord) : undefined;
	}
}

/**
 * BuildKit words a RUN by its command, and a COPY, ADD or WORKDIR not at all (20.10) or by the text of the first build
 * that had it; so of these only the kind counts.
 */
function describes({ description, type }: CacheRecord, { inputs, step }: StoredStep): boolean {
	if (type !== 'regular') {
		return false;
	}
	return inputs.keyword === 'RUN'
		? description.startsWith('mount / from exec ') && commandWords(step).every(word => description.includes(word))
		: description === 'fileop target' || /^\[[^\]]*\] (?:ONBUILD )?(?:LINK )?(?:COPY|ADD|WORKDIR)/.test(description);
}

/** Words that the description of a RUN must have. What was taken out as a secret stands in no description. */
function commandWords({ operation, text }: StepInputs): readonly string[] {
	const [, command]: unknown[] = JSON.parse(operation) as unknown[];
	const last: unknown = Array.isArray(command) ? command.at(-1) : undefined;
	return typeof last !== 'string' || text.includes('hmac:') ? [] : last.split(/\s+/);
}
