import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mock } from 'node:test';
import type { BuildRecord } from '../../../src/core/build/record';
import type { Engine, EngineInfo } from '../../../src/core/engine/engine';
import { EngineError } from '../../../src/core/engine/engineError';
import type { RememberedBuild } from '../../../src/core/engine/records/rememberedBuilds';
import { CommandLineBuilds } from '../../../src/services/commandLineBuilds';
import { readRememberedRun } from '../../../src/services/rememberedRun';
import { protobufOf } from '../build/protobufOf';
import { withFolder } from '../build/withFolder';

const info: EngineInfo = { id: 'engine', name: 'e', kind: 'docker', version: '28.5.2', apiVersion: '1.51', hasBuildKit: true, imageStore: 'overlay2', os: 'linux', architecture: 'x86_64' };
const { signal } = new AbortController();

interface Desk {
	readonly engine: Engine;
	look(): Promise<void>;
	readonly kept: BuildRecord[];
	readonly log: string[];
	/** Calls of the engine, by name. */
	readonly asked: string[];
	/** What BuildKit remembers; throws where the engine is gone. */
	remembers: () => readonly RememberedBuild[];
	note(ref: string, state: unknown): Promise<void>;
	/** One that failed in its only step, of the Dockerfile as it is on disk. */
	failed(ref: string): Promise<RememberedBuild>;
}

async function atDesk(use: (desk: Desk, folder: string) => Promise<void>): Promise<void> {
	await withFolder({ Dockerfile: 'FROM scratch\nRUN make\n' }, async folder => {
		const [kept, log, asked]: [BuildRecord[], string[], string[]] = [[], [], []];
		const engine = {
			rememberedBuilds: () => {
				asked.push('rememberedBuilds');
				return Promise.resolve().then(() => desk.remembers());
			},
			rememberedStatus: () => {
				asked.push('rememberedStatus');
				return Promise.resolve([protobufOf([[1, [[1, 'sha256:a'], [3, '[1/1] RUN make'], [5, [[1, 5]]], [6, [[1, 7]]], [7, 'exit code: 2']]]])]);
			},
			image: () => Promise.reject(new EngineError('notFound', 'none')),
			cacheRecords: () => {
				asked.push('cacheRecords');
				return Promise.resolve([]);
			},
		} as unknown as Engine;
		const builds = new CommandLineBuilds({
			folder: join(folder, 'taken'), log: message => { log.push(message); }, concerns: path => path.startsWith(folder), secretKey: () => Promise.resolve('key'),
			records: { put: async record => { kept.push(record); }, list: () => Promise.resolve([]) },
			machine: { env: { BUILDX_CONFIG: join(folder, 'buildx') }, homeDir: '/nowhere', platform: process.platform, readFile: path => readFile(path).catch(() => undefined), readFolder: path => readdir(path).catch(() => []) },
			advisor: { explainFinished: () => {
				asked.push('explainFinished');
				return Promise.resolve([]);
			} }, cacheRead: () => Promise.resolve(),
		});
		const desk: Desk = {
			engine, kept, log, asked, remembers: () => [],
			look: () => builds.look(engine, info, signal),
			async note(ref, state) {
				await mkdir(join(folder, 'buildx/refs/default/default0'), { recursive: true });
				await writeFile(join(folder, 'buildx/refs/default/default0', ref), typeof state === 'string' ? state : JSON.stringify(state));
			},
			async failed(ref) {
				const startedAt = (await stat(join(folder, 'Dockerfile'))).ctimeMs + 1001;
				return { ref, attributes: { filename: 'Dockerfile' }, tags: [], startedAt, finishedAt: startedAt + 9, error: { code: 2, message: 'process "make" did not complete: exit code: 2' }, images: [], provenance: undefined, errorDetails: undefined };
			},
		};
		await use(desk, folder);
	});
}

