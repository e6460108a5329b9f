import assert from 'node:assert/strict';
import type { Builder, Engine } from '../../src/core/engine/engine';
import { traitsOf } from '../support/engineTraits';
import { baseImage, forEachBuilder, type TestEngine } from '../support/engines';
import { drawLayers, inWorkshop, type Built, type Workshop } from './buildHarness';
import { assertSizes, assertWords } from './engineAgrees';

/** A Dockerfile and what becomes of its lines that make layers, in a first build; the second has all of them cached. */
interface Case {
	readonly name: string;
	readonly dockerfile: string;
	readonly files?: Readonly<Record<string, string>>;
	readonly target?: string;
	readonly buildArgs?: Readonly<Record<string, string>>;
	/** Lines that BuildKit does not reach because the target does not need them; the classic builder builds all stages. */
	readonly skipped?: readonly number[];
	/** Lines that the same build has made already. */
	readonly twins?: readonly number[];
	/** What then changes, and the lines that run for it. */
	readonly touch?: { readonly path: string; readonly content: string; readonly reruns: readonly number[]; readonly classicReruns?: readonly number[] };
	readonly only?: (builder: Builder, engine: TestEngine) => boolean;
	/** Built first, under a name that the Dockerfile's BASE argument is given. */
	readonly base?: string;
}

const cases: readonly Case[] = [
	{
		name: 'one stage',
		dockerfile: `FROM ${baseImage}\nENV A=NONCE\nWORKDIR /w$A\nRUN echo one > one\nCOPY a.txt .\nRUN cat a.txt > two\nCOPY b.txt .\nLABEL c=d\nCMD ["sh"]\n`,
		files: { 'a.txt': 'a', 'b.txt': 'b' },
		touch: { path: 'a.txt', content: 'changed', reruns: [5, 6, 7] },
	},
	{
		name: 'stages side by side, one of them skipped',
		dockerfile: [
			`FROM ${baseImage} AS Left`, 'RUN echo left NONCE > /left', 'COPY left.txt /', // 1-3
			`FROM ${baseImage} AS unused`, 'RUN echo unused NONCE', // 4-5
			`FROM ${baseImage} AS right`, 'RUN echo right NONCE > /right', 'COPY right.txt /', // 6-8
			`FROM ${baseImage}`, 'COPY --from=left /left /left.txt /', 'COPY --from=2 /right.txt /', 'RUN cat /left /left.txt /right.txt', '', // 9-12
		].join('\n'),
		files: { 'left.txt': 'l', 'right.txt': 'r' },
		skipped: [5],
		touch: { path: 'right.txt', content: 'changed', reruns: [8, 11, 12] },
	},
	{
		name: 'the same RUN twice in a stage, and in two stages',
		dockerfile: [
			`FROM ${baseImage} AS one`, 'RUN echo NONCE', 'RUN echo again', 'RUN echo again', // 1-4
			`FROM ${baseImage} AS two`, 'RUN echo NONCE', 'RUN echo two', // 5-7
			'FROM one', 'COPY --from=two /bin/busybox /two', 'COPY a.txt /', '', // 8-10
		].join('\n'),
		files: { 'a.txt': 'a' },
		twins: [6],
		touch: { path: 'a.txt', content: 'changed', reruns: [10] },
	},
	{
		name: 'ARG before FROM, variables, continuations and comments',
		dockerfile: [
			`# a comment`, `ARG BASE=${baseImage}`, 'ARG WHO=nobody', 'FROM ${BASE} AS base', 'ARG WHO', // 2-5
			'RUN echo "$WHO" \\', '   # within', '   && echo NONCE', // 6-8
			'FROM base', 'ENV DIR=/d', 'WORKDIR /', 'WORKDIR $DIR', 'COPY a.txt ${DIR}/x', 'RUN cat /d/x', '', // 9-14
		].join('\n'),
		files: { 'a.txt': 'a' },
		buildArgs: { WHO: 'somebody' },
		touch: { path: 'a.txt', content: 'changed', reruns: [13, 14] },
	},
	{
		name: 'triggers of a base',
		base: `FROM ${baseImage}\nONBUILD COPY trigger.txt /\nONBUILD ENV T=1\nONBUILD RUN cat /trigger.txt; echo NONCE\n`,
		dockerfile: 'ARG BASE\nFROM $BASE\nRUN echo own\nCOPY a.txt /\nONBUILD RUN echo later\nRUN echo last\n',
		files: { 'trigger.txt': 't', 'a.txt': 'a' },
		touch: { path: 'a.txt', content: 'changed', reruns: [4, 6] },
	},
	{
		name: 'triggers of a stage',
		dockerfile: `FROM ${baseImage} AS base\nRUN echo NONCE\nONBUILD RUN echo trigger\nFROM base\nRUN echo own\nCOPY a.txt /\n`,
		files: { 'a.txt': 'a' },
		touch: { path: 'a.txt', content: 'changed', reruns: [6] },
	},
	{
		name: 'a target',
		dockerfile: `FROM ${baseImage} AS first\nRUN echo NONCE\nFROM first AS second\nCOPY a.txt /\nFROM second AS third\nRUN echo third NONCE\n`,
		files: { 'a.txt': 'a' },
		target: 'Second',
		touch: { path: 'a.txt', content: 'changed', reruns: [4] },
	},
	{
		name: 'scratch, ADD, and copies between stages and images',
		dockerfile: [
			'FROM scratch AS files', 'COPY a.txt b.txt /NONCE/', 'ADD a.txt /y', // 1-3
			`FROM ${baseImage}`, 'COPY --from=files /NONCE/ /x/', `COPY --from=${baseImage} /bin/busybox /bb`, 'COPY --from=files /y /y', '', // 4-7
		].join('\n'),
		files: { 'a.txt': 'a', 'b.txt': 'b' },
		touch: { path: 'b.txt', content: 'changed', reruns: [2, 3, 5, 6, 7] },
	},
	{
		name: 'heredocs',
		only: (builder, engine) => builder === 'buildkit' && !traitsOf(engine).hasOldBuildKit,
		dockerfile: [
			`FROM ${baseImage}`, 'ARG WHO=you', 'RUN <<END', 'echo NONCE', 'echo two > /two', 'END', // 1-6
			'COPY <<one <<two /h/', 'hello $WHO', 'one', '2', 'two', // 7-11
			'RUN cat <<A > /a; cat /h/one', 'hello', 'A', 'COPY a.txt /', '', // 12-15
		].join('\n'),
		files: { 'a.txt': 'a' },
		touch: { path: 'a.txt', content: 'changed', reruns: [15] },
	},
	{
		name: 'a CRLF file with backtick escapes',
		dockerfile: `# escape=\`\r\nFROM ${baseImage}\r\nRUN echo NONCE \`\r\n  && echo two\r\nCOPY a.txt /\r\n`,
		files: { 'a.txt': 'a' },
		touch: { path: 'a.txt', content: 'changed', reruns: [5] },
	},
];

