import { posix } from 'node:path';
import { wasMadeIn } from '../build/wasMadeIn';
import type { CacheRecord } from '../engine/engine';
import { isBaseRecord } from '../engine/isBaseRecord';
import { hasWildcards } from './goMatch';
import type { StepInputs } from './instructionInputs';
import type { CacheKnowledge, StoredStep } from './knowledge';

/** A step as records are compared with it. */
export type SurveyedStep = Pick<StoredStep, 'step'> & { readonly inputs: Pick<StoredStep['inputs'], 'keyword'> };

/**
 * Which steps the engine still has, read from its build cache records. BuildKit keeps a record as long as one builds upon
 * it, so a step is there only if a record of its kind hangs below its parent's. Words alone do not tell which of several
 * steps a record is (a COPY of other files and a RUN with another ARG are worded alike); when it was made does, where
 * the build that made it is known. Ask for parents before children, as a forecast does.
 */
export class CacheSurvey {
	private readonly children = new Map<string, CacheRecord[]>();
	/** The records that the step of this result can be. */
	private readonly candidates = new Map<string, readonly CacheRecord[]>();
	/** Results that a build under way made, and others found. */
	private readonly held = new Set<string>();
	/** Whether a build that is known made a record. */
	private readonly claims = new WeakMap<CacheKnowledge, Map<string, boolean>>();
	private readonly bases = new WeakMap<CacheKnowledge, ReadonlyMap<string, ReadonlySet<string>>>();

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

	/** False where the step is there, or the records do not speak of it; undefined where they leave it open. */
	isLost(step: StoredStep, knowledge: CacheKnowledge): boolean | undefined {
		const below = step.step.linked ? undefined : this.below(step.parent, knowledge);
		if (below === undefined) {
			return false;
		}
		const isOwn = step.madeIn.length > 0;
		const found = below.filter(record => describes(record, step) && (isOwn ? wasMadeIn(record, step.madeIn) : !this.isClaimed(record, knowledge)));
		this.candidates.set(step.result, found);
		if (!isOwn && found.some(({ inUse, lastUsedAt }) => inUse && lastUsedAt === undefined)) {
			this.held.add(step.result);
		}
		if (step.seenAt >= this.at) {
			return false;
		}
		return found.length === 0 || isOwn ? found.length === 0 : found.length === foundOnly(step, knowledge).size ? false : undefined;
	}

	/**
	 * Results of steps like this one that the engine has upon a result, and that no build we know made: one of them may be
	 * this very step. They can be asked about in turn. `countsFiles`: a record's size is that of the files in it. `before`: what came
	 * since is the work of the very build that is asked about.
	 */
	elsewhere(asked: SurveyedStep, parent: string, knowledge: CacheKnowledge, { countsFiles, before }: { readonly countsFiles: boolean; readonly before: number }): readonly string[] {
		const below = asked.step.linked ? undefined : this.below(parent, knowledge);
		const bytes = countsFiles ? copiedBytes(asked) : undefined;
		// Of a step that is under way the record is there from its beginning on, and grows (seen on 20.10 and 28.5).
		const found = (below ?? []).filter(record => (record.createdAt ?? 0) < before && describes(record, asked)
			&& (bytes === undefined || record.inUse || record.sizeBytes === bytes) && !this.isClaimed(record, knowledge));
		if (found.length <= foundOnly({ ...asked, parent }, knowledge).size) {
			return this.isGoingOn(parent) ? [`${goingOn}${parent}`] : [];
		}
		return found.map(record => {
			const result = `record ${record.id}`;
			this.candidates.set(result, [record]);
			return result;
		});
	}

	/**
	 * Whether a build under way that is not recorded has made this result and holds it since. BuildKit before 0.32 (Docker 29.7)
	 * lets other builds share what one of them holds, but without the cache keys of what that one ran itself; so what they have
	 * built upon it runs again (moby/buildkit#6955). Ask whether it is lost first.
	 */
	isHeld(result: string): boolean {
		return this.held.has(result);
	}

	/** Whether a build that is not recorded has made this result and is under way, so that it may be about to make what is asked about upon it. */
	private isGoingOn(result: string): boolean {
		return result.startsWith(goingOn) || (result.startsWith('record ') && this.candidates.get(result)?.some(({ inUse }) => inUse) === true);
	}

	private isClaimed(record: CacheRecord, knowledge: CacheKnowledge): boolean {
		const known = this.claims.get(knowledge) ?? new Map<string, boolean>();
		this.claims.set(knowledge, known);
		let isClaimed = known.get(record.id);
		if (isClaimed === undefined) {
			isClaimed = [...knowledge.steps()].some(step => wasMadeIn(record, step.madeIn) && describes(record, step));
			known.set(record.id, isClaimed);
		}
		return isClaimed;
	}

