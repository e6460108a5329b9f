import assert from 'node:assert/strict';
import type { BuildRun, Outcome } from '../../../src/core/build/run';
import { startRun } from '../../../src/core/build/runFold';
import { stageSizes } from '../../../src/core/build/stageSizes';
import { parseDockerfile } from '../../../src/core/dockerfile/parse';
import { resolveDockerfile } from '../../../src/core/dockerfile/resolve';
import type { CacheRecord } from '../../../src/core/engine/engine';

const text = 'FROM base AS tools\nRUN make\nCOPY a /a\nFROM scratch AS files\nCOPY b /\nFROM base\nCOPY --from=tools /a /\nCOPY --from=files /b /\n';
const base = record('base', 'pulled from docker.io/library/base', 100);

describe('stageSizes', () => {
	it('finds a stage as a chain of records', () => {
		assert.deepEqual(sizes([base, record('1', make, 7, 'base'), record('2', '[tools 3/3] COPY a /a', 3, '1'), record('3', '[other 1/1] COPY b /', 2)]), ['2 7', '3 3', '5 2']);
	});

	it('finds it where copies have no name, as on 20.10', () => {
		assert.deepEqual(sizes([base, record('1', make, 7, 'base'), record('2', 'fileop target', 3, '1')]), ['2 7', '3 3']);
	});

	it('says nothing where several chains have other sizes, and what they agree on', () => {
		const twice = [base, record('1', make, 7, 'base'), record('2', 'fileop target', 3, '1'), record('3', 'fileop target', 4, '1')];
		assert.deepEqual(sizes(twice), ['2 7']);
	});

	it('takes the record made while the step ran', () => {
		const twice = [base, record('1', make, 7, 'base'), { ...record('2', 'fileop target', 3, '1'), createdAt: 500 }, { ...record('3', 'fileop target', 4, '1'), createdAt: 1015 }];
		assert.deepEqual(sizes(twice, { 2: { outcome: 'ran', startedAt: 1000, durationMs: 20 } }), ['2 7', '3 4']);
	});

	it('does not take another command, another base, or a chain that breaks off', () => {
		assert.deepEqual(sizes([base, record('1', 'mount / from exec /bin/sh -c make clean', 7, 'base')]), []);
		assert.deepEqual(sizes([record('x', make, 1), record('1', make, 7, 'x')]), []);
		const broken = [base, record('1', make, 7, 'base'), record('9', make, 8, 'base'), record('2', 'fileop target', 3, '1')];
		assert.deepEqual(sizes(broken), ['2 7', '3 3']);
	});

	it('finds it on the containerd store: a base without words, and nothing where a compressed copy is counted too', () => {
		const layers = [record('low', '', 1_079_936), record('base', '', 3454, 'low'), record('1', make, 8192, 'base'), record('2', '[tools 3/3] COPY a /a', 8192 + 109, '1')];
		assert.deepEqual(sizes(layers, {}, true), ['2 8192']);
	});
});

const make = 'mount / from exec /bin/sh -c make';

function sizes(records: readonly CacheRecord[], ran: Readonly<Record<number, { outcome: Outcome; startedAt: number; durationMs: number }>> = {}, inBlocks = false): readonly string[] {
	const resolved = resolveDockerfile(parseDockerfile(text), {});
	const { run } = startRun({ id: 'r', builder: 'buildkit', resolved, startedAt: 900 });
	const live: BuildRun = { ...run, steps: run.steps.map((step, at) => ({ ...step, outcome: 'cached', vertices: [`v${at}`], ...ran[at] })) };
	const names = new Map([['v2', '[tools 3/3] COPY a /a'], ['v4', '[files 1/1] COPY b /'], ['v6', '[stage-2 2/3] COPY --from=tools /a /'], ['v7', '[stage-2 3/3] COPY --from=files /b /']]);
	return [...stageSizes(resolved, live, names, records, inBlocks)]
		.filter(([at]) => resolved.instructions[at]!.instruction.stage !== 2)
		.map(([at, { bytes }]) => `${resolved.instructions[at]!.instruction.line} ${bytes}`);
}

function record(id: string, description: string, sizeBytes: number, ...parents: readonly string[]): CacheRecord {
	return { id, parents, type: 'regular', description, inUse: false, shared: false, sizeBytes, createdAt: 10, lastUsedAt: 10, usageCount: 1 };
}
