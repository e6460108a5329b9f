import type { Outcome } from '../build/run';
import type { Interval } from '../build/transportRecords';
import { fingerprint } from './fingerprint';
import { ownKey, type BaseInputs, type InstructionInputs, type StepInputs } from './instructionInputs';

/** A finished build as the cache remembers it. All builds of one engine, under the same rules. */
export interface PastBuild {
	readonly id: string;
	/** When all of it was stored; milliseconds since the epoch. */
	readonly finishedAt: number;
	readonly noCache: boolean;
	readonly succeeded: boolean;
	/** Whether it built the Dockerfile that is asked about. */
	readonly isOwn: boolean;
	readonly builder: 'buildkit' | 'classic';
	readonly steps: readonly PastStep[];
}

export interface PastStep {
	readonly inputs: InstructionInputs;
	readonly outcome: Outcome;
	/** When the engine worked on it; undefined where it did not, or that was not recorded. */
	readonly workedIn?: Interval | undefined;
}

/** A step whose result the engine's cache holds, as far as we know. */
export interface StoredStep {
	readonly key: string;
	/** What steps upon it are keyed with: BuildKit's cache key, the classic builder's image. */
	readonly result: string;
	/** The result it builds upon. */
	readonly parent: string;
	/** Its own inputs and its parent, contents from other stages apart. */
	readonly partial: string;
	readonly contents: readonly string[];
	readonly inputs: InstructionInputs;
	readonly step: StepInputs;
	/** When it was last built or found; milliseconds since the epoch. */
	readonly seenAt: number;
	/** When builds that we know made it; empty where it was only ever found, or that was not recorded. */
	readonly madeIn: readonly Interval[];
	readonly isOwn: boolean;
}

/** How the engine looks a step up. Undefined parts: something it depends on is not known. */
export interface Lookup {
	readonly parent: string | undefined;
	readonly partial: string | undefined;
	readonly contents: readonly (string | undefined)[];
	readonly key: string | undefined;
}

/**
 * What the engine's cache is known to hold, learnt from finished builds. It keys steps as the engine does, so that going
 * back to an old version, another Dockerfile with the same beginning, or a stage that ran again with the same result
 * are found as the engine finds them.
 */
export class CacheKnowledge {
	private readonly stored = new Map<string, StoredStep>();
	private readonly byParent = new Map<string, StoredStep[]>();
	private readonly byPartial = new Map<string, StoredStep[]>();
	/** Contents that turned out equal share one name. */
	private readonly sameContents = new Map<string, string>();
	private readonly differentContents = new Set<string>();
	private readonly results = new Set<string>();
	/** Base images by their layers, each once. */
	private readonly basesOf = new Map<string, Map<string, BaseInputs>>();
	private ownBases: readonly InstructionInputs[] = [];
	private isOwnBuilt = false;

	/** Builds oldest first. */
	constructor(builds: readonly PastBuild[] = []) {
		builds.forEach(build => { this.learn(build); });
	}

	/** Whether the Dockerfile asked about was ever built. */
	get hasOwn(): boolean {
		return this.isOwnBuilt;
	}

	find(key: string): StoredStep | undefined {
		return this.stored.get(key);
	}

	/** All of them. */
	steps(): Iterable<StoredStep> {
		return this.stored.values();
	}

	/** Whether a recorded build came to this result. */
	hasResult(result: string): boolean {
		return this.results.has(result);
	}

	/** Steps that were built upon the same result, newest last. */
	siblings(parent: string): readonly StoredStep[] {
		return this.byParent.get(parent) ?? [];
	}

	/** Steps that differ in nothing but contents from other stages. */
	variants(partial: string): readonly StoredStep[] {
		return this.byPartial.get(partial) ?? [];
	}

	/** FROM lines with an image of the last own build. */
	get lastBases(): readonly InstructionInputs[] {
		return this.ownBases;
	}

	/** False where the two contents were seen to differ; undefined where nothing is known. */
	areEqual(one: string, other: string): boolean | undefined {
		return one === other ? true : this.differentContents.has(pairKey(one, other)) ? false : undefined;
	}

	/** The name of what is read at `path` of a result. */
	content(result: string, path: string): string {
		const name = fingerprint([result, path]);
		return this.sameContents.get(name) ?? name;
	}

