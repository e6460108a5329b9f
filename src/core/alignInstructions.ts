import type { Dockerfile, Instruction } from './dockerfile/model';

/** Where an instruction of the text as it is now stood in the text as it was. */
export interface AlignedInstruction {
	/** Index in the earlier Dockerfile; undefined where there was none like it. */
	readonly before: number | undefined;
	/** Whether it means the same as then; comments, blank lines and place do not count. */
	readonly same: boolean;
	/** Instructions that stood between its predecessor and it, and are gone. */
	readonly removedBefore: readonly Instruction[];
}

export interface Alignment {
	/** One per instruction of the text as it is now. */
	readonly instructions: readonly AlignedInstruction[];
	/** By stage, as it is now: what stood at its end and is gone. */
	readonly removedAtEnd: ReadonlyMap<number, readonly Instruction[]>;
}

/**
 * Follows instructions through an edit: stages are paired by name, then by base and order; inside a pair, equal
 * instructions by the longest common subsequence, and what is left between two equal ones by keyword and order, as
 * edited.
 */
export function alignInstructions(before: Dockerfile, now: Dockerfile): Alignment {
	const aligned = new Array<AlignedInstruction>(now.instructions.length).fill(isNew);
	const removedAtEnd = new Map<number, readonly Instruction[]>();
	const headOf = ({ instructions }: Dockerfile): readonly Instruction[] => instructions.filter(({ stage }) => stage === undefined);
	alignRuns(headOf(before), headOf(now), aligned);
	for (const [index, partner] of pairStages(before, now).entries()) {
		const runOf = (dockerfile: Dockerfile, stage: number): readonly Instruction[] =>
			dockerfile.stages[stage]!.instructions.map(at => dockerfile.instructions[at]!);
		if (partner !== undefined) {
			removedAtEnd.set(index, alignRuns(runOf(before, partner), runOf(now, index), aligned));
		}
	}
	return { instructions: aligned, removedAtEnd };
}

/** For each stage of `now` the stage it was. */
function pairStages(before: Dockerfile, now: Dockerfile): readonly (number | undefined)[] {
	const pairs: (number | undefined)[] = now.stages.map(() => undefined);
	const free = new Set(before.stages.map(({ index }) => index));
	const pair = (matches: (was: Dockerfile['stages'][number], is: Dockerfile['stages'][number]) => boolean): void => {
		for (const is of now.stages) {
			const found = pairs[is.index] === undefined ? [...free].find(index => matches(before.stages[index]!, is)) : undefined;
			if (found !== undefined) {
				pairs[is.index] = found;
				free.delete(found);
			}
		}
	};
	pair((was, is) => is.name !== undefined && was.name?.toLowerCase() === is.name.toLowerCase());
	pair((was, is) => was.base === is.base && was.index === is.index);
	pair((was, is) => was.base === is.base && (was.name === undefined || is.name === undefined));
	pair((was, is) => was.index === is.index);
	return pairs;
}

/** Returns what stood at the end of `before` and is gone. */
function alignRuns(before: readonly Instruction[], now: readonly Instruction[], into: AlignedInstruction[]): readonly Instruction[] {
	const partners = commonSubsequence(before.map(meaningOf), now.map(meaningOf));
	let fromBefore = 0;
	let fromNow = 0;
	let removed = none;
	// The end counts as one more match, so that what follows the last one is a gap like the others.
	for (let atNow = 0; atNow <= now.length; atNow++) {
		const atBefore = atNow === now.length ? before.length : partners[atNow]!;
		if (atBefore < 0) {
			continue;
		}
		if (atBefore > fromBefore || atNow > fromNow) {
			removed = alignGap(before.slice(fromBefore, atBefore), now.slice(fromNow, atNow), into);
		}
		const matched = now[atNow];
		if (matched !== undefined) {
			into[matched.index] = { before: before[atBefore]!.index, same: true, removedBefore: removed };
			removed = none;
		}
		fromBefore = atBefore + 1;
		fromNow = atNow + 1;
	}
	return removed;
}

