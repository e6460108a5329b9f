import assert from 'node:assert/strict';
import fc from 'fast-check';
import { mapSteps, type NamedVertex } from '../../../src/core/build/mapSteps';
import { parseDockerfile } from '../../../src/core/dockerfile/parse';
import type { BaseConfig, ResolvedDockerfile, ResolveOptions } from '../../../src/core/dockerfile/resolved';
import { resolveDockerfile } from '../../../src/core/dockerfile/resolve';
import { imagine } from './buildKitVertices';
import { assertLinear } from '../../support/assertLinear';

describe('mapSteps', () => {
	it('matches by stage label and number, whatever the text says', () => {
		assert.deepEqual(drawn('FROM base AS Tools\nENV A=b\nRUN echo $A\nFROM base\nCOPY --from=tools /a /b\n', [
			v('f', '[stage-1 1/2] FROM docker.io/library/base'),
			v('r', '[tools 2/2] RUN echo b', 'f'),
			v('c', '[stage-1 2/2] COPY --from=tools /a /b', 'f', 'r'),
			v('x', 'exporting to image'),
		]), ['1 FROM base AS Tools: f', '3 RUN echo $A: r', '4 FROM base: f', '5 COPY --from=tools /a /b: c']);
	});

	it('reads numbers with spaces, platforms before the stage, and a lone stage with or without its label', () => {
		for (const prefix of ['', 'linux/amd64 ', 'stage-0 ', 'linux/amd64 stage-0 ', 'linux/amd64->arm64 ']) {
			assert.deepEqual(drawn('FROM base\nRUN a\n', [v('f', `[${prefix} 1/2] FROM x`), v('r', `[${prefix}2/2] RUN a`, 'f')]), ['1 FROM base: f', '2 RUN a: r']);
		}
	});

	it('numbers no step for a WORKDIR of the root', () => {
		assert.deepEqual(drawn('FROM base\nWORKDIR /\nWORKDIR rel\nRUN a\n', [v('w', '[2/4] WORKDIR /rel'), v('r', '[3/4] RUN a', 'w')]), ['3 WORKDIR rel: w', '4 RUN a: r']);
	});

	it('starts at one on scratch and on another stage', () => {
		assert.deepEqual(drawn('FROM scratch AS a\nCOPY x /\nFROM a\nCOPY y /\n', [v('x', '[a 1/1] COPY x /', 'ctx'), v('y', '[stage-1 1/1] COPY y /', 'x', 'ctx')]), [
			'2 COPY x /: x', '4 COPY y /: y',
		]);
	});

	const bases = { base: base('COPY . /src', 'ENV X=y', 'RUN make') };
	const triggered = 'FROM base\nRUN own\n';
	const newer = [v('f', '[1/2] FROM x'), v('t1', '[2/5] ONBUILD COPY . /src', 'f', 'ctx'), v('t2', '[3/5] ONBUILD RUN make', 't1'), v('r', '[4/5] RUN own', 't2')];
	const older = [v('f', '[1/2] FROM x'), v('t1', '[2/2] COPY . /src', 'f', 'ctx'), v('t2', '[3/2] RUN make', 't1'), v('r', '[4/2] RUN own', 't2')];
	for (const [name, vertices] of [['28.5', newer], ['20.10', older]] as const) {
		it(`counts the triggers of a base as ${name} does, known before or not`, () => {
			const expected = ['1 FROM base: f (f t1 t2)', '2 RUN own: r'];
			assert.deepEqual(drawn(triggered, vertices, { bases }), expected);
			assert.deepEqual(drawn(triggered, vertices), expected);
		});
	}

	it('takes the step that unpacks a download, and the one that copies before a link', () => {
		assert.deepEqual(drawn('FROM base\nADD https://x/y /y\nCOPY --link a /a\nRUN b\n', [
			v('f', '[1/4] FROM x'), v('http', '[2/4] ADD https://x/y /y'), v('add', '[2/4] ADD https://x/y /y', 'f', 'http'),
			v('copy', '[3/4] COPY --link a /a', 'ctx'), v('link', '[3/4] LINK COPY --link a /a', 'add', 'copy'), v('b', '[4/4] RUN b', 'link'),
		]), ['1 FROM base: f', '2 ADD https://x/y /y: add (http add)', '3 COPY --link a /a: copy (copy link)', '4 RUN b: b']);
	});

	it('is not misled by a FROM that bears the name it has in another build', () => {
		assert.deepEqual(drawn('FROM base AS one\nRUN a\nFROM one\nRUN b\n', [
			v('f', '[stage-1 1/3] FROM x'), v('a', '[one 2/2] RUN a', 'f'), v('b', '[stage-1 1/1] RUN b', 'a'),
		]), ['1 FROM base AS one: f', '2 RUN a: a', '4 RUN b: b']);
	});

	it('finds equal steps of two stages in the vertex that stands for both', () => {
		const text = 'FROM base AS one\nRUN same\nRUN more\nFROM base AS two\nRUN same\nFROM base\nCOPY --from=one /a /\nCOPY --from=two /a /\n';
		assert.deepEqual(drawn(text, [
			v('f', '[two 1/2] FROM x'), v('s', '[two 2/2] RUN same', 'f'), v('m', '[one 3/3] RUN more', 's'),
			v('c1', '[stage-2 2/3] COPY --from=one /a /', 'f', 'm'), v('c2', '[stage-2 3/3] COPY --from=two /a /', 'c1', 's'),
		]), [
			'1 FROM base AS one: f', '2 RUN same: s', '3 RUN more: m', '4 FROM base AS two: f', '5 RUN same: s',
			'6 FROM base: f', '7 COPY --from=one /a /: c1', '8 COPY --from=two /a /: c2',
		]);
	});

	it('finds them at the end of a stage too', () => {
		const text = 'FROM base AS one\nRUN same\nFROM base AS two\nRUN same\nFROM base\nCOPY --from=one /a /\nCOPY --from=two /a /\n';
		assert.deepEqual(drawn(text, [
			v('f', '[two 1/2] FROM x'), v('s', '[two 2/2] RUN same', 'f'),
			v('c1', '[stage-2 2/3] COPY --from=one /a /', 'f', 's'), v('c2', '[stage-2 3/3] COPY --from=two /a /', 'c1', 's'),
		]).slice(0, 4), ['1 FROM base AS one: f', '2 RUN same: s', '3 FROM base AS two: f', '4 RUN same: s']);
	});

	it('leaves a skipped stage without vertices', () => {
		assert.deepEqual(drawn('FROM base AS unused\nRUN a\nFROM base\nRUN b\n', [v('f', '[stage-1 1/2] FROM x'), v('b', '[stage-1 2/2] RUN b', 'f')]), ['3 FROM base: f', '4 RUN b: b']);
	});

	it('maps nothing of a stage whose steps contradict its numbers, or whose name two stages bear', () => {
		assert.deepEqual(drawn('FROM base\nRUN a\nCOPY b /\n', [v('x', '[2/3] COPY b /'), v('y', '[3/3] RUN a', 'x')]), []);
		assert.deepEqual(drawn('FROM scratch AS n\nCOPY a /\nFROM scratch AS n\nCOPY b /\nFROM n\nCOPY --from=0 /a /\n', [v('x', '[n 1/1] COPY b /', 'ctx')]), []);
	});

	it('maps no vertex to an instruction that it is not, and nearly all of them', () => {
		let all = 0;
		let mapped = 0;
		fc.assert(fc.property(dockerfiles, fc.constantFrom('20.10', '28.5'), fc.constantFrom('first', 'last'), fc.boolean(), fc.boolean(), fc.nat(), (text, style, twins, isBaseKnown, isShuffled, seed) => {
			const dockerfile = parseDockerfile(text);
			const known = { alpha: base(), beta: base('RUN trigger', 'ENV T=1', 'COPY t /t') };
			const resolved = resolveDockerfile(dockerfile, { bases: known });
			const { vertices, truth } = imagine(resolved, style, twins);
			const asked = isBaseKnown ? resolved : resolveDockerfile(dockerfile, {});
			const found = mapSteps(asked, isShuffled ? shuffled(vertices, seed) : vertices);
			for (const [instruction, digest] of truth) {
				const { primary } = found.get(instruction) ?? {};
				all++;
				mapped += primary === undefined ? 0 : 1;
				assert.ok(primary === undefined || primary === digest, `${dockerfile.instructions[instruction]?.text} was mapped to ${primary}, is ${digest}\n${text}`);
			}
			for (const instruction of found.keys()) {
				assert.ok(truth.has(instruction) || (found.get(instruction)?.primary === undefined), `${dockerfile.instructions[instruction]?.text} has no vertex`);
			}
		}), { numRuns: 1000 });
		assert.ok(mapped > all * 0.97, `${mapped} of ${all}`);
	});

	it('is quick for thousands of instructions', () => {
		const builds = new Map([600, 9600].map(count => {
			const text = `FROM base\n${Array.from({ length: count }, (_, at) => `RUN echo ${at}`).join('\n')}\n`;
			const resolved = resolveDockerfile(parseDockerfile(text), {});
			return [count, { resolved, vertices: imagine(resolved, '28.5').vertices }];
		}));
		assertLinear(600, count => {
			const { resolved, vertices } = builds.get(count)!;
			assert.equal(mapSteps(resolved, vertices).size, count + 1);
		});
	});
});