	/** The records that build upon those of a result; undefined where these are not known. */
	private below(parent: string, knowledge: CacheKnowledge): readonly CacheRecord[] | undefined {
		if (parent === 'base scratch') {
			return this.records.filter(({ parents }) => parents.length === 0);
		}
		const above = this.candidates.get(parent) ?? (parent.startsWith('base ') ? this.recordsOfBase(parent, knowledge) : undefined);
		return above?.flatMap(({ id }) => this.children.get(id) ?? []);
	}

	/** Records do not name the image that they are a layer of: what known builds made upon it tells, else it is none that is known. */
	private recordsOfBase(base: string, knowledge: CacheKnowledge): readonly CacheRecord[] {
		const bases = this.bases.get(knowledge) ?? this.findBases(knowledge);
		this.bases.set(knowledge, bases);
		const own = bases.get(base);
		const others = new Set([...bases].flatMap(([, ids]) => [...ids]));
		return this.records.filter(record => own === undefined ? isBaseRecord(record) && !others.has(record.id) : own.has(record.id));
	}

	private findBases(knowledge: CacheKnowledge): ReadonlyMap<string, ReadonlySet<string>> {
		const bases = new Map<string, Set<string>>();
		for (const step of [...knowledge.steps()].filter(({ parent, madeIn }) => parent.startsWith('base ') && madeIn.length > 0)) {
			const ids = this.records.filter(record => wasMadeIn(record, step.madeIn) && describes(record, step)).flatMap(({ parents }) => parents);
			if (ids.length > 0) {
				bases.set(step.parent, new Set([...bases.get(step.parent) ?? [], ...ids]));
			}
		}
		return bases;
	}
}

/** Begins the names of results that a build under way may come to. */
const goingOn = 'upon ';

/** Bytes of files that a step writes, where its inputs tell: where no file can come twice, or out of an archive. */
function copiedBytes({ inputs: { keyword }, step: { operation, files = [] } }: SurveyedStep): number | undefined {
	if (keyword === 'WORKDIR') {
		return 0;
	}
	const [, , , , documents]: unknown[] = JSON.parse(operation) as unknown[];
	const names = new Set(files.map(({ source }) => posix.basename(source)));
	const isPlain = keyword === 'COPY' && files.length > 0 && names.size === files.length && (documents as readonly unknown[]).length === 0
		&& files.every(({ source, hasLinks }) => hasLinks === undefined && !hasWildcards(source))
		&& (files.length === 1 || files.every(taken => taken.files === 1));
	return isPlain ? files.reduce((sum, { bytes }) => sum + bytes, 0) : undefined;
}

/** Results of steps worded like this one that builds found upon the same parent, made by nobody we know. */
function foundOnly({ step, inputs, parent }: SurveyedStep & Pick<StoredStep, 'parent'>, knowledge: CacheKnowledge): ReadonlySet<string> {
	const words = wordsOf(step);
	return new Set(knowledge.siblings(parent)
		.filter(other => other.madeIn.length === 0 && other.inputs.keyword === inputs.keyword && wordsOf(other.step) === words)
		.map(({ result }) => result));
}

/**
 * BuildKit words a RUN by its command, and a COPY, ADD or WORKDIR not at all (20.10) or by the text of the first build
 * that had it; so of these only the kind counts.
 */
function describes({ description, type }: CacheRecord, { inputs, step }: SurveyedStep): boolean {
	if (type !== 'regular') {
		return false;
	}
	if (inputs.keyword !== 'RUN') {
		return description === 'fileop target' || /^\[[^\]]*\] (?:ONBUILD )?(?:LINK )?(\w+)/.exec(description)?.[1] === inputs.keyword;
	}
	const words = wordsOf(step);
	return words !== undefined && (words.includes('hmac:') ? redacted(words).test(description) : description === words);
}

const wordsOfStep = new WeakMap<StepInputs, string | undefined>();

/** How BuildKit describes what a RUN made (solver/llbsolver/ops/exec.go); undefined for other steps. */
function wordsOf(step: StepInputs): string | undefined {
	if (!wordsOfStep.has(step)) {
		const [kind, command]: unknown[] = JSON.parse(step.operation) as unknown[];
		const words = kind === 'run' && Array.isArray(command) ? (command as string[]).map(asDescribed).join(' ') : undefined;
		wordsOfStep.set(step, words === undefined ? undefined : `mount / from exec ${words}`);
	}
	return wordsOfStep.get(step);
}

/** A heredoc that is a script of its own is run from where it is mounted. */
const asDescribed = (word: string): string => word.replace(/^([^\s<]+)\n#![^]*$/, '/dev/pipes/$1');

/** What was taken out as a secret stands in the description as it was. */
function redacted(words: string): RegExp {
	return new RegExp(`^${words.split(/hmac:[0-9a-f]{32}/).map(part => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('[^]*')}$`);
}
