import { argNames, nameValues } from '../dockerfile/nameValue';
import type { Instruction } from '../dockerfile/model';
import type { ResolvedDockerfile, ResolvedInstruction } from '../dockerfile/resolved';
import type { ImageRow } from './historyRows';
import { goStrings } from './rowInstruction';

/** Which row of an image's history each instruction of a Dockerfile made. */
export interface HistoryMatch {
	/** Row index by instruction index, for instructions of the stages that the image consists of. */
	readonly rowOf: ReadonlyMap<number, number>;
	/** Instruction index by row index; a row of the base or of an ONBUILD trigger has none. */
	readonly instructionOf: ReadonlyMap<number, number>;
	/** How many rows, the oldest, come from the base image. */
	readonly baseRows: number;
	/** How many of the matched rows make layers: what the match rests on. */
	readonly layerRows: number;
}

/**
 * Matches an image's rows with a Dockerfile's target stage, from the newest row down, because the base's own rows are
 * below and may be any. A match needs every instruction to agree with its row; else undefined. Instructions of other
 * stages leave no rows in an image.
 */
export function matchHistory(resolved: ResolvedDockerfile, rows: readonly ImageRow[]): HistoryMatch | undefined {
	const { target } = resolved;
	if (target === undefined) {
		return undefined;
	}
	const chain = stageChain(resolved, target);
	const { isScratch } = resolved.stages[chain[0]!]!;
	const expected = chain.flatMap(stage => expectedRows(resolved, stage));
	return matchTail(expected, rows, rows.length, isScratch)
		// Labels given to the build are one row more on top (classic: a LABEL step; BuildKit: none).
		?? (rows.at(-1)?.keyword === 'LABEL' ? matchTail(expected, rows, rows.length - 1, isScratch) : undefined);
}

/** The stages an image of `target` consists of, base first: each FROM another stage continues that stage's history. */
export function stageChain(resolved: ResolvedDockerfile, target: number): readonly number[] {
	const chain = [target];
	for (let stage = resolved.stages[target]?.baseStage; stage !== undefined && !chain.includes(stage); stage = resolved.stages[stage]?.baseStage) {
		chain.unshift(stage);
	}
	return chain;
}

interface ExpectedRow {
	readonly resolved: ResolvedInstruction;
	/** False for a trigger: it has a row, but no line of its own in this stage. */
	readonly own: boolean;
}

function expectedRows({ dockerfile, instructions, stages }: ResolvedDockerfile, stage: number): readonly ExpectedRow[] {
	return [
		...stages[stage]!.triggers.map(resolved => ({ resolved, own: false })),
		...dockerfile.stages[stage]!.instructions.slice(1).map(at => ({ resolved: instructions[at]!, own: true })),
	];
}

function matchTail(expected: readonly ExpectedRow[], rows: readonly ImageRow[], end: number, isScratch: boolean): HistoryMatch | undefined {
	const rowOf = new Map<number, number>();
	const instructionOf = new Map<number, number>();
	let layerRows = 0;
	let at = end;
	for (const { resolved, own } of expected.toReversed()) {
		const row = rows[at - 1];
		// BuildKit writes no row for ONBUILD itself.
		if (resolved.instruction.keyword === 'ONBUILD' && row?.keyword !== 'ONBUILD') {
			continue;
		}
		if (row === undefined || !agrees(resolved, row)) {
			return undefined;
		}
		at--;
		layerRows += row.empty === true ? 0 : 1;
		if (own) {
			rowOf.set(resolved.instruction.index, row.index);
			instructionOf.set(row.index, resolved.instruction.index);
		}
	}
	return (at === 0) === isScratch ? { rowOf, instructionOf, baseRows: at, layerRows } : undefined;
}

