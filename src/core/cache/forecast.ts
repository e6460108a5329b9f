import { atOnce, type Slices } from '../base/slices';
import type { ResolvedDockerfile } from '../dockerfile/resolved';
import { fingerprint } from './fingerprint';
import type { InstructionInputs, StepInputs } from './instructionInputs';
import type { Lookup, StoredStep } from './knowledge';
import { missReason, type Evidence } from './missReason';
import type { Forecast, Reason } from './reason';
import { sparedSteps } from './sparedSteps';

export type ForecastRequest = Omit<Evidence, 'startedBy'> & {
	/** Says which stages take part. */
	readonly resolved: ResolvedDockerfile;
	readonly builder: 'buildkit' | 'classic';
	readonly noCache: boolean;
	/** Results upon `parent` that the engine has, no recorded build made, and that may be the step's. */
	readonly elsewhere: (inputs: InstructionInputs & { readonly step: StepInputs }, parent: string) => readonly string[];
	/** Whether a build under way holds a result that it made, so that the engine may not find what it has upon that. */
	readonly isHeld: (result: string) => boolean;
};

/**
 * What the next build will do with each instruction; undefined for those that have no step or are not built. Follows the
 * stage graph: an instruction is asked about with the result it will build upon.
 */
export function forecastBuild(request: ForecastRequest): readonly (Forecast | undefined)[] {
	return atOnce(forecasting(request));
}

/** The same in slices. */
export function* forecasting(request: ForecastRequest): Slices<readonly (Forecast | undefined)[]> {
	const walk = new Walk(request);
	const said: (Forecast | undefined)[] = [];
	const { inputs, resolved: { dockerfile, needed } } = request;
	for (let index = 0; index < inputs.length; index++) {
		const { stage } = dockerfile.instructions[index]!;
		said.push(stage === undefined || !needed.has(stage) ? undefined : walk.visit(inputs[index]!, index));
		yield;
	}
	return said;
}

/** What an instruction will leave to those that build upon it. */
type State =
	/**
	 * One of `results`, all of which the engine has. More than one, or `depends`: which one shows only in the build.
	 * `like`: what is not found upon these may be found upon those (`CacheKnowledge.likeResults`).
	 */
	| { readonly kind: 'known'; readonly results: readonly string[]; readonly like: readonly string[]; readonly depends: Outlook['depends'] }
	/** A new result, named by what made it. `line`: what started it. `isLooking`: the classic builder looks for steps upon it. */
	| { readonly kind: 'missed'; readonly line: number; readonly result: string; readonly isLooking: boolean }
	| { readonly kind: 'unknown' };

const unknown: State = { kind: 'unknown' };

class Walk {
	private readonly states: State[] = [];
	/** Classic: keys of steps that this very build will have made by then. */
	private readonly fresh = new Map<string, { readonly result: string; readonly line: number }>();
	private readonly evidence: Evidence;
	/** Found out once something turns out to be gone. */
	private spared: ReadonlySet<number> | undefined;

	constructor(private readonly request: ForecastRequest) {
		this.evidence = { ...request, startedBy: index => { const state = this.states[index]; return state?.kind === 'missed' ? state.line : undefined; } };
	}

	visit(inputs: InstructionInputs, index: number): Forecast | undefined {
		const parent = inputs.parent === undefined ? undefined : this.states[inputs.parent];
		if (inputs.step === undefined) {
			this.states[index] = inputs.keyword === 'FROM' ? this.from(inputs, parent) : parent ?? unknown;
			return undefined;
		}
		const { forecast, state } = this.step(inputs, index, parent ?? unknown);
		this.states[index] = state;
		return forecast;
	}

	private from(inputs: InstructionInputs, parent: State | undefined): State {
		const triggers = inputs.triggers ?? [];
		if (parent?.kind === 'missed') {
			return { ...parent, isLooking: true, result: triggers.length === 0 ? parent.result : fingerprint([parent.result, triggers]) };
		}
		if (inputs.base === undefined && triggers.length === 0) {
			return parent ?? unknown;
		}
		const { knowledge } = this.request;
		const resultOf = (from: InstructionInputs): string | undefined => knowledge.fromResult(from, source => this.onlyResult(source));
		const result = resultOf(inputs);
		if (result === undefined) {
			return unknown;
		}
		const then = knowledge.lastBases.find(({ base }) => base?.reference === inputs.base?.reference);
		const isCertain = inputs.base === undefined || (inputs.base.key !== undefined && (then === undefined || then.base?.key !== undefined));
		if (isCertain) {
			const like = inputs.base === undefined ? [] : knowledge.likeResults(inputs, source => this.onlyResult(source));
			return { kind: 'known', results: [result], like, depends: undefined };
		}
		// A base that is not here, or was not then: the build looks it up in its registry, and it may have moved in between.
		const before = then && resultOf({ ...inputs, base: then.base, triggers: inputs.triggers ?? then.triggers });
		const results = [...new Set([...before === undefined ? [] : [before], result])];
		return { kind: 'known', results, like: [], depends: { kind: 'depends', line: undefined, url: inputs.base.reference, isBase: true } };
	}

