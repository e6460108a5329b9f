import type { BuildRecord } from './build/record';
import type { CacheRecord } from './engine/engine';

/** The instruction that a record of the engine's build cache is the result of, as the newest build that says so has it. */
export interface RecordLine {
	readonly dockerfilePath: string;
	readonly line: number;
	/** `Instruction.text`. */
	readonly text: string;
	/** Name or number of its stage. */
	readonly stage: string;
}

/**
 * Finds the instruction of each record by the words that BuildKit keeps of it: a RUN by its command, a COPY, ADD or
 * WORKDIR by the name of its step (not on engines before 23, which keep no words of these: there a record between two
 * known neighbours of a stage is what stands between them). `builds`: newest first. Records that nothing tells of are
 * left out.
 */
export function cacheRecordLines(records: readonly CacheRecord[], builds: readonly BuildRecord[]): ReadonlyMap<string, RecordLine> {
	const steps = builds.flatMap(stepsOf);
	const found = new Map<string, Step>();
	for (const record of records) {
		const step = steps.find(one => describes(record, one));
		if (step !== undefined) {
			found.set(record.id, step);
		}
	}
	for (const record of records.filter(({ id, description }) => !found.has(id) && description === 'fileop target')) {
		const below = records.find(({ id, parents }) => parents.includes(record.id) && found.has(id));
		const step = below && found.get(below.id)?.before;
		if (step !== undefined && step.keyword !== 'RUN') {
			found.set(record.id, step);
		}
	}
	return new Map([...found].map(([id, { dockerfilePath, line, text, stage }]) => [id, { dockerfilePath, line, text, stage }]));
}

interface Step extends RecordLine {
	readonly keyword: string;
	/** The step of the same stage that it builds upon. */
	readonly before: Step | undefined;
}

function stepsOf({ dockerfilePath, instructions }: BuildRecord): readonly Step[] {
	const steps: Step[] = [];
	const lastOf = new Map<number, Step>();
	const names = new Map<number, string>();
	for (const { keyword, line, text, stage } of instructions) {
		if (stage === undefined) {
			continue;
		}
		if (keyword === 'FROM') {
			names.set(stage, / AS (\S+)$/i.exec(text)?.[1] ?? String(stage));
		} else if (keyword === 'RUN' || keyword === 'COPY' || keyword === 'ADD' || keyword === 'WORKDIR') {
			const step: Step = { dockerfilePath, line, text, keyword, stage: names.get(stage) ?? String(stage), before: lastOf.get(stage) };
			lastOf.set(stage, step);
			steps.push(step);
		}
	}
	return steps;
}

function describes({ type, description }: CacheRecord, { keyword, text }: Step): boolean {
	if (type !== 'regular') {
		return false;
	}
	if (keyword === 'RUN') {
		const command = text.replace(/^RUN\s+(?:--\S+\s+)*/i, '').trim();
		return description.startsWith('mount / from exec ') && description.trimEnd().endsWith(command);
	}
	return description.replace(/^\[[^\]]*\] (?:LINK )?/, '') === text;
}

/** What a removal takes away. */
export interface CacheRemoval {
	/** The records asked for and all that build upon them, without those in use. */
	readonly records: readonly CacheRecord[];
	/** How many of them were not asked for: they build upon one that was. */
	readonly dependents: number;
	/** Bytes on disk that become free. */
	readonly freedBytes: number;
	/** Bytes that stay, because an image has the same layers. */
	readonly sharedBytes: number;
	/** How many cannot go, because they or something that builds upon them is in use. */
	readonly inUse: number;
}

/** What removing these records means: the engine keeps a record as long as another one builds upon it. */
export function cacheRemoval(all: readonly CacheRecord[], asked: ReadonlySet<string>): CacheRemoval {
	const ids = new Set(asked);
	// A set visits what is added while it is walked.
	for (const id of ids) {
		all.filter(({ parents }) => parents.includes(id)).forEach(record => ids.add(record.id));
	}
	const held = new Set(all.filter(({ inUse }) => inUse).map(({ id }) => id));
	for (const id of held) {
		all.find(record => record.id === id)?.parents.forEach(parent => held.add(parent));
	}
	const records = all.filter(({ id }) => ids.has(id) && !held.has(id));
	const sum = (some: readonly CacheRecord[]): number => some.reduce((total, { sizeBytes }) => total + sizeBytes, 0);
	return {
		records,
		dependents: records.filter(({ id }) => !asked.has(id)).length,
		freedBytes: sum(records.filter(({ shared }) => !shared)),
		sharedBytes: sum(records.filter(({ shared }) => shared)),
		inUse: all.filter(({ id }) => ids.has(id) && held.has(id)).length,
	};
}