const none: readonly Instruction[] = [];
const isNew: AlignedInstruction = { before: undefined, same: false, removedBefore: none };

/** What stands between two equal ones; returns what is gone behind the last that is now. */
function alignGap(before: readonly Instruction[], now: readonly Instruction[], into: AlignedInstruction[]): readonly Instruction[] {
	const left = [...before];
	// One for one is an edit even where the keyword is other: COPY becomes ADD, or is half typed.
	const isAlone = before.length === 1 && now.length === 1;
	for (const instruction of now) {
		const edited = isAlone ? 0 : left.findIndex(({ keyword }) => keyword === instruction.keyword);
		const passed = left.splice(0, edited + 1);
		into[instruction.index] = { before: passed.pop()?.index, same: false, removedBefore: passed };
	}
	return left;
}

/** What decides whether two instructions are the same: the name a stage is given does not. */
function meaningOf({ keyword, text, heredocs }: Instruction): string {
	const words = keyword === 'FROM' ? text.replace(/\s+AS\s+\S+\s*$/i, '') : text;
	// A key press compares a thousand of them: texts as they are, which mostly are the very same ones.
	return heredocs.length === 0 ? words : [words, ...heredocs.map(({ expand, content }) => `${String(expand)}\0${content}`)].join('\0');
}

/** Tables beyond this are too slow for a key press; such an edit is followed by its ends and by lines that occur once. */
const largestTable = 250_000;

/** Nearly all edits take away and add fewer lines than this together; then no table is needed. */
const mostEdits = 64;

/** For each text of `now` the place of its partner, ascending, or -1: a common subsequence, the longest up to `largestTable`. */
function commonSubsequence(before: readonly string[], now: readonly string[]): Int32Array {
	let start = 0;
	while (start < before.length && start < now.length && before[start] === now[start]) {
		start++;
	}
	let tail = 0;
	while (tail < before.length - start && tail < now.length - start && before.at(-1 - tail) === now.at(-1 - tail)) {
		tail++;
	}
	const middle = numbered(before.slice(start, before.length - tail), now.slice(start, now.length - tail));
	const inner = nearby(middle.before, middle.now)
		?? (middle.before.length * middle.now.length <= largestTable ? longest(middle.before, middle.now) : onceOnly(middle.before, middle.now));
	const partners = new Int32Array(now.length).fill(-1);
	for (let at = 0; at < start; at++) {
		partners[at] = at;
	}
	inner.forEach(([atBefore, atNow]) => { partners[atNow + start] = atBefore + start; });
	for (let at = 1; at <= tail; at++) {
		partners[now.length - at] = before.length - at;
	}
	return partners;
}

/** A number for each text, the same for equal ones. */
function numbered(before: readonly string[], now: readonly string[]): { readonly before: readonly number[]; readonly now: readonly number[] } {
	const numbers = new Map<string, number>();
	const numberOf = (text: string): number => {
		const number = numbers.get(text) ?? numbers.size;
		numbers.set(text, number);
		return number;
	};
	return { before: before.map(numberOf), now: now.map(numberOf) };
}

/**
 * The same pairs as `longest`, in time that grows with the number of edits (E. W. Myers, An O(ND) Difference Algorithm,
 * 1986); undefined where these are more than `mostEdits`. It searches from the end, so that what is left of the way is known when the pairs are
 * read from the beginning.
 */
function nearby(before: readonly number[], now: readonly number[]): readonly (readonly [number, number])[] | undefined {
	/** By number of edits: for each diagonal (`b - n`, counted from the end) how many of `before` are behind it at most. */
	const reached: Int32Array[] = [];
	const middle = mostEdits + 1;
	const far = new Int32Array(2 * middle + 1);
	const end = before.length - now.length;
	for (let edits = 0; edits <= mostEdits; edits++) {
		for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
			const fromNow = far[middle + diagonal + 1]!;
			const fromBefore = far[middle + diagonal - 1]! + 1;
			let b = edits === 0 ? 0 : diagonal === -edits || (diagonal !== edits && fromBefore < fromNow) ? fromNow : fromBefore;
			while (b < before.length && b - diagonal < now.length && before[before.length - 1 - b] === now[now.length - 1 - b + diagonal]) {
				b++;
			}
			far[middle + diagonal] = b;
		}
		reached.push(far.slice());
		if (Math.abs(end) <= edits && far[middle + end]! >= before.length && (edits - end) % 2 === 0) {
			return pairsOnWay(before, now, edits, (left, b, n) => Math.abs(b - n) <= left && reached[left]![middle + b - n]! >= b);
		}
	}
	return undefined;
}

