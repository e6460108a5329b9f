import assert from 'node:assert/strict';
import type { BuildOptions } from '../../src/core/build/buildOptions';
import { parseDockerfile } from '../../src/core/dockerfile/parse';
import { textBefore } from '../../src/core/dockerfile/textBefore';
import { BuildRunner, type Build } from '../../src/services/buildRunner';
import { lookBefore, type Looked } from '../../src/services/lookBefore';
import { TemporaryImages } from '../../src/services/temporaryImages';
import { baseImage, forEachBuilder } from '../support/engines';
import { infoOf } from '../support/infoOf';
import { inWorkshop, type Workshop } from './buildHarness';

const dockerfile = [
	'FROM scratch AS bare', 'COPY made /', 'ENV NONE=1', // 1-3
	`FROM ${baseImage}`, 'ARG WHO=nobody', 'ENV PLACE=/srv', 'WORKDIR $PLACE', 'ENTRYPOINT ["/none"]', 'COPY --from=bare /made .', 'RUN touch half; exit 7', '', // 4-10
].join('\n');

describe('a shell before a line of a Dockerfile', function () {
	this.timeout(60_000);
	forEachBuilder((engine, builder) => {
		it('finds what the lines before it made, with their variables, and leaves nothing', () => inWorkshop(engine(), builder, { Dockerfile: dockerfile, made: 'NONCE' }, async workshop => {
			const { build, records } = workshop;
			const { record, run, options } = await build({ buildArgs: { WHO: 'somebody' } });
			assert.equal(run.error?.line, 10);
			const before = await left(workshop);
			const { looked, steps, said } = await look(workshop, options, 10, 'pwd; ls; echo $WHO; exit\n');
			assert.equal(looked.kind, 'looked');
			assert.deepEqual(steps.filter(outcome => outcome === 'ran'), []);
			assert.match(said, /^\/srv\r\nmade\r\nsomebody\r$/m);
			assert.equal((await look(workshop, options, 3, '')).looked.kind, 'noShell');
			assert.deepEqual(await left(workshop), before);
			assert.equal((await records.latestOf(record.dockerfilePath))?.id, record.id);
		}));
	});

	async function look({ engine, uploads, folder }: Workshop, options: BuildOptions, line: number, typed: string): Promise<{ readonly looked: Looked; readonly steps: readonly string[]; readonly said: string }> {
		const parsed = parseDockerfile(dockerfile);
		const runner = new BuildRunner({
			records: { put: () => Promise.resolve(), update: () => Promise.resolve(true), list: () => Promise.resolve([]) }, uploads, secretKey: () => Promise.resolve('key'), machine: process, credentials: () => Promise.resolve({}),
			log: message => { throw new Error(message); },
		});
		const { signal } = new AbortController();
		let built: Build | undefined;
		let said = '';
		const looked = await lookBefore({ runner, temporary: new TemporaryImages(`${folder}-records/temporary`) }, engine, await infoOf(engine), {
			options,
			text: textBefore(parsed, parsed.instructions.findIndex(one => one.line === line))!,
		}, {
			whileBuilding: async build => built = await build(signal),
			async enter(container) {
				const terminal = await engine.attachContainer(container, signal);
				await engine.startContainer(container);
				terminal.stream.write(typed);
				for await (const chunk of terminal.stream as AsyncIterable<Buffer>) {
					said += chunk.toString();
				}
			},
		});
		return { looked, steps: built!.run.steps.map(({ outcome }) => outcome), said };
	}

	async function left({ engine }: Workshop): Promise<readonly string[]> {
		const [images, containers] = await Promise.all([engine.allImages(), engine.containers()]);
		return [...images, ...containers].filter(({ labels }) => 'dev.strata.temporary' in labels).map(({ id }) => id).sort();
	}
});
