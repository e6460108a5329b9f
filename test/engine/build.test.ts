import assert from 'node:assert/strict';
import { chmodSync, linkSync, symlinkSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BuildRun } from '../../src/core/build/run';
import { keyOf } from '../../src/services/recordStore';
import { layerBytes, traitsOf, type Written } from '../support/engineTraits';
import { baseImage, forEachBuilder } from '../support/engines';
import { inWorkshop, outputOf, type Built } from './buildHarness';

/** Lists everything below /x: kind, mode, owner, size, name and link target. */
const list = 'RUN cd /x && find . | sort | while read -r f; do stat -c "%F|%a|%u:%g|%s|%N" "$f" | sed "s/^/= /"; done';

describe('a build', function () {
	this.timeout(120_000);
	forEachBuilder((engine, builder, test) => {
		const traits = traitsOf(test);
		const bytesOf = (written: Written): number => layerBytes(traits, written, builder);

		it('sends files as they are, owned by root', () => inWorkshop(engine(), builder, {
			Dockerfile: `FROM ${baseImage}\nCOPY data /x\n${list} # NONCE\n`,
			'data/run.sh': '#!/bin/sh\n', 'data/empty/deep/file': 'x', 'data/grün 日本': 'name', [`data/${'long-'.repeat(30)}/f`]: 'y',
		}, async ({ build, folder }) => {
			chmodSync(join(folder, 'data/run.sh'), 0o751);
			chmodSync(join(folder, 'data/empty'), 0o700);
			symlinkSync('run.sh', join(folder, 'data/link'));
			symlinkSync('/nowhere/at all', join(folder, 'data/dangling'));
			linkSync(join(folder, 'data/run.sh'), join(folder, 'data/same'));
			const lines = outputOf(await build()).split('\n').filter(line => line.startsWith('= ')).map(line => line.slice(2));
			const long = `./${'long-'.repeat(30)}`;
			assert.deepEqual(lines.filter(line => !line.startsWith('directory|755|0:0|') || !line.endsWith('|.')), [
				`symbolic link|777|0:0|15|'./dangling' -> '/nowhere/at all'`,
				'directory|700|0:0|SIZE|./empty', 'directory|755|0:0|SIZE|./empty/deep', 'regular file|644|0:0|1|./empty/deep/file',
				'regular file|644|0:0|4|./grün 日本',
				`symbolic link|777|0:0|6|'./link' -> 'run.sh'`,
				`directory|755|0:0|SIZE|${long}`, `regular file|644|0:0|1|${long}/f`,
				'regular file|751|0:0|10|./run.sh', 'regular file|751|0:0|10|./same',
			].map(line => line.replace('SIZE', lines.find(other => other.endsWith(line.split('|').at(-1)!))?.split('|')[3] ?? '?')));
		}));

		it('leaves out what .dockerignore says, and takes the Dockerfile all the same', () => inWorkshop(engine(), builder, {
			'.dockerignore': '**/*.log\nnode_modules\n!node_modules/keep\nDockerfile\n.dockerignore\n',
			Dockerfile: `FROM ${baseImage}\nCOPY . /x\nRUN cd /x && find . -type f | sort | sed 's/^/= /' # NONCE\n`,
			'a.txt': '', 'a.log': '', 'sub/b.log': '', 'sub/c': '', 'node_modules/big': '', 'node_modules/keep': '',
		}, async ({ build }) => {
			const built = await build();
			// Others find the Dockerfile in the context it is sent with.
			const own = traits.takesOutDockerfile.includes(builder) ? [] : ['./Dockerfile'];
			assert.deepEqual(marked(built), [...own, './a.txt', './node_modules/keep', './sub/c']);
		}));

		it('follows the ignore file beside a Dockerfile of another name', () => inWorkshop(engine(), builder, {
			'.dockerignore': '*', 'docker/My.Dockerfile': `FROM ${baseImage}\nCOPY . /x\nRUN cd /x && find . -type f | sort | sed 's/^/= /' # NONCE\n`,
			'docker/My.Dockerfile.dockerignore': 'secret\ndocker\n.dockerignore', a: '', secret: '',
		}, async ({ build, folder }) => {
			const built = await build({ dockerfilePath: join(folder, 'docker/My.Dockerfile') });
			assert.deepEqual(marked(built).filter(path => !/[Dd]ocker/.test(path)), ['./a']);
		}));

		it('takes a Dockerfile from outside the context', () => inWorkshop(engine(), builder, { a: 'content' }, async ({ build, nonce }) => {
			const elsewhere = await mkdtemp(join(tmpdir(), 'strata-test-'));
			try {
				await writeFile(join(elsewhere, 'Dockerfile'), `FROM ${baseImage}\nCOPY a /a\nRUN echo "= $(cat /a)" # ${nonce}\n`);
				assert.deepEqual(marked(await build({ dockerfilePath: join(elsewhere, 'Dockerfile') })), ['content']);
			} finally {
				await rm(elsewhere, { recursive: true });
			}
		}));

		it('counts what it sends', () => inWorkshop(engine(), builder, { Dockerfile: `FROM ${baseImage}\n`, a: '12345', 'b/c': '678', '.dockerignore': 'b' }, async ({ build }) => {
			const { record } = await build();
			const text = `FROM ${baseImage}\n`;
			assert.deepEqual([record.contextFiles, record.contextBytes], [3, text.length + 5 + 1]);
		}));

		it('is followed live: in order, not too often, and each step once under way', () => inWorkshop(engine(), builder, {
			Dockerfile: `FROM ${baseImage}\nRUN echo NONCE; sleep 0.3\nRUN for i in $(seq 3000); do echo line $i; done\n`,
		}, async ({ build, runner }) => {
			const seen: BuildRun[] = [];
			const times: number[] = [];
			const subscription = runner.onDidChange(({ run }) => { seen.push(run); times.push(Date.now()); });
			const built = await build();
			subscription.dispose();
			assert.deepEqual(seen[0]!.steps.map(({ outcome }) => outcome), ['pending', 'pending', 'pending']);
			assert.ok(seen.some(({ steps }) => steps[1]!.outcome === 'running' && steps[2]!.outcome === 'pending'));
			assert.equal(seen.at(-1)!.state, 'succeeded');
			assert.ok(seen.length < 6 + built.record.durationMs / 50, `${seen.length} changes in ${built.record.durationMs} ms`);
			assert.match(outputOf(built), /line 1\r?\n[^]*line 3000\r?\n/);
		}));

		it('measures stages that are not in the image', () => inWorkshop(engine(), builder, {
			Dockerfile: [
				`FROM ${baseImage} AS tools`, 'ENV A=NONCE', 'RUN dd if=/dev/zero of=/big bs=1k count=300; echo NONCE', 'COPY a.txt /a', 'WORKDIR /made/NONCE', 'RUN rm /big; echo more > more',
				'FROM tools AS more', 'RUN echo twelve bytes > /twelve',
				`FROM ${baseImage}`, 'COPY --from=more /twelve /', 'RUN cat /twelve', '',
			].join('\n'),
			'a.txt': 'some content',
		}, async ({ build, write }) => {
			const sizes = ({ record }: Built): readonly (number | undefined)[] => record.instructions.filter(({ keyword }) => ['RUN', 'COPY', 'WORKDIR'].includes(keyword)).map(({ size }) => size?.bytes);
			const written: readonly Written[] = [
				{ files: [307_200] }, { files: [12], isCopied: true }, { folders: 2, isWorkdir: true }, { files: [5], folders: 2, removes: true }, { files: [13] }, { files: [13], isCopied: true }, {},
			];
			const expected = written.map(one => layerBytes(traits, one, builder, builder === 'buildkit'));
			assert.deepEqual(sizes(await build()), expected);
			assert.deepEqual(sizes(await build()), expected, 'when all is cached');
			await write('a.txt', 'other content of another size');
			const changed = expected.with(1, bytesOf({ files: [29], isCopied: true }));
			assert.deepEqual(sizes(await build()), changed);
			assert.deepEqual(sizes(await build()), changed, 'when cached, although another size was cached before');
			// The truth: the same stage as an image, by its history.
			const staged = await build({ target: 'more' });
			assert.deepEqual(sizes(staged).slice(0, 5), written.map(bytesOf).with(1, changed[1]!).slice(0, 5));
			assert.ok(staged.record.instructions.slice(1, 8).every(({ size, keyword }) => keyword === 'FROM' || size?.measure === 'history'));
		}));

		it('measures what ran before a failure', () => inWorkshop(engine(), builder, {
			Dockerfile: `FROM ${baseImage}\nRUN dd if=/dev/zero of=/big bs=1k count=300; echo NONCE\nRUN exit 1\n`,
		}, async ({ build, runner, records }) => {
			const { record } = await build();
			assert.deepEqual(record.instructions.map(({ outcome, size }) => [outcome, size?.bytes]), [['metadata', undefined], ['ran', bytesOf({ files: [307_200] })], ['failed', undefined]]);
			// These sizes come after the build; they bring no record back that is deleted by then.
			const told: unknown[] = [];
			const subscription = runner.onDidChange(({ record: finished }) => {
				if (finished !== undefined) {
					told.push(finished.state);
					void records.delete(undefined);
				}
			});
			await build();
			subscription.dispose();
			assert.deepEqual([told, await records.list(keyOf(record))], [['failed'], []]);
		}));

		it('leaves no record of its upload in the engine, and takes nobody else\'s', () => inWorkshop(engine(), builder, {
			Dockerfile: `FROM ${baseImage}\nCOPY small /\nRUN echo NONCE\n`, small: 's', payload: Buffer.alloc(3_000_000 + Math.floor(Math.random() * 900_000)),
		}, async ({ build, engine: own }) => {
			const startedAt = Date.now();
			const again = (): Promise<Built> => build({ noCache: true });
			const [first, second] = traits.buildsSameAtOnce ? await Promise.all([build(), again()]) : [await build(), await again()];
			const third = await build({ target: 'nope' });
			assert.deepEqual([first.run.state, second.run.state, third.run.state], ['succeeded', 'succeeded', 'failed'], `${first.run.error?.message} ${second.run.error?.message}`);
			const contextBytes = first.record.contextBytes!;
			const left = (await own.cacheRecords()).filter(({ parents, sizeBytes, createdAt }) =>
				parents.length === 0 && sizeBytes >= contextBytes && sizeBytes < contextBytes + 20_000 && createdAt! >= startedAt - 1000);
			// Of each build that got that far, what was sent; and what was unpacked from it, which is the same for all.
			assert.equal(left.length > 0, !traits.keepsCacheOnPrune && builder === 'buildkit');
			assert.deepEqual((await build()).record.instructions.slice(1).map(({ outcome }) => outcome), ['cached', 'cached']);
		}));

		it('keeps secrets out of its record', () => inWorkshop(engine(), builder, { Dockerfile: `FROM ${baseImage}\nARG API_TOKEN\nARG PLAIN\nRUN echo NONCE\n` }, async ({ build }) => {
			const { record } = await build({ buildArgs: { API_TOKEN: 'hunter2hunter2', PLAIN: 'seen' } });
			assert.equal(record.options.buildArgs['PLAIN'], 'seen');
			assert.match(record.options.buildArgs['API_TOKEN']!, /^hmac:/);
			assert.ok(!JSON.stringify(record).includes('hunter2'));
		}));

		it('gives the image its tags and labels', () => inWorkshop(engine(), builder, { Dockerfile: `FROM ${baseImage}\nRUN echo NONCE\nLABEL own=1\n` }, async ({ build, engine: own, nonce }) => {
			const tags = [`strata-test/build-tags:${nonce}a`, `strata-test/build-tags:${nonce}b`];
			const { run, record } = await build({ tags, labels: { given: 'yes' } });
			const image = await own.image(run.imageId!);
			assert.deepEqual([...image.references].sort(), tags);
			assert.deepEqual([image.labels['given'], image.labels['own']], ['yes', '1']);
			assert.deepEqual(record.instructions.map(({ size }) => size?.bytes), [undefined, bytesOf({}), 0]);
		}));

		if (builder === 'buildkit' && !traits.hasOldBuildKit) {
			it('tells the frontend\'s warnings with their lines', () => inWorkshop(engine(), builder, { Dockerfile: `FROM ${baseImage}\nRUN echo NONCE\nMAINTAINER me\n` }, async ({ build }) => {
				const { run } = await build();
				assert.deepEqual(run.warnings.map(({ message, startLine }) => [message.split(':')[0], startLine]), traits.warnsOfStyle ? [['MaintainerDeprecated', 3]] : []);
			}));
		}

		if (builder === 'buildkit') {
			it('builds five thousand lines', () => inWorkshop(engine(), builder, {
				Dockerfile: `FROM ${baseImage}\n${Array.from({ length: 4998 }, (_, at) => `LABEL l${at % 50}=${at}`).join('\n')}\nRUN echo NONCE\n`,
			}, async ({ build }) => {
				const { run, record } = await build();
				assert.deepEqual([run.state, record.instructions.length, record.instructions.at(-1)?.outcome], ['succeeded', 5000, 'ran']);
			}));
		}
	});
});

/** Lines of output that begin with `= `. */
function marked(built: Built): readonly string[] {
	assert.equal(built.run.state, 'succeeded', built.run.error?.message);
	return outputOf(built).split('\n').filter(line => line.startsWith('= ')).map(line => line.slice(2).trimEnd());
}