	lookup(step: StepInputs, parent: string | undefined, resultOf: (index: number) => string | undefined): Lookup {
		const own = ownKey(step);
		const contents = (step.sources ?? []).map(({ step: index, image, path }) => {
			const result = index === undefined ? baseResult(image) : resultOf(index);
			return result === undefined ? undefined : this.content(result, path);
		});
		const above = step.linked ? '' : parent;
		const partial = own === undefined || above === undefined ? undefined : partialKey(step, above, own);
		const key = partial === undefined || contents.includes(undefined) ? undefined : contents.length === 0 ? partial : fingerprint([partial, contents]);
		return { parent, partial, contents, key };
	}

	/** The result of FROM: the base with its triggers applied. */
	fromResult(from: InstructionInputs, resultOf: (index: number) => string | undefined): string | undefined {
		let result = from.base === undefined ? (from.parent === undefined ? undefined : resultOf(from.parent)) : baseResult(from.base);
		for (const trigger of from.triggers ?? []) {
			result = this.lookup(trigger, result, resultOf).key;
		}
		return result;
	}

	/**
	 * The results that FROM would have upon other known images with the same layers. BuildKit on the containerd store looks a
	 * base up by its digest, and only where it has no result of that by its layers (`CacheKey` in its
	 * source/containerimage/pull.go): so what is not found upon the one may be found upon the others.
	 */
	likeResults(from: InstructionInputs, resultOf: (index: number) => string | undefined): readonly string[] {
		const { key, layers } = from.base ?? {};
		const others = layers === undefined ? [] : [...this.basesOf.get(layers)?.values() ?? []].filter(base => base.key !== key);
		return others.flatMap(base => this.fromResult({ ...from, base }, resultOf) ?? []);
	}

	/** Adds a finished build; returns the result of each of its instructions, where it has one. */
	learn(build: PastBuild): readonly (string | undefined)[] {
		const { results, found } = this.follow(build);
		for (const { inputs: { base } } of build.steps) {
			if (base?.layers !== undefined && base.key !== undefined) {
				this.basesOf.set(base.layers, (this.basesOf.get(base.layers) ?? new Map<string, BaseInputs>()).set(base.key, base));
			}
		}
		const bases = build.steps.filter(({ inputs, outcome }) => inputs.base !== undefined && outcome !== 'notRun').map(({ inputs }) => inputs);
		if (build.isOwn) {
			this.isOwnBuilt = true;
			this.ownBases = bases;
		}
		// Only now, so that nothing of a build is compared with itself.
		found.forEach(({ step, twin }) => { this.equate(step, twin); });
		found.forEach(({ step, ran }) => { this.store(step, ran && !build.noCache); });
		return results;
	}

	/** What a finished build's steps were and led to, without learning from it. */
	follow(build: PastBuild): Followed {
		const results: (string | undefined)[] = [];
		const likes: (readonly string[])[] = [];
		const lookups: (Lookup | undefined)[] = [];
		const found: Found[] = [];
		const resultOf = (index: number): string | undefined => results[index];
		build.steps.forEach(({ inputs, outcome, workedIn }, index) => {
			const parent = inputs.parent === undefined ? undefined : results[inputs.parent];
			const like = inputs.parent === undefined ? [] : likes[inputs.parent]!;
			likes[index] = [];
			if (inputs.keyword === 'FROM') {
				results[index] = this.fromResult(inputs, resultOf);
				likes[index] = inputs.base !== undefined ? this.likeResults(inputs, resultOf) : inputs.triggers === undefined ? like : [];
				return;
			}
			if (inputs.step === undefined) {
				results[index] = parent;
				likes[index] = like;
				return;
			}
			const lookup = this.lookup(inputs.step, parent, resultOf);
			lookups[index] = lookup;
			const { key, partial, contents } = lookup;
			// Docker 20.10 may end a build before it has told of all steps: what succeeded has gone through what it needs.
			const isDone = outcome === 'ran' || outcome === 'cached' || (outcome === 'notRun' && build.succeeded && inputs.stage?.isNeeded === true);
			if (key === undefined || partial === undefined || !isDone) {
				results[index] = undefined;
				return;
			}
			const ran = outcome === 'ran';
			const twin = ran ? undefined : this.stored.get(key) ?? this.equalByOutcome(lookup, inputs.result) ?? this.uponAny(like, inputs.step, resultOf)[0];
			const made = build.builder === 'classic' ? inputs.result ?? (ran ? `${build.id}#${index}` : twin?.result ?? key) : twin?.result ?? key;
			const result = inputs.step.linked ? fingerprint([parent, made]) : made;
			results[index] = result;
			found.push({
				ran,
				twin,
				step: {
					key, result, partial, parent: parent ?? '', inputs, step: inputs.step, seenAt: build.finishedAt, isOwn: build.isOwn,
					madeIn: [...(ran ? this.stored.get(key) : twin)?.madeIn ?? [], ...workedIn === undefined ? [] : [workedIn]],
					contents: contents.filter(content => content !== undefined),
				},
			});
		});
		return { results, lookups, found };
	}

