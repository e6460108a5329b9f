import type { InstructionInputs, StepInputs } from './instructionInputs';
import type { StoredStep } from './knowledge';
import { compareManifests, type ManifestEntry } from './manifest';
import type { InstructionPart, Reason } from './reason';

/** Entries of a manifest by its name; undefined where it is not kept any more. */
export type Manifests = (id: string) => readonly ManifestEntry[] | undefined;

export interface DifferenceContext {
	readonly manifests: Manifests;
	/** Paths named in each list of `filesChanged`. */
	readonly pathLimit: number;
	/** Line of the last instruction of this keyword before the step in its stage; undefined where the base sets it. */
	readonly lineOf: (keyword: string) => number | undefined;
}

/** The stored step that comes nearest to this one: the one that differs in the fewest things, the newest of equals. */
export function nearest(step: StepInputs, siblings: readonly StoredStep[]): StoredStep | undefined {
	let best: StoredStep | undefined;
	let least = Number.POSITIVE_INFINITY;
	for (const sibling of siblings) {
		const distance = distanceOf(step, sibling);
		if (distance <= least) {
			best = sibling;
			least = distance;
		}
	}
	return best;
}

function distanceOf(now: StepInputs, { step: then, isOwn }: StoredStep): number {
	const parts: readonly [boolean, number][] = [
		[now.text.split(' ', 1)[0] !== then.text.split(' ', 1)[0], 64],
		[now.operation !== then.operation, 16],
		[!isOwn, 8],
		[now.shell !== then.shell, 2],
		[now.user !== then.user || now.workdir !== then.workdir || now.network !== then.network || now.platform !== then.platform, 2],
		[!sameList(now.variables, then.variables), 2],
		[!sameList(roots(now), roots(then)), 1],
	];
	return parts.reduce((sum, [differs, weight]) => sum + (differs ? weight : 0), 0);
}

/**
 * The first proved difference between a step and what was built upon the same parent; undefined where they do not differ
 * in anything of their own.
 */
export function differenceOf(now: InstructionInputs, step: StepInputs, then: StoredStep, context: DifferenceContext): Reason | undefined {
	const before = then.step;
	return usedVariable(now, step, then)
		?? (step.text === before.text ? part('shell', step.shell, before.shell, now.line, context, 'SHELL') : undefined)
		?? operation(now, step, before)
		?? part('user', step.user, before.user, now.line, context, 'USER')
		?? part('workdir', step.workdir, before.workdir, now.line, context, 'WORKDIR')
		?? part('network', step.network, before.network, now.line, context)
		?? part('platform', step.platform, before.platform, now.line, context)
		?? variable(step, before)
		?? files(now, step, before, context);
}

/** The line says the same as before and yet is another operation: a variable in it changed. */
function usedVariable(now: InstructionInputs, step: StepInputs, then: StoredStep): Reason | undefined {
	if (now.text !== then.inputs.text || (step.text === then.step.text && step.operation === then.step.operation)) {
		return undefined;
	}
	const before = then.step.uses ?? {};
	const after = step.uses ?? {};
	const name = [...new Set([...Object.keys(after), ...Object.keys(before)])].find(candidate => before[candidate] !== after[candidate]);
	if (name === undefined) {
		return undefined;
	}
	const isArg = (step.usesFromArg ?? []).includes(name) || (then.step.usesFromArg ?? []).includes(name);
	return { kind: isArg ? 'argumentChanged' : 'environmentChanged', name, before: before[name], after: after[name] };
}

function operation(now: InstructionInputs, step: StepInputs, before: StepInputs): Reason | undefined {
	return step.operation === before.operation && step.linked === before.linked
		? undefined : { kind: 'instructionChanged', before: before.text, after: step.text, line: now.line, what: 'text' };
}

/** For what differs in nothing else: the words of the line, where these differ. */
export function textReason(now: InstructionInputs, step: StepInputs, before: StepInputs): Reason | undefined {
	return step.text === before.text
		? undefined : { kind: 'instructionChanged', before: before.text, after: step.text, line: now.line, what: 'text' };
}

function part(what: InstructionPart, after: string | undefined, before: string | undefined, line: number, context: DifferenceContext, keyword?: string): Reason | undefined {
	if (after === before) {
		return undefined;
	}
	const setter = keyword === undefined ? undefined : context.lineOf(keyword);
	return { kind: 'instructionChanged', before: before ?? '', after: after ?? '', line: setter ?? line, what };
}

function variable(step: StepInputs, before: StepInputs): Reason | undefined {
	if (sameList(step.variables, before.variables)) {
		return undefined;
	}
	const old = new Map((before.variables ?? []).map(splitPair));
	const now = new Map((step.variables ?? []).map(splitPair));
	const name = [...now.keys()].find(candidate => old.get(candidate) !== now.get(candidate)) ?? [...old.keys()].find(candidate => !now.has(candidate))
		// Only their order differs.
		?? [...now.keys()].find((candidate, at) => [...old.keys()][at] !== candidate);
	if (name === undefined) {
		return undefined;
	}
	const isArg = (now.has(name) ? step.fromArg : before.fromArg)?.includes(name) ?? false;
	return { kind: isArg ? 'argumentChanged' : 'environmentChanged', name, before: old.get(name), after: now.get(name) };
}

function files(now: InstructionInputs, step: StepInputs, before: StepInputs, { manifests, pathLimit }: DifferenceContext): Reason | undefined {
	if (sameList(roots(step), roots(before))) {
		return undefined;
	}
	const entries = ({ files: taken }: StepInputs): readonly ManifestEntry[] | undefined => {
		const lists = (taken ?? []).map(({ manifest }) => manifest === undefined ? undefined : manifests(manifest));
		return lists.some(list => list === undefined) ? undefined : lists.flatMap(list => list ?? []);
	};
	const old = entries(before);
	const current = entries(step);
	if (old === undefined || current === undefined) {
		return { kind: 'filesChanged', added: [], removed: [], content: [], mode: [], total: undefined };
	}
	const changes = compareManifests(old, current, pathLimit);
	// The same files taken another way, in another order for instance.
	return changes.total === 0 ? textReason(now, step, before) : { kind: 'filesChanged', ...changes };
}

const roots = ({ files: taken }: StepInputs): readonly (string | undefined)[] => (taken ?? []).map(({ root }) => root);

function sameList(one: readonly unknown[] | undefined, other: readonly unknown[] | undefined): boolean {
	const [a, b] = [one ?? [], other ?? []];
	return a.length === b.length && a.every((item, at) => item === b[at]);
}

function splitPair(pair: string): [string, string] {
	const equals = pair.indexOf('=');
	return [pair.slice(0, equals), pair.slice(equals + 1)];
}
