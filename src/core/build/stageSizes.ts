import type { ResolvedDockerfile, ResolvedInstruction } from '../dockerfile/resolved';
import { childRecords } from '../engine/childRecords';
import type { CacheRecord } from '../engine/engine';
import { isBaseRecord } from '../engine/isBaseRecord';
import type { LayerSize } from './record';
import type { BuildRun } from './run';
import { wasMadeIn } from './wasMadeIn';

/** What the containerd store's snapshots are counted in. */
const blockBytes = 4096;

/**
 * Sizes of the instructions whose layers are in no image, from BuildKit's cache records, by instruction index. A stage
 * is a chain of records, each described by what made it; only where all chains that it can be agree on a size is it
 * told. `inBlocks`: the engine's store counts whole blocks.
 */
export function stageSizes(resolved: ResolvedDockerfile, run: BuildRun, names: ReadonlyMap<string, string>, records: readonly CacheRecord[], inBlocks = false): ReadonlyMap<number, LayerSize> {
	const sizes = new Map<number, LayerSize>();
	const children = childRecords(records);
	/** The records a stage can end with. */
	const ends = new Map<number, readonly CacheRecord[]>();
	for (const stage of resolved.dockerfile.stages.filter(({ index }) => resolved.needed.has(index))) {
		const { baseStage, isScratch, triggers } = resolved.stages[stage.index]!;
		const layers = stage.instructions.map(at => resolved.instructions[at]!).filter(({ layer }) => layer);
		if (triggers.some(({ layer }) => layer)) {
			continue;
		}
		const base = baseStage === undefined ? isScratch ? [] : records.filter(isBaseRecord) : ends.get(baseStage) ?? [];
		const chains = chainsOf(layers, run, names, isScratch ? records.filter(({ parents }) => parents.length === 0) : below(base, children), children);
		ends.set(stage.index, chains.at(-1) ?? base);
		for (const [at, { instruction }] of layers.entries()) {
			const bytes = [...new Set(chains[at]?.map(({ sizeBytes }) => sizeBytes))];
			// With the layer's compressed copy, which an image made of it, a record is no whole number of blocks.
			if (bytes.length === 1 && (!inBlocks || bytes[0]! % blockBytes === 0)) {
				sizes.set(instruction.index, { bytes: bytes[0]!, measure: 'cacheRecord' });
			}
		}
	}
	return sizes;
}

/** For each layer of a stage the records it can be: described as it, made when it ran, and part of a whole chain. */
function chainsOf(
	layers: readonly ResolvedInstruction[], run: BuildRun, names: ReadonlyMap<string, string>,
	first: readonly CacheRecord[], children: ReadonlyMap<string, readonly CacheRecord[]>,
): readonly (readonly CacheRecord[])[] {
	const chains: (readonly CacheRecord[])[] = [];
	let candidates = first;
	for (const layer of layers) {
		const found = candidates.filter(record => describes(record, layer, run, names) && isOfItsTime(record, layer, run));
		chains.push(found);
		candidates = below(found, children);
	}
	for (let at = chains.length - 2; at >= 0; at--) {
		if (chains[at + 1]!.length === 0) {
			continue;
		}
		const needed = new Set(chains[at + 1]!.flatMap(({ parents }) => parents));
		chains[at] = chains[at]!.filter(({ id }) => needed.has(id));
	}
	return chains;
}

/** BuildKit's words for a record: the command of a RUN; else, on newer engines, the name of the vertex that first made it. */
function describes({ description, type }: CacheRecord, { instruction }: ResolvedInstruction, run: BuildRun, names: ReadonlyMap<string, string>): boolean {
	if (type !== 'regular') {
		return false;
	}
	if (instruction.keyword === 'RUN') {
		const { json, heredocs, args } = instruction;
		const ran = description.startsWith('mount / from exec ') ? description.trimEnd() : '';
		// A RUN that is nothing but a heredoc runs its body; `cat <<A > /a` runs as written, bodies behind it.
		return heredocs.length > 0
			? heredocs.every(({ content }) => ran.includes(content.trimEnd())) && (ran.includes(` ${args}\n`) || ran.endsWith(` ${heredocs[0]!.content.trimEnd()}`))
			: ran.endsWith(` ${json?.join(' ') ?? args}`);
	}
	const stepNames = (run.steps[instruction.index]?.vertices ?? []).map(vertex => names.get(vertex)).filter(name => name !== undefined);
	return description === 'fileop target' || stepNames.some(name => withoutPrefix(name) === withoutPrefix(description));
}

function isOfItsTime(record: CacheRecord, { instruction }: ResolvedInstruction, run: BuildRun): boolean {
	const { outcome, startedAt, durationMs } = run.steps[instruction.index]!;
	const { createdAt } = record;
	if (outcome !== 'ran' || startedAt === undefined || durationMs === undefined || createdAt === undefined) {
		return outcome !== 'ran' && (createdAt === undefined || createdAt < run.startedAt || outcome === 'cached');
	}
	return wasMadeIn(record, [{ start: startedAt, end: startedAt + durationMs }]);
}

function withoutPrefix(name: string): string {
	return name.replace(/^\[[^\]]*\] /, '');
}

function below(records: readonly CacheRecord[], children: ReadonlyMap<string, readonly CacheRecord[]>): readonly CacheRecord[] {
	return records.flatMap(({ id }) => children.get(id) ?? []);
}
