import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { BuildEvent, VertexEvent } from '../../../src/core/build/events';
import { finishRun, foldRun, type RunEnd } from '../../../src/core/build/foldRun';
import type { BuildRun } from '../../../src/core/build/run';
import { startRun, type RunFold } from '../../../src/core/build/runFold';
import { parseDockerfile } from '../../../src/core/dockerfile/parse';
import type { ResolveOptions } from '../../../src/core/dockerfile/resolved';
import { resolveDockerfile } from '../../../src/core/dockerfile/resolve';
import { imagine } from './buildKitVertices';

const twoStages = `ARG G=1
FROM base AS one
ENV A=b
RUN make
FROM base AS unused
RUN never
FROM base
COPY --from=one /a /
RUN last
CMD x
`;

describe('a BuildKit run', () => {
	it('follows each instruction from waiting to its outcome', () => {
		let fold = begin(twoStages);
		assert.equal(lines(fold.run), '1 pending, 2 pending, 3 pending, 4 pending, 5 pending, 6 pending, 7 pending, 8 pending, 9 pending, 10 pending');
		fold = foldRun(fold, [...names, ran('f', 10, 20)]);
		assert.equal(lines(fold.run), '1 metadata, 2 metadata, 3 metadata, 4 pending, 5 notRun, 6 notRun, 7 metadata, 8 pending, 9 pending, 10 pending');
		fold = foldRun(fold, [started('m', 30)]);
		assert.equal(fold.run.steps[3]?.outcome, 'running');
		fold = foldRun(fold, [ran('m', 30, 90), cached('c', 95)]);
		assert.equal(lines(fold.run), '1 metadata, 2 metadata, 3 metadata, 4 ran 60, 5 notRun, 6 notRun, 7 metadata, 8 cached, 9 pending, 10 pending');
		fold = foldRun(fold, [ran('l', 100, 105), { kind: 'image', imageId: 'sha256:i', at: 1 }]);
		const run = finishRun(fold, ended());
		assert.equal(lines(run), '1 metadata, 2 metadata, 3 metadata, 4 ran 60, 5 notRun, 6 notRun, 7 metadata, 8 cached, 9 ran 5, 10 metadata');
		assert.deepEqual([run.state, run.imageId, run.finishedAt], ['succeeded', 'sha256:i', 1000]);
	});

	it('takes `cached` from a later message than the times', () => {
		const fold = foldRun(begin('FROM base\nRUN a\n'), [vertex('r', '[2/2] RUN a'), ran('r', 5, 5), { ...blank('r'), cached: true }]);
		assert.equal(lines(fold.run), '1 metadata, 2 cached');
	});

	it('takes what was done before the build began for the work of another build, which is shared with it', () => {
		const fold = foldRun(begin('FROM base\nRUN a\nRUN b\n'), [
			vertex('u', '[internal] load remote build context'), ran('u', 100, 101), vertex('f', '[1/3] FROM base'), vertex('a', '[2/3] RUN a', 'f'), vertex('b', '[3/3] RUN b', 'a'),
			ran('f', 1, 2), ran('a', 3, 99), ran('b', 90, 110),
		]);
		assert.equal(lines(finishRun(fold, ended())), '1 metadata, 2 cached, 3 ran 20');
	});

	it('does not believe that a FROM was cached, nor that a step was that was never worked on', () => {
		const fold = foldRun(begin('FROM base\nRUN a\nRUN b\n'), [
			{ ...vertex('f', '[1/3] FROM base'), cached: true, startedAt: 1, completedAt: 1 }, { ...vertex('a', '[2/3] RUN a', 'f'), cached: true }, vertex('b', '[3/3] RUN b', 'a'),
		]);
		assert.equal(lines(fold.run), '1 metadata, 2 pending, 3 pending');
	});

	it('believes the last of several attempts at a step', () => {
		const given = (...events: readonly VertexEvent[]): string => lines(finishRun(foldRun(begin('FROM base\nRUN a\n'), [vertex('r', '[2/2] RUN a'), ...events]), ended()));
		const givenUp = { ...cached('r', 10), completedAt: 12, error: 'failed to load cache: context canceled' };
		assert.equal(given(givenUp, ran('r', 20, 25)), '1 metadata, 2 ran 7');
		assert.equal(given(givenUp, cached('r', 20)), '1 metadata, 2 cached');
		assert.equal(given(givenUp), '1 metadata, 2 cached', 'it has succeeded, so it had it');
	});

	it('calls nothing cached that stands upon a failure, and nothing failed that was only cancelled', () => {
		const fold = foldRun(begin(twoStages), [
			...names, ran('f', 1, 2), { ...ran('m', 10, 20), error: 'process did not complete: exit code: 7' }, cached('c', 21), { ...started('l', 12), error: 'x: context canceled' },
			{ kind: 'error', message: 'process did not complete: exit code: 7', code: undefined, at: 30 },
		]);
		const run = finishRun(fold, ended());
		assert.equal(lines(run), '1 metadata, 2 metadata, 3 metadata, 4 failed 10, 5 notRun, 6 notRun, 7 metadata, 8 notRun, 9 cancelled, 10 notRun');
		assert.deepEqual(run.error, { kind: 'instruction', message: 'process did not complete: exit code: 7', instruction: 3, line: 4, exitCode: 7 });
	});

	it('calls a step upon a failed one not run, whatever the engine says', () => {
		const fold = foldRun(begin('FROM base\nRUN a\nCOPY b /\n'), [
			vertex('f', '[1/3] FROM base'), vertex('a', '[2/3] RUN a', 'f'), vertex('b', '[3/3] COPY b /', 'a'),
			ran('f', 1, 2), { ...ran('a', 3, 4), error: 'exit code: 1' }, cached('b', 5), { kind: 'error', message: 'exit code: 1', code: undefined, at: 6 },
		]);
		assert.equal(lines(finishRun(fold, ended())), '1 metadata, 2 failed 1, 3 notRun');
	});

	it('calls what was under way cancelled when the run was', () => {
		const fold = foldRun(begin('FROM base\nRUN a\nRUN b\nCMD c\n'), [
			vertex('f', '[1/3] FROM base'), vertex('a', '[2/3] RUN a', 'f'), vertex('b', '[3/3] RUN b', 'a'), ran('f', 1, 2), started('a', 3),
		]);
		const run = finishRun(fold, { ...ended(), isCancelled: true });
		assert.equal(lines(run), '1 metadata, 2 cancelled, 3 notRun, 4 notRun');
		assert.deepEqual([run.state, run.error], ['cancelled', undefined]);
	});

	it('has succeeded once its image was told, whatever came too late to end it', () => {
		const told = { kind: 'image', imageId: 'sha256:i', at: 30 } as const;
		const gone = { kind: 'engineGone', message: 'socket hang up', instruction: undefined, line: undefined, exitCode: undefined } as const;
		for (const built of [
			foldRun(begin('FROM base\nRUN a\n'), [vertex('f', '[1/2] FROM base'), vertex('a', '[2/2] RUN a', 'f'), ran('f', 1, 2), ran('a', 3, 9), told]),
			foldRun(begin('FROM base\nRUN a\n', 'classic'), [step(0, 2, 'FROM base', 1), image('aaa', 2), step(1, 2, 'RUN a', 3), image('bbb', 9), told]),
		]) {
			for (const late of [{ isCancelled: true }, { failure: gone }]) {
				const run = finishRun(built, { ...ended(), ...late });
				assert.deepEqual([lines(run), run.state, run.imageId, run.error], ['1 metadata, 2 ran 6', 'succeeded', 'sha256:i', undefined]);
			}
			const refused = foldRun(built, [{ kind: 'error', message: 'cannot be tagged', code: undefined, at: 31 }]);
			assert.deepEqual([finishRun(refused, ended()).state, finishRun(refused, { ...ended(), isCancelled: true }).state], ['failed', 'cancelled']);
		}
	});

	it('adds up the intervals of one vertex, and does not count overlapping vertices twice', () => {
		const twice = foldRun(begin('FROM base\nRUN a\n'), [vertex('a', '[2/2] RUN a'), ran('a', 10, 20), ran('a', 50, 55)]);
		assert.equal(lines(twice.run), '1 metadata, 2 ran 15');
		const download = foldRun(begin('FROM base\nADD https://x/y /\n'), [
			vertex('h', '[2/2] ADD https://x/y /'), vertex('a', '[2/2] ADD https://x/y /', 'f', 'h'), ran('h', 0, 100), ran('a', 90, 110),
		]);
		assert.equal(lines(download.run), '1 metadata, 2 ran 110');
	});

	it('shows progress while it lasts', () => {
		const begun = foldRun(begin('FROM base\nRUN a\n'), [vertex('f', '[1/2] FROM base'), started('f', 1), status('f', 'sha256:1', 5, undefined)]);
		assert.deepEqual(begun.run.steps[0]?.progress, { name: 'extracting', current: 5, total: 10 });
		const done = foldRun(begun, [status('f', 'sha256:1', 10, 7), ran('f', 1, 8)]);
		assert.equal(done.run.steps[0]?.progress, undefined);
	});

	it('keeps the work that is no instruction apart, and warnings once', () => {
		const warning = { kind: 'warning', vertex: 'i', message: 'Rule: words (line 1)', detail: [], url: undefined, startLine: 1, endLine: 1 } as const;
		const { run } = foldRun(foldRun(begin('FROM base\n'), [vertex('i', '[internal] load build definition'), ran('i', 1, 4), warning]), [warning]);
		assert.deepEqual(run.others, [{ vertex: 'i', name: '[internal] load build definition', startedAt: 1, durationMs: 3, error: undefined }]);
		assert.equal(run.warnings.length, 1);
	});

	it('fails with what ended it from outside, keeping what was seen', () => {
		const gone = { kind: 'engineGone', message: 'socket hang up', instruction: undefined, line: undefined, exitCode: undefined } as const;
		const run = finishRun(foldRun(begin('FROM base\nRUN a\nRUN b\n'), [vertex('a', '[2/3] RUN a'), ran('a', 1, 2)]), { ...ended(), failure: gone });
		assert.deepEqual([lines(run), run.state, run.error], ['1 metadata, 2 ran 1, 3 notRun', 'failed', gone]);
	});

	it('calls what was under way unfinished where it ended from outside, neither failed nor cancelled', () => {
		const gone = { kind: 'engineGone', message: 'socket hang up', instruction: undefined, line: undefined, exitCode: undefined } as const;
		const trace = foldRun(begin('FROM base\nRUN a\nRUN b\n'), [vertex('f', '[1/3] FROM base'), vertex('a', '[2/3] RUN a', 'f'), vertex('b', '[3/3] RUN b', 'a'), ran('f', 1, 2), started('a', 3)]);
		assert.equal(lines(finishRun(trace, { ...ended(), failure: gone })), '1 metadata, 2 unfinished, 3 notRun');
		const pulling = foldRun(begin('FROM base\nRUN a\n'), [vertex('f', '[1/2] FROM base'), vertex('a', '[2/2] RUN a', 'f'), started('f', 1)]);
		assert.equal(lines(finishRun(pulling, { ...ended(), failure: gone })), '1 unfinished, 2 notRun');
		const words = foldRun(begin('FROM base\nRUN a\nRUN b\n', 'classic'), [step(0, 3, 'FROM base', 1), image('aaa', 2), step(1, 3, 'RUN a', 3)]);
		assert.equal(lines(finishRun(words, { ...ended(), failure: gone })), '1 metadata, 2 unfinished, 3 notRun');
	});

	it('leaves steps that nothing happened to as the same objects', () => {
		const before = foldRun(begin(twoStages), [...names, ran('f', 1, 2), ran('m', 3, 4)]);
		const after = foldRun(before, [started('l', 5)]);
		assert.deepEqual(after.run.steps.map((step, at) => step === before.run.steps[at]), [true, true, true, true, true, true, true, true, false, true]);
		assert.equal(foldRun(after, [{ kind: 'log', vertex: 'l', stream: 'out', data: Buffer.from('x'), at: 1 }]).run, after.run);
	});

	it('is the same whether events come one by one or together', () => {
		const events = [...names, ran('f', 1, 2), started('m', 3), ran('m', 3, 9), cached('c', 10), ran('l', 11, 12)];
		const together = foldRun(begin(twoStages), events);
		fc.assert(fc.property(fc.array(fc.nat({ max: events.length })), cuts => {
			const places = [0, ...cuts.sort((a, b) => a - b), events.length];
			const apart = places.slice(1).reduce((fold, end, at) => foldRun(fold, events.slice(places[at], end)), begin(twoStages));
			assert.deepEqual(apart.run, together.run);
		}));
	});

	it('follows thousands of steps, which come in many pieces', () => {
		const text = `FROM base\n${Array.from({ length: 3000 }, (_, at) => `RUN echo ${at}`).join('\n')}\n`;
		let fold = begin(text);
		const { vertices } = imagine(fold.resolved, '28.5');
		fold = foldRun(fold, vertices.map(({ digest, name, inputs }) => ({ ...blank(digest), name, inputs })));
		for (let at = 0; at < vertices.length; at += 50) {
			fold = foldRun(fold, vertices.slice(at, at + 50).map(({ digest }) => ran(digest, at, at + 1)));
		}
		assert.equal(fold.run.steps.filter(({ outcome }) => outcome === 'ran').length, 3000);
	});
});

