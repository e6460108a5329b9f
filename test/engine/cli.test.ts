import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommandLine } from '../../src/cli/runCommandLine';
import { readCacheRecords } from '../../src/services/readCacheRecords';
import { withContainer } from '../support/containers';
import { layerBytes, traitsOf } from '../support/engineTraits';
import { baseImage, forEachBuilder, forEachEngine, testEngines, type TestEngine } from '../support/engines';
import { inWorkshop } from './buildHarness';

interface Answer {
	readonly code: number;
	readonly out: string;
	readonly err: string;
	/** What `--json` wrote. */
	readonly json: Readonly<Record<string, unknown>>;
}

/** A line of `build` and `lines`. */
interface Line {
	readonly line: number;
	readonly stage: number | null;
	readonly stageName: string | null;
	readonly keyword: string;
	readonly outcome: string | null;
	readonly reason: unknown;
	readonly durationMs: number | null;
	readonly sizeBytes: number | null;
	readonly diffId: string | null;
	readonly source?: string | null;
	readonly sinceLast: { readonly sizeBytesBefore: number | null; readonly durationMsBefore: number | null } | null;
	readonly sincePinned: unknown;
}

const dockerfile = `ARG BASE=${baseImage}\nFROM $BASE AS tools\nRUN echo NONCE > /made\nFROM $BASE\nENV A=NONCE\nCOPY --from=tools /made /\nCOPY a.txt /\n`;

