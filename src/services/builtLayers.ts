import { builtSizes, type BuiltImage, type BuiltLayer } from '../core/build/builtSizes';
import type { BuildRun } from '../core/build/run';
import type { ResolvedDockerfile } from '../core/dockerfile/resolved';
import type { Engine } from '../core/engine/engine';
import type { ImageRow } from '../core/image/historyRows';
import { readImageRows } from './imageRows';

/**
 * Sizes and layers of the instructions that the built image consists of, and of what it starts from, by its history. `isLabelledByStep`: labels
 * given to the build are a step of their own, the last (classic).
 */
export async function readBuiltImage(engine: Engine, resolved: ResolvedDockerfile, imageId: string, isLabelledByStep: boolean): Promise<BuiltImage | undefined> {
	const last = resolved.target === undefined ? undefined : resolved.dockerfile.stages[resolved.target]?.instructions.at(-1);
	return last === undefined ? undefined : builtSizes(resolved, last, await rowsOf(engine, imageId), isLabelledByStep ? 1 : 0);
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
			builtSizes(resolved, last, rows).layers.forEach((layer, at) => { layers.set(at, layer); });
		}
	}
	return layers;
}

async function rowsOf(engine: Engine, imageId: string): Promise<readonly ImageRow[]> {
	return readImageRows({ history: id => engine.history(id), details: id => engine.image(id) }, imageId);
}