describe('a classic run', () => {
	const text = 'ARG G=1\nFROM base\nENV A=b\nRUN make\nCMD x\n';

	it('follows one step at a time, by its number', () => {
		let fold = begin(text, 'classic');
		fold = foldRun(fold, [step(0, 5, 'ARG G=1', 1), step(1, 5, 'FROM base', 2), image('aaa', 3), step(2, 5, 'ENV A=b', 4), { kind: 'stepCached', at: 5 }, image('bbb', 5), step(3, 5, 'RUN make', 6)]);
		assert.equal(lines(fold.run), '1 metadata, 2 metadata, 3 cached, 4 running, 5 pending');
		fold = foldRun(fold, [image('ccc', 16), step(4, 5, 'CMD x', 17), image('ddd', 20), { kind: 'image', imageId: 'sha256:ddd', at: 21 }]);
		const run = finishRun(fold, ended());
		assert.equal(lines(run), '1 metadata, 2 metadata, 3 cached, 4 ran 10, 5 ran 3');
		assert.deepEqual(run.steps.map(({ imageId }) => imageId), [undefined, 'aaa', 'bbb', 'ccc', 'ddd']);
	});

	it('fails at the step under way', () => {
		const fold = foldRun(begin(text, 'classic'), [step(0, 5, 'ARG G=1', 1), step(1, 5, 'FROM base', 2), image('aaa', 3), step(2, 5, 'ENV A=b', 4), image('bbb', 5), step(3, 5, 'RUN make', 6),
			{ kind: 'error', message: 'The command returned a non-zero code: 3', code: 3, at: 9 }]);
		const run = finishRun(fold, { ...ended(), at: 9 });
		assert.equal(lines(run), '1 metadata, 2 metadata, 3 ran 1, 4 failed 3, 5 notRun');
		assert.deepEqual(run.error, { kind: 'instruction', message: 'The command returned a non-zero code: 3', instruction: 3, line: 4, exitCode: 3 });
	});

	it('takes a base\'s triggers and the build\'s labels for no instruction', () => {
		const staged = 'FROM base AS one\nRUN a\nFROM base\nRUN b\n';
		const fold = foldRun(begin(staged, 'classic', { target: 'one' }), [
			step(0, 3, 'FROM base AS one', 1), { kind: 'stepCached', at: 2 }, { kind: 'stepCached', at: 2 }, image('aaa', 3),
			step(1, 3, 'RUN a', 4), image('bbb', 5), step(2, 3, 'LABEL k=v', 6), image('ccc', 7), { kind: 'image', imageId: 'sha256:ccc', at: 8 },
		]);
		assert.equal(lines(finishRun(fold, ended())), '1 metadata, 2 ran 1, 3 notRun, 4 notRun');
	});

	it('finds Podman\'s steps within their stage', () => {
		const fold = foldRun(begin('ARG B=1\nFROM base AS one\nRUN a\nFROM base\nRUN b\n', 'classic'), [
			stageStep(0, 0, 'FROM base AS one', 1), stageStep(0, 1, 'RUN a', 2), { kind: 'stepCached', at: 3 }, image('aaa', 3),
			stageStep(1, 0, 'FROM base', 4), stageStep(1, 1, 'RUN b', 5), image('bbb', 9), { kind: 'image', imageId: 'bbb', at: 9 },
		]);
		assert.equal(lines(finishRun(fold, ended())), '1 metadata, 2 metadata, 3 cached, 4 metadata, 5 ran 4');
	});

	it('lets a COPY wait for the stage that Podman makes meanwhile', () => {
		const fold = foldRun(begin('FROM base AS one\nRUN a\nFROM base\nCOPY --from=one /a /\nRUN b\n', 'classic'), [
			stageStep(1, 0, 'FROM base', 1, 3), stageStep(1, 1, 'COPY --from=one /a /', 2, 3),
			stageStep(0, 0, 'FROM base AS one', 3), stageStep(0, 1, 'RUN a', 4), image('aaa', 8),
			{ kind: 'stepCached', at: 9 }, image('ccc', 9), stageStep(1, 2, 'RUN b', 10, 3), image('bbb', 12), { kind: 'image', imageId: 'bbb', at: 12 },
		]);
		const run = finishRun(fold, ended());
		assert.equal(lines(run), '1 metadata, 2 ran 4, 3 metadata, 4 cached, 5 ran 2');
		assert.deepEqual(run.steps.map(({ imageId }) => imageId), [undefined, 'aaa', undefined, 'ccc', 'bbb']);
	});

	it('knows the RUN that Podman goes on with when a build is cancelled', () => {
		const cancelled = (builder: 'classic', ...events: readonly BuildEvent[]) => finishRun(foldRun(begin('FROM base\nCOPY a /\nRUN b\n', builder), events), { at: 9, isCancelled: true, failure: undefined }).runsOn;
		const copied = [stageStep(0, 0, 'FROM base', 1, 3), stageStep(0, 1, 'COPY a /', 2, 3)];
		assert.equal(cancelled('classic', ...copied), undefined, 'what Podman does itself ends');
		assert.equal(cancelled('classic', ...copied, stageStep(0, 2, 'RUN b', 3, 3)), 2);
		assert.equal(cancelled('classic', ...copied, stageStep(0, 2, 'RUN b', 3, 3), image('bbb', 4)), undefined, 'it had ended');
		assert.equal(cancelled('classic', { kind: 'step', index: 2, total: 3, text: 'RUN b', at: 3 }), undefined, 'Docker ends it');
	});

	it('takes the triggers of a base, which Podman counts once it has read it, for part of the FROM', () => {
		const begun = foldRun(begin('FROM base\nENV A=1\nRUN a\n', 'classic'), [
			stageStep(0, 0, 'FROM base', 1, 4), stageStep(0, 1, 'COPY a /', 2, 6), image('ccc', 3), stageStep(0, 2, 'RUN a', 4, 6),
		]);
		assert.equal(lines(finishRun(begun, { ...ended(), failure: undefined })), '1 metadata, 2 notRun, 3 notRun');
		const fold = foldRun(begun, [stageStep(0, 3, 'ENV A=1', 5, 6), image('ddd', 6), stageStep(0, 4, 'RUN a', 6, 6), image('eee', 9), stageStep(0, 5, 'LABEL "a"="b"', 9, 6)]);
		assert.equal(lines(finishRun(fold, ended())), '1 metadata, 2 ran 1, 3 ran 3');
	});
});

