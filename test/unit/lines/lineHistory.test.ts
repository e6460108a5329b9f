import assert from 'node:assert/strict';
import type { BuildRecord } from '../../../src/core/build/record';
import type { Outcome } from '../../../src/core/build/run';
import { parseDockerfile } from '../../../src/core/dockerfile/parse';
import { growthOf } from '../../../src/core/growth';
import { lineHistories, type ComparedBuild } from '../../../src/core/lineHistory';

const text = 'FROM base\nCOPY a /a\nRUN make\n';

describe('lineHistories', () => {
	it('lays each line beside the build before, and keeps what came before that', () => {
		assert.deepEqual(drawn(build(3, text, 'COPY 5, RUN 30 4s'), [build(2, text, 'COPY 5, RUN 20 3s'), build(1, text, 'COPY 4, RUN 20 9s')]), [
			'COPY  0 since 2  sizes 4 5 5  times ',
			'RUN  +10 +1s since 2  sizes 20 20 30  times 9 3 4',
		]);
	});

	it('compares no time of a cached step, and no size that one build does not know', () => {
		assert.deepEqual(drawn(build(3, text, 'COPY ?, RUN 30 cached'), [build(2, text, 'COPY 5, RUN 20 3s'), build(1, text, 'COPY ?, RUN 20 cached')]), [
			'COPY  ? since 2  sizes 5  times ',
			'RUN  +10 since 2  sizes 20 20 30  times 3',
		]);
	});

	it('takes the newest that succeeded for the build before; builds that failed are no measure', () => {
		assert.deepEqual(drawn(build(3, text, 'RUN 30'), [{ ...build(2, text, 'RUN ?'), state: 'failed' }, build(1, text, 'RUN 10')])[0], 'RUN  +20 since 1  sizes 10 30  times ');
	});

	it('follows an instruction through edits, moved or changed', () => {
		const before = 'FROM base\nRUN one\nCOPY a /a\nRUN two\n';
		const now = 'FROM base\n# moved\nCOPY a /a\nRUN two --more\nRUN new\n';
		assert.deepEqual(drawn(build(2, now, 'COPY 7, RUN 30, RUN 99'), [build(1, before, 'RUN 50, COPY 5, RUN 20')]), [
			'COPY  +2 since 1  sizes 5 7  times ', 'RUN  +10 since 1  sizes 20 30  times ', 'RUN  sizes 99  times ',
		]);
	});

	it('does not compare an instruction with another one that stood in its place', () => {
		const before = 'FROM base\nRUN make\n';
		assert.deepEqual(drawn(build(2, 'FROM base\nWORKDIR /x\n', 'WORKDIR 3'), [build(1, before, 'RUN 50')]), ['WORKDIR  sizes 3  times ']);
		assert.deepEqual(drawn(build(2, 'FROM base\nADD a /a\n', 'ADD 3'), [build(1, 'FROM base\nCOPY a /a\n', 'COPY 1')]), ['ADD  +2 since 1  sizes 1 3  times ']);
	});

	it('passes over builds for another platform, and over times of another builder', () => {
		const arm = build(2, text, 'RUN 90 9s');
		const classic: BuildRecord = { ...build(1, text, 'RUN 20 9s'), builder: 'classic' };
		assert.deepEqual(drawn(build(3, text, 'RUN 30 4s'), [{ ...arm, options: { ...arm.options, platform: 'linux/arm64' } }, classic]), ['RUN  +10 since 1  sizes 20 30  times 9 4']);
	});

	it('keeps ten builds, and has none where this is the first', () => {
		const many = Array.from({ length: 30 }, (_, at) => build(30 - at, text, `RUN ${String(30 - at)}`));
		assert.equal(drawn(build(31, text, 'RUN 31'), many)[0], 'RUN  +1 since 30  sizes 22 23 24 25 26 27 28 29 30 31  times ');
		assert.equal(drawn(build(1, text, 'RUN 31'), [])[0], 'RUN  sizes 31  times ');
	});

	it('compares with the pinned build too, wherever that was built, and not with itself', () => {
		const pinned: BuildRecord = { ...build(1, text, 'RUN 10 3s'), engineId: 'another' };
		const [, , line] = histories(build(9, text, 'RUN 30 4s'), [build(8, text, 'RUN 30 3s')], pinned);
		assert.deepEqual(line?.sincePinned, { at: 1, bytes: { before: 10, now: 30 }, durationMs: undefined });
		assert.equal(histories(pinned, [], pinned)[2]?.sincePinned, undefined);
	});
});

