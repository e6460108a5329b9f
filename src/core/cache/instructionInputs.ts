import { fingerprint } from './fingerprint';
import { listKey } from './listKey';
import type { FilesTaken } from './selection';

/**
 * What the outcome of one instruction depended on. Plain JSON, kept in build records. Values that look secret are keyed
 * hashes in here, never text.
 */
export interface InstructionInputs {
	readonly version: 1;
	/** `CacheRules.id` under which they were computed. */
	readonly rules: string;
	/** 1-based. */
	readonly line: number;
	readonly keyword: string;
	/** `Instruction.text`. */
	readonly text: string;
	/** The stage it belongs to; undefined before the first FROM. */
	readonly stage: StageIdentity | undefined;
	/** The instruction whose result this one builds upon: the one before it, or the last of the base stage. */
	readonly parent: number | undefined;
	/** FROM of an image or of `scratch`. */
	readonly base: BaseInputs | undefined;
	/** The ONBUILD triggers that FROM runs. */
	readonly triggers: readonly StepInputs[] | undefined;
	/** Undefined where the builder has no step for it, so that it passes its parent's result on. */
	readonly step: StepInputs | undefined;
	/** Known after the run: the image that the classic builder made of it, else the layer's diffID. */
	readonly result: string | undefined;
}

export interface StageIdentity {
	readonly index: number;
	/** In lower case. */
	readonly name: string | undefined;
	/** Whether the build's target needs it. */
	readonly isNeeded: boolean;
}

export interface BaseInputs {
	readonly reference: string;
	/** What stands for the image by the builder's rules; undefined where the engine does not have it. */
	readonly key: string | undefined;
	/** The image's digest or id, for people. */
	readonly digest: string | undefined;
	/** Stands for its layers where `key` does not, and BuildKit yet may find by them what was built upon another image. */
	readonly layers?: string;
}

/** One step as the builder keys it, its parent apart. */
export interface StepInputs {
	/** The operation itself, as the builder compares it: not for people. */
	readonly operation: string;
	/** The instruction with its variables expanded, for people. */
	readonly text: string;
	/** Of a RUN in shell form; part of `operation`. */
	readonly shell: string | undefined;
	readonly user: string | undefined;
	readonly workdir: string | undefined;
	readonly network: string | undefined;
	readonly platform: string | undefined;
	/** `NAME=value`, in the order that counts. */
	readonly variables: readonly string[] | undefined;
	/** Names among `variables` that an ARG gave. */
	readonly fromArg: readonly string[] | undefined;
	/** Variables that were expanded in its text, by name. Not keyed: they count through `operation`. */
	readonly uses: Readonly<Record<string, string>> | undefined;
	/** Names among `uses` that an ARG gave. */
	readonly usesFromArg: readonly string[] | undefined;
	/** What it takes from the build context, in order. */
	readonly files: readonly FilesTaken[] | undefined;
	/** What it takes from other stages and images, by content. */
	readonly sources: readonly ContentSource[] | undefined;
	/** URLs that ADD downloads. */
	readonly remotes: readonly string[] | undefined;
	/** COPY --link where it does not depend on its parent. */
	readonly linked: boolean;
}

export interface ContentSource {
	/** Instruction whose result is read; undefined where it is an image. */
	readonly step: number | undefined;
	/** 1-based line of that instruction's FROM. */
	readonly line: number | undefined;
	readonly image: BaseInputs | undefined;
	/** What is read of it. */
	readonly path: string;
}

/** Names a step apart from its parent and the contents it takes from elsewhere; undefined while files are not hashed. */
export function ownKey(step: StepInputs): string | undefined {
	if (!ownKeys.has(step)) {
		ownKeys.set(step, findOwnKey(step));
	}
	return ownKeys.get(step);
}

const ownKeys = new WeakMap<StepInputs, string | undefined>();

function findOwnKey(step: StepInputs): string | undefined {
	const roots = (step.files ?? []).map(({ root }) => root);
	if (roots.includes(undefined)) {
		return undefined;
	}
	return fingerprint([
		step.operation, step.user ?? '', step.workdir ?? '', step.network ?? '', step.platform ?? '',
		step.variables === undefined ? '' : listKey(step.variables), roots,
	]);
}

/** Reads inputs as a record kept them; undefined where they are of another version or no inputs at all. */
export function readInputs(stored: unknown): InstructionInputs | undefined {
	if (typeof stored !== 'object' || stored === null || !('version' in stored) || stored.version !== 1) {
		return undefined;
	}
	const { rules, line, keyword, text } = stored as Partial<InstructionInputs>;
	const isWhole = typeof rules === 'string' && typeof line === 'number' && typeof keyword === 'string' && typeof text === 'string';
	return isWhole ? stored as InstructionInputs : undefined;
}
