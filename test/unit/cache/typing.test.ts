import assert from 'node:assert/strict';
import fc from 'fast-check';
import { atOnce } from '../../../src/core/base/slices';
import { ContextIndex } from '../../../src/core/cache/contextIndex';
import { forecastBuild } from '../../../src/core/cache/forecast';
import { computeInputs, type BuildInputs } from '../../../src/core/cache/inputs';
import { CacheKnowledge, type PastBuild } from '../../../src/core/cache/knowledge';
import { cacheRulesOf } from '../../../src/core/cache/rules';
import type { BaseImage } from '../../../src/core/cache/stepRequest';
import { parseDockerfile } from '../../../src/core/dockerfile/parse';
import { resolveDockerfile } from '../../../src/core/dockerfile/resolve';
import type { ResolvedDockerfile } from '../../../src/core/dockerfile/resolved';
import { contextOf } from '../../support/cacheWorld';

const base: BaseImage = { id: 'base', digests: [], diffIds: ['layer'], env: { PATH: '/bin', DB_PASSWORD: 'from the base' }, workdir: '/', user: '', shell: undefined, onBuild: ['COPY a.txt /on', 'ENV ON=1'] };
const bases = { 'base:1': base };
const info = { id: 'e', name: 'e', kind: 'docker', version: '28.5.2', apiVersion: '1.51', hasBuildKit: true, imageStore: 'overlay2', os: 'linux', architecture: 'amd64' } as const;
const files = { 'a.txt': 'a', 'b.txt': 'b', 'dir/c.txt': 'c', 'dir/sub/d.txt': 'd', link: { link: 'dir' }, Dockerfile: 'on disk' };
const listed = contextOf(files);