	private step(inputs: InstructionInputs, index: number, parent: State): { readonly forecast: Forecast; readonly state: State } {
		const { noCache, builder } = this.request;
		// BuildKit's frontend gives `no-cache` to RUN, COPY and ADD only: a WORKDIR is looked up as ever, seen on 20.10 and 28.5.
		const isLookedUp = builder === 'buildkit' && inputs.keyword === 'WORKDIR' && parent.kind !== 'missed';
		if (noCache && !isLookedUp) {
			return this.miss(inputs, undefined, parent, { kind: 'noCache' });
		}
		if (parent.kind === 'unknown') {
			return { forecast: { kind: 'unknown' }, state: unknown };
		}
		if (parent.kind === 'missed') {
			if (builder === 'buildkit' && inputs.step?.linked !== true) {
				// Nothing that BuildKit has can be keyed with a result that is yet to be made.
				return this.miss(inputs, undefined, parent, { kind: 'parentMissed', line: parent.line });
			}
			const lookup = this.lookup(inputs, parent.result);
			const made = builder === 'classic' && parent.isLooking ? this.justMade(lookup) : undefined;
			if (made !== undefined) {
				return made;
			}
			if (inputs.step?.linked === true) {
				return this.linked(inputs, index, parent, lookup);
			}
			return this.miss(inputs, lookup, parent, { kind: 'parentMissed', line: parent.line });
		}
		const lookups = parent.results.map(result => this.lookup(inputs, result));
		if (lookups.some(({ partial }) => partial === undefined)) {
			return { forecast: { kind: 'unknown' }, state: unknown };
		}
		const outlooks = lookups.map(lookup => this.outlook(inputs, index, lookup));
		return this.join(inputs, index, parent, lookups, outlooks);
	}

	/** Joins what each possible parent would lead to. */
	private join(inputs: InstructionInputs, index: number, parent: Extract<State, { kind: 'known' }>, lookups: readonly Lookup[], outlooks: readonly Outlook[]): { readonly forecast: Forecast; readonly state: State } {
		const results = [...new Set(outlooks.flatMap(({ possible }) => possible.map(({ result }) => result)))];
		const lost = outlooks.flatMap(outlook => outlook.lost);
		if (results.length === 0) {
			if (parent.depends?.isBase === true && this.request.knowledge.hasOwn) {
				// Its environment is not known either, so no difference proves anything.
				return { forecast: parent.depends, state: parent };
			}
			if (lost.includes(undefined) || (!this.request.knowledge.hasOwn && lost.length === 0)) {
				return { forecast: { kind: 'unknown' }, state: unknown };
			}
			const made = this.request.builder === 'classic' ? this.justMade(lookups[0]!) : undefined;
			return made ?? this.elsewhere(inputs, index, parent, lookups[0]!);
		}
		const own = outlooks.find(({ depends }) => depends !== undefined)?.depends;
		const depends: Outlook['depends'] = parent.depends?.elsewhere === undefined ? parent.depends ?? own
			: { ...parent.depends, elsewhere: { kind: 'parentMissed', line: parent.depends.line ?? inputs.line } };
		if (depends !== undefined) {
			return { forecast: depends, state: { ...parent, results, like: [], depends } };
		}
		return { forecast: { kind: 'hit' }, state: { ...parent, results, like: [] } };
	}

	/** What no recorded build has made: a miss, unless a build made it of which there is no record. */
	private elsewhere(inputs: InstructionInputs, index: number, parent: Extract<State, { kind: 'known' }>, lookup: Lookup): { readonly forecast: Forecast; readonly state: State } {
		const { depends } = parent;
		const isBelow = depends?.elsewhere !== undefined;
		const { step } = inputs;
		const results = step === undefined ? [] : [
			...parent.results.flatMap(result => this.request.elsewhere({ ...inputs, step }, result)),
			...this.request.knowledge.uponAny(parent.like, step, source => this.onlyResult(source)).filter(stored => this.request.isLost(stored) !== true).map(({ result }) => result),
		];
		// Upon what nobody recorded, no difference proves anything.
		const reason: Reason = isBelow ? { kind: 'unknown' } : missReason(this.evidence, index, lookup);
		if (results.length === 0) {
			return this.miss(inputs, lookup, parent, reason);
		}
		const line = (isBelow ? depends.line : undefined) ?? inputs.line;
		const said: Outlook['depends'] = { kind: 'depends', line, url: undefined, elsewhere: isBelow ? { kind: 'parentMissed', line } : reason };
		return { forecast: said, state: { ...parent, results, like: [], depends: said } };
	}