describe('a build says of every instruction what the engine did', function () {
	this.timeout(180_000);
	forEachBuilder((engine, builder, test) => {
		const asNamed = traitsOf(test).foldsStageNames ? cases : cases.map(inLowerCase);
		for (const one of asNamed.filter(({ only }) => only?.(builder, test) ?? true)) {
			it(one.name, () => inCase(engine(), builder, one, async (workshop, build) => {
				const first = await build();
				assertLayers(first, line => one.skipped?.includes(line) === true && traitsOf(test).skipsStages.includes(builder) ? 'notRun'
					: isAfterTarget(first, line) ? 'notRun' : one.twins?.includes(line) === true && builder === 'classic' ? 'cached' : 'ran');
				assertWords(first, builder);
				await assertSizes(first, workshop.engine, builder);
				assertMetadata(first, builder, traitsOf(test).skipsStages.includes(builder) ? one.skipped ?? [] : []);

				const second = await build();
				assertLayers(second, (_, before) => before === 'notRun' ? 'notRun' : 'cached', first);
				assertWords(second, builder);
				await assertSizes(second, workshop.engine, builder);
				assert.equal(second.run.imageId, first.run.imageId);

				if (one.touch !== undefined) {
					await workshop.write(one.touch.path, one.touch.content);
					const third = await build();
					assertLayers(third, (line, before) => before === 'notRun' ? 'notRun' : one.touch!.reruns.includes(line) ? 'ran' : 'cached', first);
					assertWords(third, builder);
					await assertSizes(third, workshop.engine, builder);
				}
			}));
		}

		it('instructions that only change the config', () => inWorkshop(engine(), builder, {
			Dockerfile: `FROM ${baseImage}\nMAINTAINER me\nENV A=b\nARG C\nLABEL n=NONCE\nEXPOSE 80\nVOLUME /v\nUSER root\nSTOPSIGNAL 9\nHEALTHCHECK NONE\nSHELL ["/bin/sh", "-ec"]\nONBUILD RUN echo\nENTRYPOINT ["sh"]\nCMD ["-c", "true"]\n`,
		}, async ({ build }) => {
			const outcomes = async (): Promise<readonly string[]> => (await build()).record.instructions.slice(5).map(({ outcome }) => outcome);
			const isClassic = builder === 'classic';
			assert.deepEqual([...new Set(await outcomes())], [isClassic ? 'ran' : 'metadata']);
			assert.deepEqual([...new Set(await outcomes())], [isClassic ? 'cached' : 'metadata']);
		}));

		it('runs every step without the cache', () => inWorkshop(engine(), builder, {
			Dockerfile: `FROM ${baseImage}\nRUN echo NONCE\nRUN echo two\n`,
		}, async ({ build }) => {
			await build();
			assert.deepEqual(drawLayers(await build({ noCache: true })), ['2 ran', '3 ran']);
		}));
	});
});

