import { archiveRows } from '../core/archiveRows';
import { parseDockerfile } from '../core/dockerfile/parse';
import { resolveDockerfile } from '../core/dockerfile/resolve';
import type { ImageRow } from '../core/image/historyRows';
import { stageChain, type HistoryMatch } from '../core/image/matchHistory';
import type { NamedSource } from '../core/layerFile';
import type { ExploredImages } from './exploredImages';
import { readImageRows, type ImageAnswers } from './imageRows';
import type { LineFactsStore } from './lineFactsStore';
import { matchRows } from './matchingImage';
import type { LineTarget } from './revealRequests';

/** The Dockerfiles among which the one of an image is looked for. */
export interface Dockerfiles {
	/** Their paths, those that a person works on first. */
	paths(): Promise<readonly string[]>;
	/** The text as the editor has it, else as it is on disk. Throws the system's error. */
	text(path: string): Promise<string>;
}

/** The line of a layer; `isBase`: it came with the base image that the line names. */
export interface LayerLine extends LineTarget {
	readonly isBase: boolean;
}

/** The way from layers to the Dockerfile lines that made them. */
export class LayerLines {
	constructor(
		private readonly images: ImageAnswers,
		private readonly lineFacts: Pick<LineFactsStore, 'lineOf'>,
		private readonly explored: Pick<ExploredImages, 'get'>,
		private readonly dockerfiles: Dockerfiles,
	) {}

	/**
	 * The line of each layer, by its position from the lowest: in a Dockerfile that agrees with the image's whole history,
	 * else in one that is open and made the image before it was edited. Empty where there is none. Throws `EngineError`,
	 * `ArchiveError`, or a cancellation.
	 */
	async linesOf(named: NamedSource): Promise<ReadonlyMap<number, LayerLine>> {
		const { source } = named;
		const rows = await this.rowsOf(named);
		const made = await this.madeBy(rows);
		if (made === undefined) {
			return source.kind === 'engine' ? this.rememberedLines(source.reference, rows) : new Map();
		}
		return new Map(rows.flatMap(({ index, layer }): readonly (readonly [number, LayerLine])[] => {
			const line = made.get(index);
			return layer === undefined || line === undefined ? [] : [[layer, line]];
		}));
	}

	/** The line that made a row of an image's history (`ImageRow.index`), as `linesOf` finds it. Throws as `linesOf`. */
	async lineOfRow(named: NamedSource, row: number): Promise<LayerLine | undefined> {
		return (await this.madeBy(await this.rowsOf(named)))?.get(row);
	}

	private async rowsOf(named: NamedSource): Promise<readonly ImageRow[]> {
		const { source } = named;
		return source.kind === 'engine' ? readImageRows(this.images, source.reference) : archiveRows((await this.explored.get(named)).image);
	}

	/** By row, in the Dockerfile that explains most rows; of equal ones the first. */
	private async madeBy(rows: readonly ImageRow[]): Promise<ReadonlyMap<number, LayerLine> | undefined> {
		let best: { readonly layerRows: number; readonly lines: () => ReadonlyMap<number, LayerLine> } | undefined;
		for (const path of await this.dockerfiles.paths()) {
			// A file may go while it is looked at.
			const text = await this.dockerfiles.text(path).catch(() => undefined);
			const found = text === undefined ? undefined : matchRows(rows, resolveDockerfile(parseDockerfile(text), {}));
			if (found !== undefined && found.match.layerRows > (best?.layerRows ?? 0)) {
				const { resolved, match } = found;
				const { stages, instructions } = resolved.dockerfile;
				const from = instructions[stages[stageChain(resolved, resolved.target!)[0]!]!.instructions[0]!]!.line;
				best = { layerRows: match.layerRows, lines: () => linesOf(path, rows, match, from, index => instructions[index]!.line) };
			}
		}
		return best?.lines();
	}

	private async rememberedLines(imageId: string, rows: readonly ImageRow[]): Promise<ReadonlyMap<number, LayerLine>> {
		const lines = new Map<number, LayerLine>();
		for (const { index, layer } of rows) {
			const line = layer === undefined ? undefined : await this.lineFacts.lineOf({ kind: 'row', imageId, row: index });
			if (layer !== undefined && line !== undefined) {
				lines.set(layer, { kind: 'line', ...line, isBase: false });
			}
		}
		return lines;
	}
}

function linesOf(path: string, rows: readonly ImageRow[], { instructionOf, baseRows }: HistoryMatch, from: number, lineOf: (instruction: number) => number): ReadonlyMap<number, LayerLine> {
	return new Map(rows.flatMap(({ index }): readonly (readonly [number, LayerLine])[] => {
		const instruction = instructionOf.get(index);
		const isBase = index < baseRows;
		return instruction === undefined && !isBase ? []
			: [[index, { kind: 'line', path, line: instruction === undefined ? from : lineOf(instruction), isBase }]];
	}));
}