/** Whether a row is what the builders write for this instruction. */
function agrees(resolved: ResolvedInstruction, row: ImageRow): boolean {
	const { instruction } = resolved;
	const { keyword, args } = instruction;
	if (keyword === 'RUN') {
		return runAgrees(instruction, row);
	}
	if (row.keyword !== keyword) {
		return false;
	}
	switch (keyword) {
		case 'COPY':
		case 'ADD':
			return copyAgrees(resolved, row);
		case 'ARG':
			// The default is written, or the value given, or nothing (BuildKit 0.8 with a given value).
			return same(argNames(args, '\\').map(({ name }) => name), argNames(row.raw, '\\').slice(0, argNames(args, '\\').length).map(({ name }) => name));
		case 'ENV':
		case 'LABEL':
			return pairsAgree(args, row.raw);
		case 'WORKDIR':
			return pathAgrees(resolved.words[0] ?? args, row.raw);
		case 'CMD':
		case 'ENTRYPOINT': {
			const strings = goStrings(row.raw) ?? [row.raw];
			return same(instruction.json ?? [...resolved.shell, args], strings)
				|| (instruction.json === undefined ? strings.at(-1) === args : isPodmanList(instruction.json, row));
		}
		case 'USER':
		case 'STOPSIGNAL':
			return usesVariable(args) || unquoted(args) === unquoted(row.raw);
		case 'EXPOSE':
		case 'VOLUME':
			return usesVariable(args) || same(sortedWords(instruction.json?.join(' ') ?? args), sortedWords(row.args));
		case 'SHELL':
			return instruction.json !== undefined && (instruction.json.join(' ') === row.raw.slice(1, -1) || isPodmanList(instruction.json, row));
		case 'ONBUILD':
			return collapsed(args) === collapsed(row.raw);
		case 'HEALTHCHECK':
			// Durations are rewritten (`1m` is `1m0s`); keyword and command decide.
			return collapsed(row.args).endsWith(collapsed(args.replace(/^CMD\s+/, '')).replaceAll('", "', '","')) || instruction.json !== undefined;
		default:
			return usesVariable(args) || collapsed(args) === collapsed(row.raw);
	}
}

/** Podman writes lists as a Dockerfile has them. */
function isPodmanList(json: readonly string[], { builder, raw }: ImageRow): boolean {
	return builder === 'podman' && raw === `[${json.map(text => JSON.stringify(text)).join(', ')}]`;
}

function runAgrees({ args, json, heredocs }: Instruction, row: ImageRow): boolean {
	if (json !== undefined) {
		const ran = json.join(' ');
		// A classic row of the exec form is the bare command; after arguments with spaces only its end is sure.
		return row.raw === ran || (row.keyword === 'RUN' && row.raw.endsWith(` ${ran}`)) || isPodmanList(json, row);
	}
	if (row.keyword !== 'RUN') {
		return false;
	}
	if (heredocs.length === 0) {
		return row.raw.trim() === args.trim();
	}
	const bodies = heredocs.map(({ content }) => content).join('');
	// `RUN <<EOF` is recorded as its body; `RUN cat <<EOF > file` as written, with body and terminator.
	return row.raw.trim() === bodies.trim() || (row.raw.startsWith(args) && heredocs.every(({ content }) => row.raw.includes(content)));
}

function copyAgrees({ words, unset }: ResolvedInstruction, row: ImageRow): boolean {
	const destination = words.at(-1);
	if (destination === undefined) {
		return false;
	}
	const recorded = row.raw.trim().split(' ').filter(word => !word.startsWith('--'));
	if (recorded.includes('in') && /(?:file|dir|multi):[0-9a-f]{64}/.test(row.raw)) {
		return usesVariable(destination) || pathAgrees(destination, recorded.at(-1)!);
	}
	return same(words.flatMap(word => word.split(' ')), recorded) || (unset.length > 0 && recorded.length === words.length);
}

/** Compares `ENV a="x y" b=z` with the row's `a=x y b=z`. Values that use variables are the builder's to know. */
function pairsAgree(written: string, recorded: string): boolean {
	if (usesVariable(written)) {
		return nameValues(written, '\\').every(({ name }) => ` ${recorded}`.includes(` ${name}=`));
	}
	const pairs = nameValues(written, '\\').map(({ name, value }) => `${unquoted(name)}=${unquoted(value ?? '')}`);
	return collapsed(unquoted(recorded)) === collapsed(pairs.join(' '));
}

/** Equal paths, whether or not the base's working directory, which a relative one starts from, is known. */
function pathAgrees(written: string, recorded: string): boolean {
	const clean = (path: string): string => path.replace(/^\.\//, '').replace(/(?<=.)\/+$/, '');
	const path = clean(written);
	return usesVariable(written) || clean(recorded) === path || (!path.startsWith('/') && clean(recorded).endsWith(`/${path}`));
}

function usesVariable(text: string): boolean {
	return text.includes('$');
}

function unquoted(text: string): string {
	return text.replace(/\\(.)/gs, '$1').replace(/^(["'])(.*)\1$/s, '$2').replaceAll('"', '').replaceAll('\'', '');
}

function collapsed(text: string): string {
	return text.replace(/\s+/g, ' ').trim();
}

function sortedWords(text: string): readonly string[] {
	return text.split(/\s+/).map(word => unquoted(word).replace(/\/tcp$/, '')).filter(word => word !== '').sort();
}

function same(one: readonly string[], other: readonly string[]): boolean {
	return one.length === other.length && one.every((text, at) => text === other[at]);
}