/** `isWithin`: whether the last `b` of `before` and the last `n` of `now` are no more than so many edits apart. */
function pairsOnWay(before: readonly number[], now: readonly number[], edits: number, isWithin: (edits: number, b: number, n: number) => boolean): readonly (readonly [number, number])[] {
	const pairs: (readonly [number, number])[] = [];
	let left = edits;
	for (let b = 0, n = 0; b < before.length && n < now.length;) {
		if (before[b] === now[n]) {
			pairs.push([b++, n++]);
		} else if (isWithin(--left, before.length - b - 1, now.length - n)) {
			b++;
		} else {
			n++;
		}
	}
	return pairs;
}

function longest(before: readonly number[], now: readonly number[]): readonly (readonly [number, number])[] {
	const width = now.length + 1;
	const lengths = new Uint16Array((before.length + 1) * width);
	for (let b = before.length - 1; b >= 0; b--) {
		for (let n = now.length - 1; n >= 0; n--) {
			lengths[b * width + n] = before[b] === now[n]
				? lengths[(b + 1) * width + n + 1]! + 1
				: Math.max(lengths[(b + 1) * width + n]!, lengths[b * width + n + 1]!);
		}
	}
	const pairs: (readonly [number, number])[] = [];
	for (let b = 0, n = 0; b < before.length && n < now.length;) {
		if (before[b] === now[n]) {
			pairs.push([b++, n++]);
		} else if (lengths[(b + 1) * width + n]! >= lengths[b * width + n + 1]!) {
			b++;
		} else {
			n++;
		}
	}
	return pairs;
}

/** The longest ascending run of pairs among values that occur once on both sides (patience sorting): nearly linear. */
function onceOnly(before: readonly number[], now: readonly number[]): readonly (readonly [number, number])[] {
	const places = onlyPlaces(before);
	const counterparts = onlyPlaces(now);
	interface Link { readonly before: number; readonly now: number; readonly previous: Link | undefined }
	// piles[k]: the link that ends the best run of length k + 1 so far.
	const piles: Link[] = [];
	for (const [value, at] of counterparts) {
		const place = places.get(value);
		if (place === undefined) {
			continue;
		}
		let low = 0;
		for (let high = piles.length; low < high;) {
			const middle = (low + high) >> 1;
			if (piles[middle]!.before < place) {
				low = middle + 1;
			} else {
				high = middle;
			}
		}
		piles[low] = { before: place, now: at, previous: piles[low - 1] };
	}
	const pairs: (readonly [number, number])[] = [];
	for (let link = piles.at(-1); link !== undefined; link = link.previous) {
		pairs.unshift([link.before, link.now]);
	}
	return pairs;
}

/** The place of each value that occurs once, in order of place. */
function onlyPlaces(values: readonly number[]): ReadonlyMap<number, number> {
	const places = new Map<number, number>();
	const repeated = new Set<number>();
	for (const [at, value] of values.entries()) {
		if (places.has(value)) {
			repeated.add(value);
		}
		places.set(value, at);
	}
	for (const value of repeated) {
		places.delete(value);
	}
	return places;
}

/** The instruction, in the text as it is now, that instruction `index` of the earlier text became. */
export function followInstruction(before: Dockerfile, now: Dockerfile, index: number): Instruction | undefined {
	if (before.text === now.text) {
		return now.instructions[index];
	}
	const at = alignInstructions(before, now).instructions.findIndex(aligned => aligned.before === index);
	return now.instructions[at];
}
