import assert from 'node:assert/strict';
import type { BuildRecord } from '../../../src/core/build/record';
import type { BuildRun, Outcome } from '../../../src/core/build/run';
import { parseDockerfile } from '../../../src/core/dockerfile/parse';
import { resolveDockerfile } from '../../../src/core/dockerfile/resolve';
import type { Builder } from '../../../src/core/engine/engine';
import { historyRows } from '../../../src/core/image/historyRows';
import { matchHistory } from '../../../src/core/image/matchHistory';
import type { LineFacts } from '../../../src/core/lineFacts';
import { projectLines } from '../../../src/core/projectLines';
import { assertLinear } from '../../support/assertLinear';

const node = `
FROM node AS build
WORKDIR /app
COPY package.json .
RUN npm ci
ENV MODE=production
RUN npm run build

FROM scratch
COPY --from=build /app/dist /
CMD ["/server"]
`;

describe('projectLines after an edit', () => {
	it('keeps every fact where nothing is edited', () => {
		assert.equal(afterEdit(node, node), `
			 2 FROM node AS build             was line 2
			 3 WORKDIR /app                   was line 3
			 4 COPY package.json .            was line 4
			 5 RUN npm ci                     was line 5
			 6 ENV MODE=production            was line 6
			 7 RUN npm run build              was line 7
			 9 FROM scratch                   was line 9
			10 COPY --from=build /app/dist /  was line 10
			11 CMD ["/server"]                was line 11`);
	});

	it('follows instructions, not lines; comments, blank lines and continuations change nothing', () => {
		assert.equal(afterEdit(node, `# a comment
${node.replace('RUN npm ci', '\n# why\nrun npm ci')}`), `
			 3 FROM node AS build             was line 2
			 4 WORKDIR /app                   was line 3
			 5 COPY package.json .            was line 4
			 8 RUN npm ci                     was line 5
			 9 ENV MODE=production            was line 6
			10 RUN npm run build              was line 7
			12 FROM scratch                   was line 9
			13 COPY --from=build /app/dist /  was line 10
			14 CMD ["/server"]                was line 11`);
	});

	it('marks an edited instruction, what builds upon it, and what takes files from there', () => {
		assert.equal(afterEdit(node, node.replace('npm ci', 'npm install')), `
			 2 FROM node AS build             was line 2
			 3 WORKDIR /app                   was line 3
			 4 COPY package.json .            was line 4
			 5 RUN npm install                was line 5  changed
			 6 ENV MODE=production            was line 6
			 7 RUN npm run build              was line 7  dependsOnChanged
			 9 FROM scratch                   was line 9
			10 COPY --from=build /app/dist /  was line 10  dependsOnChanged
			11 CMD ["/server"]                was line 11`);
	});

	it('knows nothing of a new instruction, and keeps the facts around it', () => {
		assert.equal(afterEdit(node, node.replace('ENV MODE=production', 'ENV MODE=production\nRUN npm test')), `
			 2 FROM node AS build             was line 2
			 3 WORKDIR /app                   was line 3
			 4 COPY package.json .            was line 4
			 5 RUN npm ci                     was line 5
			 6 ENV MODE=production            was line 6
			 7 RUN npm test                   nothing known  changed
			 8 RUN npm run build              was line 7  dependsOnChanged
			10 FROM scratch                   was line 9
			11 COPY --from=build /app/dist /  was line 10  dependsOnChanged
			12 CMD ["/server"]                was line 11`);
	});

	it('sees what a removed instruction leaves behind', () => {
		assert.equal(afterEdit(node, node.replace('WORKDIR /app\n', '')), `
			 2 FROM node AS build             was line 2
			 3 COPY package.json .            was line 4  dependsOnChanged
			 4 RUN npm ci                     was line 5  dependsOnChanged
			 5 ENV MODE=production            was line 6
			 6 RUN npm run build              was line 7  dependsOnChanged
			 8 FROM scratch                   was line 9
			 9 COPY --from=build /app/dist /  was line 10  dependsOnChanged
			10 CMD ["/server"]                was line 11`);
		assert.match(afterEdit(node, node.replace('RUN npm run build\n', '')), /COPY --from=build .* dependsOnChanged/);
	});

	it('lets a stage be renamed, moved and split', () => {
		assert.equal(afterEdit(node, node.replace('AS build', 'AS compile').replace('--from=build', '--from=compile')), `
			 2 FROM node AS compile             was line 2
			 3 WORKDIR /app                     was line 3
			 4 COPY package.json .              was line 4
			 5 RUN npm ci                       was line 5
			 6 ENV MODE=production              was line 6
			 7 RUN npm run build                was line 7
			 9 FROM scratch                     was line 9
			10 COPY --from=compile /app/dist /  was line 10  changed
			11 CMD ["/server"]                  was line 11`);
		assert.equal(afterEdit('FROM a AS one\nRUN 1\nFROM b AS two\nRUN 2\n', 'FROM b AS two\nRUN 2\nFROM a AS one\nRUN 1\n'), `
			1 FROM b AS two  was line 3
			2 RUN 2          was line 4
			3 FROM a AS one  was line 1
			4 RUN 1          was line 2`);
	});

	it('sees a changed heredoc', () => {
		const text = 'FROM a\nRUN <<EOF\nmake\nEOF\n';
		assert.equal(afterEdit(text, text.replace('make', 'make all')), `
			1 FROM a     was line 1
			2 RUN <<EOF  was line 2  changed`);
	});

	it('lets config reach as far as the builder does', () => {
		const text = 'FROM a\nLABEL v=1\nENV A=1\nCOPY x /\nRUN make\nCOPY y /\n';
		const stale = (edited: string, builder: Builder): string => afterEdit(text, edited, builder).match(/\S+ .*dependsOnChanged/g)?.map(line => line.split(' ')[0]).join(' ') ?? '';
		assert.equal(stale(text.replace('v=1', 'v=2'), 'buildkit'), '');
		assert.equal(stale(text.replace('v=1', 'v=2'), 'classic'), '3 4 5 6');
		assert.equal(stale(text.replace('A=1', 'A=2'), 'buildkit'), '5 6');
		assert.equal(stale(text.replace('LABEL v=1\n', ''), 'buildkit'), '');
	});

	it('lets an argument before the first FROM reach the stages that use it', () => {
		const text = 'ARG BASE=a\nARG TOOL=x\nFROM $BASE AS one\nRUN 1\nFROM b\nARG TOOL\nRUN 2\n';
		assert.match(afterEdit(text, text.replace('BASE=a', 'BASE=z')), /FROM \$BASE .*dependsOnChanged[^]*RUN 1 .*dependsOnChanged[^]*RUN 2 +was line 7$/);
		assert.match(afterEdit(text, text.replace('TOOL=x', 'TOOL=y')), /RUN 1 +was line 4[^]*RUN 2 .*dependsOnChanged$/);
	});

	it('takes in proportion to the instructions, however they were edited', () => {
		const edits: readonly ((lines: readonly string[]) => readonly string[])[] = [
			lines => lines.map(line => line.replace(/step 200$/, 'step two hundred')),
			lines => [...lines.slice(0, 1), ...lines.slice(lines.length / 2), ...lines.slice(1, lines.length / 2)],
			lines => lines.map(line => line.replace('step', 'other')),
			lines => lines.map((line, at) => at % 2 === 0 ? line : `${line} && true`),
		];
		for (const edit of edits) {
			const inputs = new Map([400, 6400].map(count => {
				const lines = ['FROM a', ...Array.from({ length: count - 1 }, (_, at) => `RUN step ${String(at)}`)];
				return [count, { resolved: resolve(edit(lines).join('\n')), record: recorded(lines.join('\n')) }];
			}));
			assertLinear(400, count => { projectLines(inputs.get(count)!); });
		}
	});
});