async function inCase(engine: Engine, builder: Builder, one: Case, use: (workshop: Workshop, build: () => Promise<Built>) => Promise<void>): Promise<void> {
	await inWorkshop(engine, builder, { Dockerfile: one.dockerfile, ...one.files }, async workshop => {
		const tag = `strata-test/build-base:${workshop.nonce}`;
		const options = { target: one.target, buildArgs: { ...one.buildArgs, ...one.base === undefined ? {} : { BASE: tag } } };
		if (one.base !== undefined) {
			await workshop.write('Base.Dockerfile', one.base);
			await workshop.write('Base.Dockerfile.dockerignore', '*');
			const base = await workshop.build({ dockerfilePath: `${workshop.folder}/Base.Dockerfile`, tags: [tag] });
			assert.equal(base.run.state, 'succeeded', base.run.error?.message);
		}
		await use(workshop, async () => {
			const built = await workshop.build(options);
			assert.equal(built.run.state, 'succeeded', built.run.error?.message);
			return built;
		});
	});
}

function assertLayers(built: Built, expected: (line: number, before: string | undefined) => string, first?: Built): void {
	const before = new Map(first?.record.instructions.map(({ line, outcome }) => [line, outcome]));
	const wanted = built.record.instructions.filter((_, at) => built.resolved.instructions[at]!.layer)
		.map(({ line }) => `${line} ${expected(line, before.get(line))}`);
	assert.deepEqual(drawLayers(built), wanted);
}

/** With each name of a stage written in one way. */
function inLowerCase(one: Case): Case {
	return { ...one, dockerfile: one.dockerfile.replace(/ AS \S+/g, name => ` AS${name.slice(3).toLowerCase()}`), ...one.target === undefined ? {} : { target: one.target.toLowerCase() } };
}

function isAfterTarget({ resolved }: Built, line: number): boolean {
	const stage = resolved.dockerfile.instructions.find(instruction => instruction.line === line)?.stage;
	return stage !== undefined && resolved.target !== undefined && stage > resolved.target;
}

/** `skipped`: lines of stages that the engine leaves out, whatever its builder would elsewhere. */
function assertMetadata({ record, resolved }: Built, builder: Builder, skipped: readonly number[]): void {
	const left = new Set(resolved.dockerfile.instructions.filter(({ line }) => skipped.includes(line)).map(({ stage }) => stage));
	for (const [at, { keyword, stage, outcome, line }] of record.instructions.entries()) {
		if (!resolved.instructions[at]!.layer && (builder === 'buildkit' || keyword === 'FROM' || stage === undefined)) {
			const isNeeded = stage === undefined || (resolved.needed.has(stage) && !left.has(stage));
			assert.equal(outcome, isNeeded ? 'metadata' : 'notRun', `line ${line}`);
		}
	}
}
