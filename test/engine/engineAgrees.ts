import assert from 'node:assert/strict';
import type { Builder, Engine } from '../../src/core/engine/engine';
import type { Built } from './buildHarness';
import { engineWords } from './engineWords';

/** The engine's own "Using cache" and CACHED are exactly the cached instructions. */
export function assertWords(built: Built, builder: Builder): void {
	const words = engineWords(built.messages);
	const { instructions } = built.resolved.dockerfile;
	if (builder === 'classic') {
		for (const step of words.steps) {
			const { outcome, keyword, stage } = built.record.instructions[step - 1]!;
			if (keyword !== 'FROM' && stage !== undefined) {
				assert.equal(outcome === 'cached', words.cachedSteps.has(step), `step ${step} is ${outcome}`);
			}
		}
		return;
	}
	// What a vertex is called is the expanded text of one of the equal instructions it stands for.
	const names = new Map([...built.run.steps].map(step => [step.instruction, step]));
	let said = 0;
	for (const instruction of instructions.filter(({ index }) => built.resolved.instructions[index]!.layer)) {
		const text = instruction.text.replace(/\s+/g, ' ');
		const isCached = [...words.cachedVertices].some(name => name.replace(/\s+/g, ' ') === text);
		const isDone = [...words.doneVertices].some(name => name.replace(/\s+/g, ' ') === text);
		if (isCached !== isDone) {
			said++;
			assert.equal(names.get(instruction.index)?.outcome, isCached ? 'cached' : 'ran', text);
		}
	}
	assert.ok(said > 0, 'no instruction was found in the engine\'s words');
}

/** Each line of the image has the size its row has in the engine's history, counted from the newest. */
export async function assertSizes({ record, resolved, run }: Built, engine: Engine, builder: Builder): Promise<void> {
	const history = await engine.history(run.imageId!);
	const chain: number[] = [];
	for (let stage = resolved.target; stage !== undefined; stage = resolved.stages[stage]?.baseStage) {
		const triggers = resolved.stages[stage]!.triggers.length;
		const own = resolved.dockerfile.stages[stage]!.instructions.slice(1)
			.filter(at => builder === 'classic' || resolved.dockerfile.instructions[at]!.keyword !== 'ONBUILD');
		chain.push(...own.toReversed(), ...Array.from({ length: triggers }, () => -1));
	}
	const { diffIds } = await engine.image(run.imageId!);
	let layers = 0;
	for (const [row, at] of chain.entries()) {
		if (at >= 0) {
			const { size, diffId, line } = record.instructions[at]!;
			assert.deepEqual([line, size?.bytes, size?.measure], [line, history[row]!.sizeBytes, 'history']);
			layers += diffId === undefined ? 0 : 1;
			assert.ok(diffId === undefined ? history[row]!.sizeBytes === 0 : diffIds.includes(diffId), `line ${line}: ${diffId}`);
		}
	}
	assert.ok(layers > 0);
}
