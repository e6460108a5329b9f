import type { BuildRecord } from './build/record';
import { childRecords } from './engine/childRecords';
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
 * Finds the instruction of each record: a record is a step's only if it is described as it and hangs below a record of
 * the step before it, or of a base. BuildKit words a RUN by its command, and a COPY, ADD or WORKDIR by the name of its
 * step; engines before 23 have no words for these, so there a record counts only with a known one below it.
 * `builds`: newest first. Records that nothing tells of are left out.
 */
export function cacheRecordLines(records: readonly CacheRecord[], builds: readonly BuildRecord[]): ReadonlyMap<string, RecordLine> {
	const children = childRecords(records);
	const below = (some: readonly CacheRecord[]): readonly CacheRecord[] => some.flatMap(({ id }) => children.get(id) ?? []);
	const bases = records.filter(({ description }) => /^(?:from local|pulled from) /.test(description));
	const lines = new Map<string, RecordLine>();
	for (const build of builds) {
		const ends: CacheRecord[] = [];
		for (const chain of chainsOf(build)) {
			const found: (readonly CacheRecord[])[] = [];
			let candidates: readonly CacheRecord[] = [...below([...bases, ...ends]), ...records.filter(({ parents }) => parents.length === 0)];
			for (const step of chain) {
				const next = candidates.filter(record => describes(record, step));
				found.push(next);
				candidates = below(next);
			}
			for (let at = found.length - 1; at >= 0; at--) {
				const isKnown = ({ id, description }: CacheRecord): boolean =>
					description !== unnamed || (children.get(id) ?? []).some(child => found[at + 1]?.includes(child) === true);
				found[at] = found[at]!.filter(isKnown);
			}
			ends.push(...found.at(-1) ?? []);
			chain.forEach(({ dockerfilePath, line, text, stage }, at) => {
				for (const { id } of found[at]!) {
					if (!lines.has(id)) {
						lines.set(id, { dockerfilePath, line, text, stage });
					}
				}
			});
		}
	}
	return lines;
}

/** How BuildKit before Docker 23 calls whatever COPY, ADD or WORKDIR made. */
const unnamed = 'fileop target';

interface Step extends RecordLine {
	readonly keyword: string;
}

/** The steps that make layers, stage by stage. */
function chainsOf({ dockerfilePath, instructions }: BuildRecord): readonly (readonly Step[])[] {
	const chains: Step[][] = [];
	let stageName = '';
	for (const { keyword, line, text, stage } of instructions) {
		if (keyword === 'FROM' && stage !== undefined) {
			stageName = / AS (\S+)$/i.exec(text)?.[1] ?? String(stage);
			chains.push([]);
		} else if (keyword === 'RUN' || keyword === 'COPY' || keyword === 'ADD' || keyword === 'WORKDIR') {
			chains.at(-1)?.push({ dockerfilePath, line, text, keyword, stage: stageName });
		}
	}
	return chains;
}

function describes({ type, description }: CacheRecord, { keyword, text }: Step): boolean {
	if (type !== 'regular') {
		return false;
	}
	if (keyword === 'RUN') {
		const command = text.replace(/^RUN\s+(?:--\S+\s+)*/i, '').trim();
		return description.startsWith('mount / from exec ') && description.trimEnd().endsWith(command);
	}
	return description === unnamed || description.replace(/^\[[^\]]*\] (?:LINK )?/, '') === text;
}

/** Those of the records that nothing else builds upon: removing them costs no other build anything. */
export function ownRecords(all: readonly CacheRecord[], ids: ReadonlySet<string>): ReadonlySet<string> {
	const others = new Set(all.filter(({ id }) => !ids.has(id)).map(({ id }) => id));
	const held = new Set(others);
	// A set visits what is added while it is walked.
	for (const id of held) {
		all.find(record => record.id === id)?.parents.forEach(parent => held.add(parent));
	}
	return new Set([...ids].filter(id => !held.has(id)));
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