	/** What is stored of a step upon any of these results. */
	uponAny(parents: readonly string[], step: StepInputs, resultOf: (index: number) => string | undefined): readonly StoredStep[] {
		return parents.flatMap(parent => {
			const { key } = this.lookup(step, parent, resultOf);
			return (key === undefined ? undefined : this.stored.get(key)) ?? [];
		});
	}

	/**
	 * A step that hit although its key was never seen: its contents from other stages are those of a variant. Which one is
	 * known where there is only one left, or where the result says so.
	 */
	private equalByOutcome({ partial, contents }: Lookup, result: string | undefined): StoredStep | undefined {
		if (partial === undefined || contents.length === 0) {
			return undefined;
		}
		const possible = this.variants(partial).filter(variant =>
			variant.contents.every((content, at) => contents[at] !== undefined && this.areEqual(content, contents[at]) !== false));
		const named = result === undefined ? undefined : possible.findLast(variant => variant.inputs.result === result);
		return named ?? (new Set(possible.map(variant => variant.result)).size === 1 ? possible[0] : undefined);
	}

	private equate(step: StoredStep, twin: StoredStep | undefined): void {
		twin?.contents.forEach((content, at) => {
			const name = step.contents[at]!;
			if (name !== content) {
				this.sameContents.set(name, content);
			}
		});
	}

	private store(step: StoredStep, isMissByContent: boolean): void {
		if (isMissByContent && step.contents.length === 1) {
			for (const variant of this.variants(step.partial)) {
				if (variant.contents[0] !== step.contents[0]) {
					this.differentContents.add(pairKey(variant.contents[0]!, step.contents[0]!));
				}
			}
		}
		this.stored.set(step.key, step);
		this.results.add(step.result);
		push(this.byParent, step.parent, step);
		push(this.byPartial, step.partial, step);
	}
}

export interface Followed {
	/** By instruction; undefined where it has no step or did not come to a result. */
	readonly results: readonly (string | undefined)[];
	readonly lookups: readonly (Lookup | undefined)[];
	readonly found: readonly Found[];
}

interface Found {
	readonly step: StoredStep;
	readonly ran: boolean;
	readonly twin: StoredStep | undefined;
}

function baseResult(base: InstructionInputs['base']): string | undefined {
	if (base === undefined) {
		return undefined;
	}
	// An image that the engine does not have is pulled by its reference: the same reference is the same image until it moves.
	return `base ${base.key ?? `of ${base.reference}`}`;
}

const partialKeys = new WeakMap<StepInputs, { readonly above: string; readonly key: string }>();

/** A step is mostly asked about with the parent that it had when it was asked about last. */
function partialKey(step: StepInputs, above: string, own: string): string {
	const known = partialKeys.get(step);
	if (known?.above === above) {
		return known.key;
	}
	const key = fingerprint([above, own]);
	partialKeys.set(step, { above, key });
	return key;
}

const pairKey = (one: string, other: string): string => one < other ? `${one} ${other}` : `${other} ${one}`;

function push(lists: Map<string, StoredStep[]>, key: string, step: StoredStep): void {
	// One of each stage: stages that begin alike share their keys.
	const list = (lists.get(key) ?? []).filter(other => other.key !== step.key || other.inputs.stage?.index !== step.inputs.stage?.index);
	list.push(step);
	lists.set(key, list);
}
