import { builtSizes, type BuiltLayer } from '../core/build/builtSizes';
import type { BuildRun } from '../core/build/run';
import type { ResolvedDockerfile } from '../core/dockerfile/resolved';
import type { Engine } from '../core/engine/engine';
import { historyRows, type ImageRow } from '../core/image/historyRows';

/** Sizes and layers of the instructions that the built image consists of, from its history. */
export async function finalLayers(engine: Engine, resolved: ResolvedDockerfile, imageId: string): Promise<ReadonlyMap<number, BuiltLayer>> {
	const last = resolved.target === undefined ? undefined : resolved.dockerfile.stages[resolved.target]?.instructions.at(-1);
	return last === undefined ? new Map() : builtSizes(resolved, last, await rowsOf(engine, imageId));
}

/**
 * Sizes of the instructions of other stages, which the classic builder keeps as images: the last of each stage has the
 * stage's whole history. Images that are gone by now say nothing.
 */
export async function stepLayers(engine: Engine, resolved: ResolvedDockerfile, run: BuildRun, except: ReadonlyMap<number, BuiltLayer>): Promise<ReadonlyMap<number, BuiltLayer>> {
	const layers = new Map<number, BuiltLayer>();
	for (const { instructions } of resolved.dockerfile.stages) {
		const last = instructions.slice(1).findLast(at => run.steps[at]?.imageId !== undefined);
		if (last !== undefined && !except.has(last) && !layers.has(last)) {
			const rows = await rowsOf(engine, run.steps[last]!.imageId!).catch(() => []);
			builtSizes(resolved, last, rows).forEach((layer, at) => { layers.set(at, layer); });
		}
	}
	return layers;
}

/** An image's rows. Where counting does not tell which rows have a layer, the images of classic steps do. */
async function rowsOf(engine: Engine, imageId: string): Promise<readonly ImageRow[]> {
	const [image, history] = await Promise.all([engine.image(imageId), engine.history(imageId)]);
	const rows = historyRows(history, image.diffIds);
	const unsure = rows.filter(row => row.empty === undefined || (row.empty === false && row.layer === undefined));
	if (unsure.length === 0) {
		return rows;
	}
	const counts = new Map<string, number>();
	await Promise.all(unsure.flatMap(({ index }) => [index - 1, index]).map(async index => {
		const id = rows[index]?.imageId;
		const step = id === undefined ? undefined : await engine.image(id).catch(() => undefined);
		if (id !== undefined && step !== undefined) {
			counts.set(id, step.diffIds.length);
		}
	}));
	return historyRows(history, image.diffIds, counts);
}