describe('Inputs and forecast while a Dockerfile is typed in', () => {
	const line = fc.constantFrom('FROM base:1', 'FROM base:1 AS one', 'FROM one AS two', 'FROM --platform=linux/arm64 base:1', 'ARG V=1', 'ARG V=2', 'ARG TOKEN=a-secret', 'ENV E=$V', 'ENV E=a-secret F=2', 'ENV $V=x',
		'RUN echo $E', 'RUN echo a-secret', 'RUN --mount=type=bind,source=dir,target=/d ls', 'RUN --mount=type=bind,from=one,source=/,target=/d ls', 'COPY a.txt /a', 'COPY *.txt dir/*.txt $E/', 'COPY . /all', 'COPY --from=one /a /b',
		'COPY --from=base:1 /a /b', 'COPY Dockerfile /', 'COPY link /l/', 'WORKDIR $V', 'USER $E', 'SHELL ["/bin/bash", "-c"]', 'LABEL l=$V', 'COPY <<X /x\n$E\nX', 'ADD https://example.com/x /', '# comment', '', 'ONBUILD RUN $V');
	const edit = fc.record({ at: fc.nat(), remove: fc.nat(2), insert: fc.array(line, { maxLength: 2 }), token: fc.constantFrom(undefined, undefined, undefined, undefined, 'other-secret'), knows: fc.boolean() });

	it('take over the steps of all lines that are what they were, wherever they stand now', () => {
		const rules = cacheRulesOf(info, 'buildkit')!;
		let before: ResolvedDockerfile | undefined;
		let steps = new Set<unknown>();
		const drawSteps = (...lines: readonly string[]): string => {
			const resolved = resolveDockerfile(parseDockerfile(['FROM base:1', ...lines, ''].join('\n'), before?.dockerfile), { bases, platform: 'linux/amd64' }, before);
			before = resolved;
			const { instructions } = computeInputs({ resolved, rules, buildArgs: {}, bases, network: undefined, platform: undefined, context: listed, written: undefined, secretKey: 'key' });
			const drawn = instructions.flatMap(({ step }) => step === undefined ? [] : steps.has(step) ? 'same' : 'new').join(' ');
			steps = new Set(instructions.map(({ step }) => step));
			return drawn;
		};
		assert.equal(drawSteps('ENV A=1', 'RUN x', 'COPY a.txt /a', 'RUN z'), 'new new new');
		assert.equal(drawSteps('ENV A=1', 'RUN x', 'COPY a.txt /a', 'RUN zz'), 'same same new');
		assert.equal(drawSteps('ENV A=1', '', 'RUN x', 'COPY a.txt /a', 'RUN zz'), 'same same same');
		assert.equal(drawSteps('RUN n', 'ENV A=1', '', 'RUN x', 'COPY a.txt /a', 'RUN zz'), 'new same same same');
		assert.equal(drawSteps('RUN n', 'ENV A=2', '', 'RUN x', 'COPY a.txt /a', 'RUN zz'), 'same new new new');
	});

	for (const builder of ['buildkit', 'classic'] as const) {
		it(`are those of the text, whatever was taken over from before (${builder})`, () => {
			const rules = cacheRulesOf(info, builder)!;
			let [kept, all] = [0, 0];
			fc.assert(fc.property(fc.array(line, { minLength: 3, maxLength: 14 }), fc.array(edit, { minLength: 1, maxLength: 8 }), (first, edits) => {
				let lines = ['FROM base:1', ...first];
				let before: ResolvedDockerfile | undefined;
				let steps = new Set<unknown>();
				// Some contents are hashed only later.
				let knowsAll = false;
				const hashOf = (path: string): string | undefined => knowsAll || path !== 'dir/c.txt' ? listed.hashOf(path) : undefined;
				let context = new ContextIndex(listed.entries, hashOf);
				let past: PastBuild | undefined;
				for (const { at, remove, insert, token, knows } of [{ at: 0, remove: 0, insert: [], token: undefined, knows: false }, ...edits]) {
					const place = 1 + at % lines.length;
					lines = [...lines.slice(0, place), ...insert, ...lines.slice(place + remove)];
					if (knows && !knowsAll) {
						knowsAll = true;
						context = context.knowing(hashOf);
					}
					const text = `${lines.join('\n')}\n`;
					const buildArgs: Readonly<Record<string, string>> = token === undefined ? {} : { TOKEN: token };
					const read = (index: ContextIndex, earlier?: ResolvedDockerfile): { readonly resolved: ResolvedDockerfile; readonly inputs: BuildInputs } => {
						const options = { builder, bases, buildArgs, platform: 'linux/amd64', buildPlatform: 'linux/amd64' };
						const resolved = resolveDockerfile(parseDockerfile(text, earlier?.dockerfile), options, earlier);
						return { resolved, inputs: computeInputs({ resolved, rules, buildArgs, bases, network: undefined, platform: undefined, context: index, written: { path: 'Dockerfile', hash: `hash of ${text}`, size: text.length }, secretKey: 'key' }) };
					};
					const typed = read(context, before);
					before = typed.resolved;
					const anew = read(new ContextIndex(listed.entries, hashOf));
					assert.deepEqual(drawn(typed.inputs), drawn(anew.inputs));
					const forecast = ({ resolved, inputs }: typeof typed): unknown => forecastBuild({
						resolved, builder, noCache: false, inputs: inputs.instructions, knowledge: new CacheKnowledge(past === undefined ? [] : [past]), pathLimit: 5,
						manifests: () => undefined, isLost: () => false, elsewhere: () => [], isHeld: () => false,
					});
					assert.deepEqual(forecast(typed), forecast(anew));
					past ??= { id: 'first', finishedAt: 1, noCache: false, succeeded: true, isOwn: true, builder, steps: anew.inputs.instructions.map(inputs => ({ inputs, outcome: inputs.step === undefined ? 'metadata' : 'ran' })) };
					const now = typed.inputs.instructions.flatMap(({ step }) => step ?? []);
					kept += now.filter(step => steps.has(step)).length;
					all += now.length;
					steps = new Set(now);
				}
			}), { numRuns: 60 });
			assert.ok(kept > all / 8, `${kept} of ${all} steps are the same objects as before`);
		});
	}
});

function drawn({ instructions, unhashed, manifests, listing }: BuildInputs): unknown {
	return [instructions, [...unhashed].sort(), [...manifests].sort().map(id => [...atOnce(listing(id))!.entries].sort())];
}