describe('the command line', function () {
	this.timeout(120_000);
	let home = '';
	before(async () => { home = await mkdtemp(join(tmpdir(), 'strata-test-home-')); });
	after(() => rm(home, { recursive: true }));

	const strata = (test: TestEngine | undefined, ...argv: readonly string[]): Promise<Answer> => strataIn(home, test, argv);

	forEachBuilder((engine, builder, test) => {
		const isForetold = traitsOf(test).foretold.includes(builder);
		const bytesOf = (bytes: number, isCopied = false): number => layerBytes(traitsOf(test), { files: [bytes], isCopied }, builder);

		it('builds, and says of each line what is known', () => inWorkshop(engine(), builder, { Dockerfile: dockerfile, 'a.txt': 'content' }, async ({ folder, nonce }) => {
			const tag = `strata-test/cli:${nonce}`;
			const build = (...more: readonly string[]): Promise<Answer> => strata(test, 'build', folder, '-t', tag, '--network', 'none', '--builder', builder, '--json', ...more);
			try {
				const first = await build();
				assert.equal(first.code, 0, first.err);
				assert.deepEqual(Object.keys(first.json), ['builder', 'imageId', 'tags', 'durationMs', 'failed', 'error', 'contextBytes', 'contextFiles', 'failure', 'warnings', 'instructions']);
				assert.deepEqual([first.json['builder'], first.json['tags'], first.json['failed'], first.json['error'], first.json['contextFiles']], [builder, [tag], false, null, 2]);
				const lines = linesOf(first);
				assert.deepEqual(Object.keys(lines[0]!), ['line', 'endLine', 'stage', 'stageName', 'keyword', 'text', 'outcome', 'reason', 'durationMs', 'sizeBytes', 'diffId', 'logTail', 'sinceLast', 'sincePinned']);
				const metadata = builder === 'classic' ? 'ran' : 'metadata';
				assert.deepEqual(lines[6]!.reason, isForetold ? { kind: 'neverBuilt' } : null);
				assert.deepEqual(lines.map(({ line, stage, stageName, outcome, sizeBytes }) => [line, stage, stageName, outcome, sizeBytes]), [
					[1, null, null, 'metadata', null], [2, 0, 'tools', 'metadata', null], [3, 0, 'tools', 'ran', bytesOf(nonce.length + 1)],
					[4, 1, null, 'metadata', null], [5, 1, null, metadata, 0], [6, 1, null, 'ran', bytesOf(nonce.length + 1, true)], [7, 1, null, 'ran', bytesOf(7, true)],
				]);
				assert.ok(lines[2]!.durationMs! > 0 && lines[6]!.diffId!.startsWith('sha256:'));

				const second = await build();
				assert.deepEqual(linesOf(second).filter(({ keyword }) => keyword === 'RUN' || keyword === 'COPY').map(({ outcome, durationMs }) => [outcome, durationMs]), [['cached', null], ['cached', null], ['cached', null]]);
				assert.equal(second.json['imageId'], first.json['imageId']);

				await writeFile(join(folder, 'a.txt'), 'changed');
				const forecast = await strata(test, 'forecast', folder, '--network', 'none', '--builder', builder, '--json');
				assert.equal(forecast.code, 0, forecast.err);
				const foretold = forecast.json['instructions'] as readonly Readonly<Record<string, unknown>>[];
				assert.deepEqual(Object.keys(foretold[0]!), ['line', 'stage', 'stageName', 'keyword', 'text', 'forecast', 'reason', 'dependsOn']);
				const why = { kind: 'filesChanged', total: 1, added: [], removed: [], content: ['a.txt'], mode: [] };
				assert.deepEqual(foretold.map(line => [line['line'], line['forecast'], line['reason']]), isForetold ? [
					[1, null, null], [2, null, null], [3, 'hit', null], [4, null, null], [5, builder === 'classic' ? 'hit' : null, null], [6, 'hit', null], [7, 'miss', why],
				] : [[1, null, null], [2, null, null], [3, 'unknown', null], [4, null, null], [5, 'unknown', null], [6, 'unknown', null], [7, 'unknown', null]]);
				assert.deepEqual([lines[6]!.sinceLast, lines[6]!.sincePinned], [null, null]);
				const third = await build();
				assert.deepEqual(linesOf(third).slice(5).map(({ sinceLast }) => [sinceLast?.sizeBytesBefore, sinceLast?.durationMsBefore]), [[bytesOf(nonce.length + 1, true), null], [bytesOf(7, true), null]], `the build before took both from the cache\n${second.err}\n${third.err}`);
				assert.deepEqual(linesOf(third).slice(5).map(({ outcome, reason }) => [outcome, reason]), [['cached', null], ['ran', isForetold ? why : null]]);
				await writeFile(join(folder, 'a.txt'), 'content');
				await build();

				const history = await strata(test, 'history', tag, '--json', '-f', join(folder, 'Dockerfile'));
				assert.deepEqual(Object.keys(history.json), ['image', 'imageId', 'rows']);
				const rows = history.json['rows'] as readonly Readonly<Record<string, unknown>>[];
				assert.deepEqual(Object.keys(rows[0]!), ['createdBy', 'instruction', 'createdAt', 'sizeBytes', 'empty', 'diffId', 'line', 'comment']);
				assert.deepEqual(rows.slice(0, 4).map(({ line, sizeBytes }) => [line, sizeBytes]), [[7, bytesOf(7, true)], [6, bytesOf(nonce.length + 1, true)], [5, 0], [null, 0]]);
				assert.equal(rows[0]!['diffId'], lines[6]!.diffId);
				const engineRows = await engine().history(tag);
				assert.deepEqual(rows.map(row => row['createdBy']), engineRows.map(({ createdBy }) => createdBy));

				const fromImage = await strata(test, 'lines', '-f', join(folder, 'Dockerfile'), '--image', tag, '--json');
				assert.deepEqual(linesOf(fromImage).map(({ line, sizeBytes, source }) => [line, sizeBytes, source]).slice(4), [[5, 0, 'history'], [6, bytesOf(nonce.length + 1, true), 'history'], [7, bytesOf(7, true), 'history']]);
				const fromRecord = await strata(test, 'lines', '-f', join(folder, 'Dockerfile'), '--json');
				assert.deepEqual(linesOf(fromRecord).slice(5).map(({ sinceLast }) => sinceLast?.sizeBytesBefore), [bytesOf(nonce.length + 1, true), bytesOf(7, true)]);
				assert.deepEqual(linesOf(fromRecord).map(({ outcome, sizeBytes, source }) => [outcome, sizeBytes, source]).slice(5), [['cached', bytesOf(nonce.length + 1, true), 'record'], ['cached', bytesOf(7, true), 'record']]);
			} finally {
				await engine().removeImage(tag, { force: true });
			}
		}));

		it('gives a failed build its exit code, its line and its words', () => inWorkshop(engine(), builder, { Dockerfile: `FROM ${baseImage}\nRUN echo NONCE why; exit 3\nRUN never\n` }, async ({ folder, nonce }) => {
			const { code, json, err, out } = await strata(test, 'build', folder, '--network', 'none', '--builder', builder, '--json');
			assert.equal(code, 1);
			assert.deepEqual([json['failed'], json['imageId'], json['failure']], [true, null, { kind: 'instruction', line: 2, exitCode: 3, message: (json['failure'] as { message: string }).message }]);
			assert.match(json['error'] as string, /Line 2 .*3/);
			assert.match(err, new RegExp(`${nonce} why`));
			assert.ok(!err.includes('\u001b'), 'colours only on a terminal');
			assert.deepEqual(linesOf({ json, code, err, out }).map(({ outcome }) => outcome), ['metadata', 'failed', 'notRun']);
		}));

		if (builder === 'buildkit') {
			it('promises nothing that a prune cost of which nobody was told', () => inWorkshop(engine(), builder, { Dockerfile: `FROM ${baseImage}\nRUN : NONCE\nRUN : NONCE leaf\n` }, async ({ folder, nonce }) => {
				const call = async (verb: string): Promise<readonly Readonly<Record<string, unknown>>[]> =>
					(await strata(test, verb, folder, '--network', 'none', '--builder', builder, '--json')).json['instructions'] as readonly Readonly<Record<string, unknown>>[];
				const foretold = async (): Promise<readonly unknown[]> => (await call('forecast')).slice(1).map(({ forecast }) => forecast);
				await call('build');
				await engine().pruneCacheRecords((await readCacheRecords(engine())).filter(({ description }) => description.endsWith(`${nonce} leaf`)).map(({ id }) => id));
				const { keepsCacheOnPrune } = traitsOf(test);
				assert.deepEqual(await foretold(), keepsCacheOnPrune ? ['hit', 'miss'] : ['unknown', 'unknown']);
				assert.deepEqual((await call('build')).slice(1).map(({ outcome }) => outcome), [keepsCacheOnPrune ? 'cached' : 'ran', 'ran']);
				assert.deepEqual(await foretold(), ['hit', 'hit']);
			}));
		}
	});

	forEachEngine((engine, test) => {
		it('takes the options of a build', () => inWorkshop(engine(), 'buildkit', { 'sub/Other': `FROM ${baseImage} AS one\nARG WHO\nARG ENVIRON\nRUN echo NONCE $WHO $ENVIRON > /who\nFROM one AS two\nRUN false\n` }, async ({ folder }) => {
			const { code, json, err } = await strataIn(home, test, ['build', folder, '-f', join(folder, 'sub/Other'), '--target', 'one', '--build-arg', 'WHO=me', '--build-arg', 'ENVIRON', '--label', 'a=b', '--no-cache', '--network=none', '-q', '--json'], { ENVIRON: 'outside' });
			assert.deepEqual([code, err], [0, '']);
			const id = json['imageId'] as string;
			try {
				assert.equal((await engine().image(id)).labels['a'], 'b');
				assert.match((await engine().history(id)).map(({ createdBy }) => createdBy).join('\n'), /me/);
				assert.deepEqual(linesOf({ json, code, err, out: '' }).map(({ outcome }) => outcome).slice(3), ['ran', 'notRun', 'notRun']);
			} finally {
				await engine().removeImage(id, { force: true });
			}
		}));

		it('commits a container', () => withContainer(test, baseImage, ['sh', '-c', 'echo hello > /new; rm /bin/wc; sleep 1000'], async (id, container) => {
			while (!(await engine().changes(id)).some(({ path }) => path === '/bin/wc')) {
				await container.inspect();
			}
			const tag = `strata-test/cli-commit:${process.pid}`;
			try {
				const { code, json } = await strata(test, 'commit', id, tag, '-m', 'a message', '-a', 'Ada', '-c', 'CMD ["true"]', '-c', 'ENV A=b', '--json');
				assert.equal(code, 0);
				assert.deepEqual(Object.keys(json), ['imageId', 'layerBytes', 'changes']);
				assert.deepEqual([json['layerBytes'], json['changes']], [layerBytes(traitsOf(test), { files: [6], folders: 1 + traitsOf(test).ownFolders, removes: traitsOf(test).measure === 'tar' }), [
					{ path: '/bin', change: 'modified' }, { path: '/bin/wc', change: 'removed' },
					...traitsOf(test).ownChanges.map(change => ({ path: change.split(' ')[0], change: change.split(' ')[1] })), { path: '/new', change: 'added' },
				]]);
				const image = await engine().image(tag);
				assert.deepEqual([image.id, image.env['A']], [json['imageId'], 'b']);
				assert.equal((await engine().history(tag))[0]?.comment, traitsOf(test).kind === 'docker' ? 'a message' : `FROM docker.io/${baseImage}`);
			} finally {
				await engine().removeImage(tag);
			}
		}));

		it('says that an image is not there', async () => {
			const { code, out, err } = await strata(test, 'history', 'strata-test/none:1', '--json');
			assert.deepEqual([code, out], [1, '']);
			assert.match(err, /strata-test\/none:1/);
		});
	});

	it('has another exit code for wrong usage', async () => {
		const [test] = testEngines();
		for (const argv of [
			[], ['unknown'], ['build', '--nope'], ['build', 'a', 'b'], ['history'], ['commit'], ['build', '--network', 'bridge'], ['build', '--build-arg', '=x'],
			['build', join(home, 'nothing-here')], ['build', home, '-f', join(home, 'nothing')], ['lines', '-f', join(home, 'nothing')],
			['commit', 'x', 'Web'], ['commit', 'x', 'a:1', '-c', 'RUN x'],
		]) {
			const { code, out, err } = await strata(test, ...argv);
			assert.deepEqual([argv, code, out], [argv, 2, '']);
			assert.ok(err.length > 10 && !err.includes('    at '), err);
		}
	});

	it('and for no engine', async () => {
		for (const argv of [['build', home], ['history', 'x'], ['commit', 'x', 'a:1']]) {
			const { code, err } = await strataIn(home, undefined, [...argv, '--engine', `unix://${home}/none.sock`]);
			assert.deepEqual([argv, code], [argv, 3]);
			assert.match(err, /none\.sock/);
		}
	});

	it('helps', async () => {
		const overview = await strata(undefined, '--help');
		assert.equal(overview.code, 0);
		for (const verb of ['build', 'lines', 'history', 'commit']) {
			assert.match(overview.out, new RegExp(`strata ${verb} `));
			const { code, out } = await strata(undefined, verb, '--help');
			assert.equal(code, 0);
			assert.match(out, /--engine .*URL/);
			// Every option is explained.
			assert.deepEqual(out.split('\n').filter(line => /^ +(-\w, )?--[\w-]+( …)?$/.test(line)), []);
		}
	});
});

async function strataIn(home: string, test: TestEngine | undefined, argv: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Answer> {
	let out = '';
	let err = '';
	const engine = test === undefined || argv.length === 0 ? [] : ['--engine', test.host];
	const code = await runCommandLine([...argv, ...engine], {
		cwd: home, env: { ...env, STRATA_HOME: home }, hasTerminal: false, signal: new AbortController().signal,
		out: text => { out += text; }, err: text => { err += text; },
	});
	return { code, out, err, json: out.startsWith('{') ? JSON.parse(out) as Answer['json'] : {} };
}

function linesOf({ json }: Answer): readonly Line[] {
	return json['instructions'] as readonly Line[];
}