describe('projectLines: stages', () => {
	it('adds up what a stage costs, and says what the sum lacks', () => {
		const totals = (text: string, record = recorded(text)): unknown[] => projectLines({ resolved: resolve(text), record })
			.flatMap(({ stageTotal }) => stageTotal === undefined ? [] : [stageTotal]);
		assert.deepEqual(totals(node), [
			{ bytes: 3 + 4 + 5 + 7, partial: false, durationMs: 3000 + 4000 + 5000 + 7000, inFinalImage: false, stale: false },
			{ bytes: 10, partial: false, durationMs: 10_000, inFinalImage: true, stale: false },
		]);
		const { record, dockerfile } = recorded(node);
		const unknown = { ...record, instructions: record.instructions.map(one => one.line === 4 ? { ...one, size: undefined } : one) };
		assert.deepEqual(totals(node, { record: unknown, dockerfile })[0], { bytes: 15, partial: true, durationMs: 19_000, inFinalImage: false, stale: false });
	});
});

describe('projectLines: sources', () => {
	it('lets a build under way speak before the record, and the record before history', () => {
		const resolved = resolve(node);
		const outcomes: readonly Outcome[] = ['metadata', 'cached', 'running', 'pending', 'pending', 'pending', 'pending', 'pending', 'pending'];
		const run: BuildRun = {
			id: 'r', builder: 'buildkit', state: 'running', startedAt: 0, finishedAt: undefined, others: [], warnings: [], imageId: undefined, error: undefined,
			steps: outcomes.map((outcome, instruction) => ({ instruction, outcome, startedAt: undefined, durationMs: undefined, vertices: [], imageId: undefined, progress: undefined })),
		};
		const facts = projectLines({ resolved, run: { run, dockerfile: resolved.dockerfile }, record: recorded(node) });
		assert.deepEqual(facts.map(({ source, outcome }) => `${source ?? ''} ${outcome ?? ''}`), outcomes.map(outcome => `run ${outcome}`));
	});

	it('takes sizes from an image that matches, and none for stages that are not in it', () => {
		const resolved = resolve(node);
		const rows = historyRows([
			{ imageId: 'x', createdAt: 0, createdBy: 'CMD ["/server"]', sizeBytes: 0, comment: 'buildkit.dockerfile.v0' },
			{ imageId: undefined, createdAt: 0, createdBy: 'COPY /app/dist / # buildkit', sizeBytes: 7, comment: 'buildkit.dockerfile.v0' },
		], ['sha256:a']);
		const match = matchHistory(resolved, rows);
		assert.ok(match);
		const facts = projectLines({ resolved, history: { rows, match, dockerfile: resolved.dockerfile } });
		assert.deepEqual(facts.filter(({ size }) => size !== undefined).map(({ line, size, diffId, outcome, source }) => [line, size?.bytes, diffId, outcome, source]), [
			[10, 7, 'sha256:a', undefined, 'history'],
			[11, 0, undefined, undefined, 'history'],
		]);
	});

	it('says nothing where nothing is known', () => {
		assert.deepEqual(projectLines({ resolved: resolve(node) }).map(({ source, stale, stageTotal }) => [source, stale, stageTotal]),
			Array.from({ length: 9 }, () => [undefined, undefined, undefined]));
	});
});