describe('growthOf', () => {
	const grown = (before: number, now: number, limits = { megabytes: 10, percent: 10 }, pinnedBefore?: number): string | undefined => {
		const pinned = pinnedBefore === undefined ? undefined : build(1, text, `RUN ${String(pinnedBefore)}`);
		const growth = growthOf({ history: histories(build(9, text, `RUN ${String(now)}`), [build(8, text, `RUN ${String(before)}`)], pinned)[2], stale: undefined }, limits);
		return growth && `${growth.since} ${String(growth.change.bytes.before)} ${String(growth.change.bytes.now)}`;
	};

	it('begins above the greater of both limits', () => {
		assert.equal(grown(50e6, 60e6), undefined);
		assert.equal(grown(50e6, 60e6 + 1), 'last 50000000 60000001');
		assert.equal(grown(500e6, 549e6), undefined);
		assert.equal(grown(500e6, 551e6), 'last 500000000 551000000');
		assert.equal(grown(50e6, 20e6), undefined);
	});

	it('is measured against the pinned build where there is one', () => {
		assert.equal(grown(50e6, 51e6, undefined, 20e6), 'pinned 20000000 51000000');
		assert.equal(grown(20e6, 51e6, undefined, 50e6), undefined);
	});

	it('is never with a limit of 0, and never of a line that was edited since', () => {
		assert.equal(grown(0, 500e6, { megabytes: 0, percent: 10 }), undefined);
		const history = histories(build(9, text, 'RUN 90000000'), [build(8, text, 'RUN 1')])[2];
		assert.equal(growthOf({ history, stale: 'changed' }, { megabytes: 1, percent: 0 }), undefined);
		assert.notEqual(growthOf({ history, stale: 'dependsOnChanged' }, { megabytes: 1, percent: 0 }), undefined);
	});
});

function histories(now: BuildRecord, earlier: readonly BuildRecord[], pinned?: BuildRecord): ReturnType<typeof lineHistories> {
	return lineHistories(withText(now), earlier.map(withText), pinned && withText(pinned));
}

function withText(record: BuildRecord): ComparedBuild {
	return { record, dockerfile: parseDockerfile(record.text) };
}

/** For each line that is told of: `RUN +10 +1s since 2  sizes 20 30  times 9 3`; build n began at n. */
function drawn(now: BuildRecord, earlier: readonly BuildRecord[]): readonly string[] {
	const told = histories(now, earlier);
	return now.instructions.flatMap(({ keyword, outcome }, at) => {
		const { sinceLast, sizes, durations } = told[at]!;
		const signed = (value: number): string => value > 0 ? `+${String(value)}` : String(value);
		const { bytes, durationMs } = sinceLast ?? {};
		const since = sinceLast === undefined ? ''
			: ` ${bytes === undefined ? '?' : signed(bytes.now - bytes.before)}${durationMs === undefined ? '' : ` ${signed((durationMs.now - durationMs.before) / 1000)}s`} since ${String(sinceLast.at)} `;
		return outcome === 'metadata' ? [] : [`${keyword} ${since} sizes ${sizes.join(' ')}  times ${durations.map(ms => ms / 1000).join(' ')}`];
	});
}

/** A build that began at `at`; of the lines told, in order: `RUN 30 4s` ran for 4 s and made 30 bytes, `?`: unknown. */
function build(at: number, of: string, said: string): BuildRecord {
	const left = said.split(', ').map(one => one.split(' '));
	return {
		version: 2, id: String(at), engineId: 'e', builder: 'buildkit', dockerfilePath: '/Dockerfile', contextPath: '/', state: 'succeeded', startedAt: at, durationMs: 1,
		options: { target: undefined, tags: [], buildArgs: {}, noCache: false, platform: undefined, network: undefined },
		contextBytes: 0, contextFiles: 0, imageId: undefined, image: undefined, error: undefined, warnings: undefined, text: of,
		instructions: parseDockerfile(of).instructions.map(({ line, endLine, stage, keyword, text: words }) => {
			const [, bytes, how] = left[0]?.[0] === keyword ? left.shift()! : [];
			const outcome: Outcome = bytes === undefined ? 'metadata' : how === 'cached' ? 'cached' : 'ran';
			return {
				line, endLine, stage, keyword, text: words, outcome,
				durationMs: how?.endsWith('s') === true ? parseInt(how, 10) * 1000 : how === 'cached' ? 1 : undefined,
				size: bytes === undefined || bytes === '?' ? undefined : { bytes: Number(bytes), measure: 'history' },
				diffId: undefined, logTail: undefined, inputs: undefined, reason: undefined,
			};
		}),
	};
}