/** Few different words, so that equal steps, names and numbers meet often. */
const instruction = fc.constantFrom('RUN a', 'RUN b', 'RUN c', 'COPY x /x', 'COPY --from=s0 /a /a', 'COPY --from=0 /a /a', 'WORKDIR /', 'WORKDIR /w', 'ENV A=b', 'ADD y /y', 'LABEL c=d', 'ONBUILD RUN o');
const stage = fc.record({
	base: fc.constantFrom('alpha', 'alpha', 'beta', 'scratch', 's0', 's1'),
	name: fc.boolean(),
	instructions: fc.array(instruction, { minLength: 1, maxLength: 5 }),
});
const dockerfiles = fc.array(stage, { minLength: 1, maxLength: 4 }).map(stages => stages.map(({ base, name, instructions }, at) => {
	// A stage can only start from an earlier one, and copy from one.
	const from = /^s\d$/.test(base) && Number(base.slice(1)) >= at ? 'alpha' : base;
	const usable = instructions.filter(line => at > 0 || !line.includes('--from'));
	return [`FROM ${from}${name || at < 2 ? ` AS s${at}` : ''}`, ...usable].join('\n');
}).join('\n'));

function base(...onBuild: readonly string[]): BaseConfig {
	return { env: {}, workdir: '/', user: '', shell: undefined, onBuild };
}

function v(digest: string, name: string, ...inputs: readonly string[]): NamedVertex {
	return { digest, name, inputs };
}

function drawn(text: string, vertices: readonly NamedVertex[], options: ResolveOptions = {}): readonly string[] {
	const resolved: ResolvedDockerfile = resolveDockerfile(parseDockerfile(text), options);
	return [...mapSteps(resolved, vertices)].sort(([a], [b]) => a - b).map(([at, { primary, all }]) => {
		const { line, text: words } = resolved.dockerfile.instructions[at]!;
		return `${line} ${words}: ${primary}${all.length > 1 ? ` (${all.join(' ')})` : ''}`;
	});
}

function shuffled<T>(list: readonly T[], seed: number): readonly T[] {
	let state = seed + 1;
	const next = (): number => { state = (state * 1_103_515_245 + 12_345) % 2_147_483_648; return state; };
	return list.map(item => ({ item, order: next() })).sort((a, b) => a.order - b.order).map(({ item }) => item);
}