function resolve(text: string): ReturnType<typeof resolveDockerfile> {
	return resolveDockerfile(parseDockerfile(text), {});
}

/** A record of a build of this text, in which each line that makes a layer has as many bytes and seconds as its number. */
function recorded(text: string, builder: Builder = 'buildkit'): { readonly record: BuildRecord; readonly dockerfile: ReturnType<typeof parseDockerfile> } {
	const resolved = resolve(text);
	const record: BuildRecord = {
		version: 2, id: '1', engineId: 'e', builder, dockerfilePath: '/Dockerfile', contextPath: '/', state: 'succeeded', startedAt: 0, durationMs: 1,
		options: { target: undefined, tags: [], buildArgs: {}, noCache: false, platform: undefined, network: undefined },
		contextBytes: 0, contextFiles: 0, imageId: undefined, image: undefined, error: undefined, warnings: undefined, text,
		instructions: resolved.instructions.map(({ instruction: { line, endLine, stage, keyword, text: words }, layer }) => ({
			line, endLine, stage, keyword, text: words, outcome: layer ? 'ran' : 'metadata',
			durationMs: layer ? line * 1000 : undefined, size: layer ? { bytes: line, measure: 'history' } : undefined,
			diffId: `sha256:${String(line)}`, logTail: undefined, inputs: undefined, reason: undefined,
		})),
	};
	return { record, dockerfile: resolved.dockerfile };
}

function afterEdit(before: string, now: string, builder?: Builder): string {
	const facts = projectLines({ resolved: resolve(now), record: recorded(before, builder) });
	return draw(facts);
}

function draw(facts: readonly LineFacts[]): string {
	const width = Math.max(...facts.map(({ text }) => text.length));
	const digits = String(facts.at(-1)?.line).length;
	return facts.map(({ line, text, diffId, stale }) => {
		const was = diffId === undefined ? 'nothing known' : `was line ${diffId.slice('sha256:'.length)}`;
		return `\n\t\t\t${String(line).padStart(digits)} ${text.padEnd(width)}  ${was}${stale === undefined ? '' : `  ${stale}`}`;
	}).join('');
}
