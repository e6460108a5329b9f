import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { BuildRecord } from '../../src/core/build/record';
import type { Reason } from '../../src/core/cache/reason';
import { scoreForecast } from '../../src/core/cache/score';
import { keyOf } from '../../src/services/recordStore';
import { atCommandLine, type CommandLine } from '../support/commandLine';
import { baseImage, forEachEngine } from '../support/engines';
import { layerBytes, traitsOf } from '../support/engineTraits';

/** `line outcome` of each instruction that could be cached, with why it ran where that is known. */
function draw(record: BuildRecord | undefined): readonly string[] {
	return record?.instructions.flatMap(({ line, outcome, reason }) => outcome === 'metadata' ? []
		: [[line, outcome, (reason as Reason | undefined)?.kind].filter(part => part !== undefined).join(' ')]) ?? [];
}

/** A file may be compared with what a build took only where it is older than the build by more than the clocks may differ. */
const clocksApart = (): Promise<void> => setTimeout(1200);

describe('builds at the command line', function () {
	this.timeout(120_000);
	forEachEngine((engine, test) => {
		const traits = traitsOf(test);
		const nonce = `${process.pid}-${test.name}-${Date.now().toString(36)}`;
		const tag = `strata-test/command-line:${nonce}`;
		const at = (files: Readonly<Record<string, string>>, use: (line: CommandLine) => Promise<void>): Promise<void> => atCommandLine(engine(), test.host, files, use);
		const build = (line: CommandLine, ...words: readonly string[]): Promise<string> => line.docker('build', '--network', 'host', ...words);
		const dockerfile = [
			'ARG API_TOKEN', `FROM ${baseImage} AS made`, `RUN (echo ${nonce}; cat /dev/zero) | head -c 5000 > /made`,
			`FROM ${baseImage}`, 'COPY --from=made /made /made', 'COPY data /data', 'LABEL done=yes', '',
		].join('\n');
		const files = { Dockerfile: dockerfile, 'data/one': nonce, '.dockerignore': 'ignored\n' };

		after(async () => {
			for (const { references } of await engine().images()) {
				for (const reference of references.filter(one => one.includes(nonce))) {
					await engine().removeImage(reference, { force: true });
				}
			}
		});

		if (!traits.remembersBuilds) {
			it('are not known where the engine remembers none', () => at({ Dockerfile: `FROM ${baseImage}\nRUN echo ${nonce}\n` }, async line => {
				if (traits.kind === 'docker') {
					assert.match(await build(line, '-t', tag, '.'), /DONE|Successfully/);
				}
				assert.deepEqual([await line.look(), line.log], [[], []]);
			}));
			return;
		}

		it('are kept with what each line cost, and why it ran', () => at(files, async line => {
			await clocksApart();
			await build(line, '-t', tag, '--build-arg', 'API_TOKEN=hunter2hunter2', '.');
			const [first, ...none] = await line.look();
			assert.deepEqual([none, line.log], [[], []]);
			assert.deepEqual(draw(first), ['3 ran neverBuilt', '5 ran neverBuilt', '6 ran neverBuilt']);
			assert.equal(first?.text, dockerfile);
			assert.deepEqual([first?.state, first?.origin, first?.options.tags, first?.contextBytes], ['succeeded', 'commandLine', traits.remembersTags ? [tag] : [], undefined]);
			assert.match(first?.options.buildArgs['API_TOKEN'] ?? '', /^hmac:/);
			assert.equal(first?.imageId, (await engine().image(tag)).id);
			assert.deepEqual([first?.instructions[2], first?.instructions[4]].map(one => one?.size), [
				{ bytes: layerBytes(traits, { files: [5000] }, 'buildkit', true), measure: 'cacheRecord' },
				{ bytes: layerBytes(traits, { files: [5000], isCopied: true }, 'buildkit'), measure: 'history' },
			]);
			assert.ok(first?.instructions[2]?.durationMs !== undefined && (first.instructions[2].startedAt ?? 0) >= first.startedAt);

			await line.write('data/one', '2');
			await clocksApart();
			await build(line, '-t', `${tag}-2`, '.');
			const [second] = await line.look();
			assert.deepEqual(draw(second), ['3 cached', '5 cached', '6 ran filesChanged']);
			const reason = second?.instructions[5]?.reason as Extract<Reason, { kind: 'filesChanged' }>;
			assert.match(JSON.stringify(reason), /data\/one/);
			assert.deepEqual((await line.look()).length, 2, 'each once');

			// Somebody who deletes them does not get them back.
			await line.records.delete(undefined);
			assert.deepEqual(await line.look(), []);
		}));

		it('are foretold from those before, rightly', () => at(files, async line => {
			// Seen from its first run on: of what was only ever found in the cache, less is known.
			const text = dockerfile.replaceAll(nonce, `${nonce} foretold`);
			let right = 0;
			const changes: readonly (readonly [path: string, content: string])[] = [
				['Dockerfile', text], ['Dockerfile', text], ['data/one', `${nonce} changed`], ['ignored', 'new'], ['data/more/two', '2'], ['data/one', nonce],
				['Dockerfile', text.replace('LABEL done=yes', 'WORKDIR /there\nRUN true')], ['Dockerfile', text.replace('5000', '5001')], ['Dockerfile', text],
			];
			for (const [count, [path, content]] of changes.entries()) {
				await line.write(path, content);
				await clocksApart();
				const forecast = await line.foretell();
				await build(line, '-t', `${tag}-foretold-${count}`, '.');
				const [record] = await line.look();
				assert.equal((await line.look()).length, count + 1, line.log.join('\n'));
				const { wrongHits, wrongMisses, ...score } = scoreForecast(forecast, record!.instructions.map(({ outcome }) => outcome));
				assert.deepEqual([wrongHits, wrongMisses], [[], []], `${count} ${path}: ${draw(record).join(', ')}`);
				right += count === 0 ? 0 : score.right;
			}
			// Of 26 steps, those not counted that depend on what a changed line makes: of them nothing is promised.
			assert.ok(right >= 18, `${right} right`);
		}));

		it('are told without reasons where a file may be another than it was then', () => at(files, async line => {
			await clocksApart();
			await build(line, '-t', `${tag}-3`, '.');
			await line.write('data/two', '2');
			const [record] = await line.look();
			assert.deepEqual(draw(record).map(words => words.split(' ').length), [2, 2, 2]);
			assert.ok(record?.instructions.every(({ inputs, reason }) => inputs === undefined && reason === undefined));
		}));

		it('that fail are kept with the line, its exit code and its last words', () => at({ Dockerfile: `FROM ${baseImage}\nRUN echo ${nonce} failing\nRUN echo the reason; exit 3\nRUN echo never\n` }, async line => {
			await clocksApart();
			await build(line, '-t', `${tag}-6`, '.');
			const text = await readFile(join(line.folder, 'Dockerfile'), 'utf8');
			await line.write('Dockerfile', 'FROM scratch\n');
			const [record] = await line.look();
			assert.equal(record?.text, text);
			assert.deepEqual(draw(record).map(words => words.split(' ').slice(0, 2).join(' ')), ['2 ran', '3 failed', '4 notRun']);
			assert.deepEqual([record?.state, record?.error?.kind, record?.error?.line, record?.error?.exitCode], ['failed', 'instruction', 3, 3]);
			assert.match(record?.instructions[2]?.logTail ?? '', /the reason/);
		}));

		it('are told to their stage, from whatever file they are of', () => at({ ...files, 'deep/other.Dockerfile': dockerfile }, async line => {
			await clocksApart();
			await build(line, '-t', `${tag}-4`, '-f', 'deep/other.Dockerfile', '--target', 'made', '.');
			const [record] = await line.look(join(line.folder, 'deep/other.Dockerfile'));
			assert.equal(keyOf(record!).target, 'made');
			assert.deepEqual(draw(record).map(words => words.split(' ').slice(0, 2).join(' ')), ['3 cached', '4 notRun', '5 notRun', '6 notRun', '7 notRun']);
		}));

		it('are told of bake and compose too', () => at({
			Dockerfile: `FROM ${baseImage} AS made\nCOPY data /made\nFROM ${baseImage}\nCOPY data /data\n`, 'data/one': `${nonce} bake`,
			'docker-bake.hcl': `group "default" {\n  targets = ["one", "two"]\n}\ntarget "one" {\n  tags = ["${tag}-7"]\n}\ntarget "two" {\n  target = "made"\n  tags = ["${tag}-8"]\n}\n`,
			'compose.yaml': `services:\n  web:\n    build: ./deep\n    image: ${tag}-9\n`, 'deep/Dockerfile': `FROM ${baseImage}\nCOPY one /one\n`, 'deep/one': `${nonce} compose`,
		}, async line => {
			await clocksApart();
			await line.docker('buildx', 'bake', '-f', 'docker-bake.hcl', '--load');
			await line.docker('buildx', 'bake', '-f', 'compose.yaml', '--load');
			const baked = (await line.look()).map(record => [keyOf(record).target ?? '', draw(record).find(words => !words.includes('notRun'))?.split(' ')[1]]);
			assert.deepEqual([baked.map(([target]) => target).sort(), new Set(baked.map(([, outcome]) => outcome))], [['', 'made'], new Set(['ran'])]);
			assert.deepEqual(draw((await line.look(join(line.folder, 'deep/Dockerfile')))[0]), ['2 ran neverBuilt']);
		}));

		it('are none where something was only checked, or of what concerns nobody here', () => at(files, async line => {
			assert.match(await build(line, '--check', '.'), traits.warnsOfStyle ? /Check complete/ : /unsupported request/);
			await line.write('../elsewhere/Dockerfile', dockerfile);
			await build(line, '-t', `${tag}-5`, '../elsewhere');
			assert.deepEqual([await line.look(), line.log], [[], []]);
		}));
	});
});