describe('CommandLineBuilds', () => {
	afterEach(() => { mock.timers.reset(); });

	it('asks the engine nothing where the command line noted nothing that concerns anybody', () => atDesk(async desk => {
		await desk.look();
		await desk.note('elsewhere', { LocalPath: '/elsewhere' });
		await desk.note('remote', { LocalPath: 'https://github.com/a/b.git' });
		await desk.note('broken', '{');
		await desk.note('none', 7);
		await desk.look();
		assert.deepEqual([desk.asked, desk.log], [[], []]);
	}));

	it('keeps a build once, however often it looks', () => atDesk(async (desk, folder) => {
		await desk.note('one', { Target: 'default', LocalPath: folder, DockerfilePath: '' });
		const build = await desk.failed('one');
		desk.remembers = () => [build];
		await Promise.all([desk.look(), desk.look()]);
		await desk.look();
		assert.deepEqual(desk.kept.map(({ id, state, origin, dockerfilePath, error }) => [id, state, origin, dockerfilePath, error?.exitCode, error?.line]), [['one', 'failed', 'commandLine', join(folder, 'Dockerfile'), 2, 2]]);
		assert.equal(desk.asked.filter(call => call === 'rememberedStatus').length, 1);
	}));

	it('does not say why a line ran where that may hang on what no build of ours has', () => atDesk(async (desk, folder) => {
		await desk.note('plain', { LocalPath: folder });
		await desk.note('other', { LocalPath: folder });
		const build = await desk.failed('plain');
		desk.remembers = () => [{ ...build, ref: 'other', attributes: { ...build.attributes, 'context:base': 'docker-image://another' } }];
		await desk.look();
		assert.deepEqual([desk.kept.length, desk.asked.includes('explainFinished')], [1, false]);
		desk.remembers = () => [build];
		await desk.look();
		assert.deepEqual([desk.kept.length, desk.asked.includes('explainFinished')], [2, true]);
	}));

	it('tells in its log how a build ended', () => atDesk(async (desk, folder) => {
		await desk.note('one', { LocalPath: folder });
		await desk.note('two', { LocalPath: folder });
		const build = await desk.failed('one');
		desk.remembers = () => [build, { ...build, ref: 'two', error: { code: 1, message: 'context canceled' } }];
		await desk.look();
		const logged = await Promise.all(desk.kept.map(record => readRememberedRun(desk.engine, record, signal)));
		assert.deepEqual([desk.kept.map(({ state }) => state), logged.map(({ run }) => run.state)], [['failed', 'cancelled'], ['failed', 'cancelled']]);
	}));

	it('does not tell of a text that it does not know', () => atDesk(async (desk, folder) => {
		await desk.note('one', { LocalPath: folder });
		const build = await desk.failed('one');
		desk.remembers = () => [{ ...build, startedAt: build.startedAt - 5000 }];
		await desk.look();
		assert.deepEqual([desk.kept, desk.log], [[], []]);
	}));

	it('waits for one that runs, and asks again when the engine is back', () => atDesk(async (desk, folder) => {
		await desk.note('one', { LocalPath: folder });
		const build = await desk.failed('one');
		desk.remembers = () => [{ ...build, finishedAt: undefined }];
		await desk.look();
		desk.remembers = () => { throw new EngineError('unreachable', 'gone'); };
		await desk.look();
		assert.deepEqual([desk.kept, desk.log], [[], ['gone']]);
		desk.remembers = () => [build];
		await desk.look();
		assert.equal(desk.kept.length, 1);
	}));

	it('asks a minute long for one that the engine does not have, which may just begin, and no longer', () => atDesk(async (desk, folder) => {
		mock.timers.enable({ apis: ['Date'], now: Date.now() });
		await desk.note('one', { LocalPath: folder });
		await desk.look();
		mock.timers.tick(59_000);
		await desk.look();
		assert.equal(desk.asked.length, 2);
		mock.timers.tick(2000);
		await desk.look();
		assert.equal(desk.asked.length, 2);
	}));
});