const names = [
	vertex('f', '[stage-2 1/3] FROM base'), vertex('m', '[one 2/2] RUN make', 'f'),
	vertex('c', '[stage-2 2/3] COPY --from=one /a /', 'f', 'm'), vertex('l', '[stage-2 3/3] RUN last', 'c'),
];

function begin(text: string, builder: 'buildkit' | 'classic' = 'buildkit', options: ResolveOptions = {}): RunFold {
	return startRun({ id: 'r', builder, resolved: resolveDockerfile(parseDockerfile(text), { builder, ...options }), startedAt: 0 });
}

function blank(digest: string): VertexEvent {
	return { kind: 'vertex', digest, inputs: [], name: '', cached: false, startedAt: undefined, completedAt: undefined, error: undefined, group: undefined };
}

function vertex(digest: string, name: string, ...inputs: readonly string[]): VertexEvent {
	return { ...blank(digest), name, inputs };
}

function started(digest: string, at: number): VertexEvent {
	return { ...blank(digest), startedAt: at };
}

function ran(digest: string, start: number, end: number): VertexEvent {
	return { ...blank(digest), startedAt: start, completedAt: end };
}

function cached(digest: string, at: number): VertexEvent {
	return { ...blank(digest), startedAt: at, completedAt: at, cached: true };
}

function status(vertexDigest: string, id: string, current: number, completedAt: number | undefined): BuildEvent {
	return { kind: 'status', vertex: vertexDigest, id, name: 'extracting', current, total: 10, completedAt };
}

function step(index: number, total: number, text: string, at: number): BuildEvent {
	return { kind: 'step', index, total, text, at };
}

function stageStep(stage: number, index: number, text: string, at: number, total = 2): BuildEvent {
	return { kind: 'stageStep', stage, index, total, text, at };
}

function image(imageId: string, at: number): BuildEvent {
	return { kind: 'stepImage', imageId, at };
}

function ended(): RunEnd {
	return { at: 1000, isCancelled: false, failure: undefined };
}

function lines(run: BuildRun): string {
	return run.steps.map(({ outcome, durationMs }, at) => `${at + 1} ${outcome}${durationMs === undefined ? '' : ` ${durationMs}`}`).join(', ');
}