	private outlook(inputs: InstructionInputs, index: number, lookup: Lookup): Outlook {
		const { knowledge, isLost, isHeld } = this.request;
		const stored = lookup.key === undefined ? undefined : knowledge.find(lookup.key);
		const url = inputs.step?.remotes?.[0];
		if (stored !== undefined) {
			const lost = isLost(stored);
			const depends: Outlook['depends'] = url !== undefined ? { kind: 'depends', line: undefined, url }
				: absentSource(inputs) ?? (isHeld(stored.parent) ? { kind: 'depends', line: undefined, url: undefined, isHeld: true } : undefined);
			return lost === false || (lost === true && this.isSpared(index)) ? { possible: [stored], lost: [], depends } : { possible: [], lost: [lost], depends: undefined };
		}
		const variants = knowledge.variants(lookup.partial ?? '').filter(variant => isLost(variant) !== true
			&& variant.contents.every((content, at) => lookup.contents[at] === undefined || knowledge.areEqual(content, lookup.contents[at]) !== false));
		const unsure = lookup.contents.findIndex((content, at) => content === undefined || variants.every(variant => variant.contents[at] !== content));
		const source = inputs.step?.sources?.[unsure];
		return { possible: variants, lost: [], depends: variants.length === 0 ? undefined : { kind: 'depends', line: source?.line, url: source?.image?.reference } };
	}

	private isSpared(index: number): boolean {
		return this.request.builder === 'buildkit' && (this.spared ??= sparedSteps(this.request)).has(index);
	}

	/** COPY --link makes its files without its parent; what follows it still needs both. */
	private linked(inputs: InstructionInputs, index: number, parent: Extract<State, { kind: 'missed' }>, lookup: Lookup): { readonly forecast: Forecast; readonly state: State } {
		const { possible, depends } = this.outlook(inputs, index, lookup);
		const missed = this.miss(inputs, lookup, parent, { kind: 'parentMissed', line: parent.line });
		return possible.length === 0 ? missed : { forecast: depends ?? { kind: 'hit' }, state: missed.state };
	}

	/** The classic builder finds what the same build has made a moment ago, in another stage. */
	private justMade({ key }: Lookup): { readonly forecast: Forecast; readonly state: State } | undefined {
		const made = key === undefined ? undefined : this.fresh.get(key);
		return made === undefined ? undefined : { forecast: { kind: 'hit' }, state: { kind: 'missed', isLooking: true, ...made } };
	}

	private miss(inputs: InstructionInputs, lookup: Lookup | undefined, parent: State, reason: Reason): { readonly forecast: Forecast; readonly state: State } {
		const line = parent.kind === 'missed' ? parent.line : inputs.line;
		const result = this.request.builder === 'classic' ? fingerprint(['fresh', lookup?.key ?? [lookup?.partial, inputs.line]]) : `fresh ${String(inputs.line)}`;
		if (lookup?.key !== undefined) {
			this.fresh.set(lookup.key, { result, line });
		}
		return { forecast: { kind: 'miss', reason }, state: { kind: 'missed', line, result, isLooking: false } };
	}

	private lookup(inputs: InstructionInputs, parent: string): Lookup {
		return this.request.knowledge.lookup(inputs.step!, parent, source => this.onlyResult(source));
	}

	/** The result of an instruction where it is certain before the build. */
	private onlyResult(index: number): string | undefined {
		const state = this.states[index];
		return state?.kind === 'known' && state.depends === undefined && state.results.length === 1 ? state.results[0] : undefined;
	}
}

/** An image that files are copied from and the engine does not have. */
function absentSource({ step }: InstructionInputs): Outlook['depends'] {
	const image = step?.sources?.find(source => source.image !== undefined && source.image.key === undefined)?.image;
	return image && { kind: 'depends', line: undefined, url: image.reference, isBase: true };
}

interface Outlook {
	/** Stored steps that it may turn out to be. */
	readonly possible: readonly StoredStep[];
	/** For stored steps that may be gone: whether they are. */
	readonly lost: readonly (boolean | undefined)[];
	readonly depends: Extract<Forecast, { kind: 'depends' }> | undefined;
}
