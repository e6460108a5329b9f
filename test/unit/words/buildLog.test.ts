import assert from 'node:assert/strict';
import { plainText } from '../../../src/core/base/terminalText';
import type { BuildEvent } from '../../../src/core/build/events';
import { finishRun, foldRun } from '../../../src/core/build/foldRun';
import { startRun } from '../../../src/core/build/runFold';
import { parseDockerfile } from '../../../src/core/dockerfile/parse';
import { resolveDockerfile } from '../../../src/core/dockerfile/resolve';
import type { Builder } from '../../../src/core/engine/engine';
import { BuildLogWriter } from '../../../src/words/buildLog';
import { english } from '../../../src/words/translate';

const text = 'FROM base\nRUN one\nRUN two\n';

function written(builder: Builder, batches: readonly (readonly BuildEvent[])[], isCancelled = false) {
	const dockerfile = parseDockerfile(text);
	const writer = new BuildLogWriter(dockerfile, english);
	let fold = startRun({ id: 'r', builder, resolved: resolveDockerfile(dockerfile, { builder }), startedAt: 0 });
	let log = '';
	for (const events of batches) {
		fold = foldRun(fold, events);
		log += writer.push(fold.run, events);
	}
	const run = finishRun(fold, { at: 5000, isCancelled, failure: undefined });
	log += writer.push(run, []) + writer.end(run);
	return { log, lines: plainText(log).split('\n').filter(line => line !== ''), writer };
}

const data = (output: string) => new TextEncoder().encode(output);
const vertex = (digest: string, name: string, rest: Partial<BuildEvent & { kind: 'vertex' }>): BuildEvent =>
	({ kind: 'vertex', digest, inputs: [], name, cached: false, startedAt: undefined, completedAt: undefined, error: undefined, group: undefined, ...rest });
const log = (vertexDigest: string | undefined, output: string): BuildEvent => ({ kind: 'log', vertex: vertexDigest, stream: 'out', data: data(output), at: 0 });

describe('BuildLogWriter', () => {
	it('writes a classic build as it goes', () => {
		const { lines } = written('classic', [
			[{ kind: 'step', index: 0, total: 3, text: 'FROM base', at: 0 }, { kind: 'stepImage', imageId: 'a', at: 0 }],
			[{ kind: 'step', index: 1, total: 3, text: 'RUN one', at: 0 }, { kind: 'stepCached', at: 0 }, { kind: 'stepImage', imageId: 'b', at: 0 }],
			[{ kind: 'step', index: 2, total: 3, text: 'RUN two', at: 0 }],
			[log(undefined, 'hello\nwor'), log(undefined, 'ld')],
			[{ kind: 'stepImage', imageId: 'c', at: 1500 }, { kind: 'image', imageId: 'sha256:c', at: 1500 }],
		]);
		assert.deepEqual(lines, [
			'line 1 │ FROM base', 'line 2 │ RUN one', 'cached', 'line 3 │ RUN two', 'hello', 'world', '✓ 1.5 s', 'Build succeeded 5.0 s · 1/2 cached', 'sha256:c',
		]);
	});

	it('says whose output it is when steps talk at once', () => {
		const { lines, writer } = written('buildkit', [
			[vertex('f', '[1/3] FROM base', { startedAt: 0, completedAt: 0 }), vertex('x', '[2/3] RUN one', { inputs: ['f'], startedAt: 0 }), vertex('y', '[3/3] RUN two', { inputs: ['x'], startedAt: 0 })],
			[log('x', 'x1\n'), log('y', 'y1\n'), log('x', 'x2\n')],
			[vertex('x', '[2/3] RUN one', { inputs: ['f'], startedAt: 0, completedAt: 900 })],
		], true);
		assert.deepEqual(lines.filter(line => !line.startsWith('Build')), [
			'line 2 │ RUN one', 'line 3 │ RUN two', 'line 2 │ RUN one', 'x1', 'line 3 │ RUN two', 'y1', 'line 2 │ RUN one', 'x2', '✓ 0.9 s', 'line 3 │ RUN two', '⊘ cancelled',
		]);
		assert.equal(writer.stepText(1), 'x1\nx2\n');
	});

	it('lets no output touch more than its own lines', () => {
		const result = written('classic', [[{ kind: 'step', index: 1, total: 3, text: 'RUN one', at: 0 }, log(undefined, '\x1b]0;owned\x07\x1b[2J\x1b[31mred\x1b[0m\n')]]);
		assert.match(result.log, /\x1b\[31mred\x1b\[0m/);
		assert.doesNotMatch(result.log, /owned|\x1b\[2J/);
		assert.equal(result.writer.stepText(1), 'red\n');
	});

	it('says of a cancelled build what the engine goes on with', () => {
		const step: BuildEvent = { kind: 'stageStep', stage: 0, index: 1, total: 3, text: 'RUN one', at: 0 };
		assert.deepEqual(written('classic', [[step]], true).lines.slice(1), [
			'⊘ cancelled 5.0 s', 'Build cancelled 5.0 s', 'Podman does not end a RUN that was cancelled: line 2 runs on in the engine until it ends by itself: RUN one',
		]);
		assert.equal(written('classic', [[{ kind: 'step', index: 1, total: 3, text: 'RUN one', at: 0 }]], true).lines.length, 3);
	});

	it('ends a failed build with the engine\'s words', () => {
		const { lines } = written('classic', [
			[{ kind: 'step', index: 1, total: 3, text: 'RUN one', at: 0 }, log(undefined, 'no')],
			[{ kind: 'error', message: 'returned a non-zero code: 7', code: 7, at: 0 }],
		]);
		assert.deepEqual(lines.slice(1), ['no', '✗ failed 5.0 s', 'Build failed 5.0 s · 0/1 cached', 'returned a non-zero code: 7']);
	});
});
