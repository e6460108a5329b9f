import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { findBuildx } from '../../scripts/lib/dockerCommand.mjs';
import { plainBuild, type BuildOptions } from '../../src/core/build/buildOptions';
import type { Forecast } from '../../src/core/cache/reason';
import { readBuildContext } from '../../src/services/buildContext';
import { CacheAdvisor } from '../../src/services/cacheAdvisor';
import { CacheListings } from '../../src/services/cacheListings';
import { CacheLoss } from '../../src/services/cacheLoss';
import { CommandLineBuilds } from '../../src/services/commandLineBuilds';
import { ContentHashes } from '../../src/services/contentHashes';
import { ForecastScores } from '../../src/services/forecastScores';
import { RecordStore } from '../../src/services/recordStore';
import type { BuildRecord } from '../../src/core/build/record';
import type { Engine } from '../../src/core/engine/engine';
import { infoOf } from './infoOf';

/** A person's command line on an engine, in a folder with a Dockerfile, and what Strata learns of it. */
export interface CommandLine {
	readonly folder: string;
	readonly builds: CommandLineBuilds;
	readonly records: RecordStore;
	readonly log: readonly string[];
	write(path: string, text: string): Promise<void>;
	/** What a command says, whether it succeeds or not. */
	docker(...words: readonly string[]): Promise<string>;
	/** What the next build of the Dockerfile is foretold to do, by instruction. */
	foretell(options?: Partial<BuildOptions>): Promise<readonly (Forecast | undefined)[]>;
	/** What Strata has kept once it looked, newest first. */
	look(path?: string): Promise<readonly BuildRecord[]>;
}

export async function atCommandLine(engine: Engine, host: string, files: Readonly<Record<string, string>>, use: (line: CommandLine) => Promise<void>): Promise<void> {
	const root = await mkdtemp(join(tmpdir(), 'strata-command-line-'));
	const [folder, configuration] = [join(root, 'work'), join(root, 'docker')];
	const log: string[] = [];
	const say = (message: string): void => { log.push(message); };
	const records = new RecordStore({ folder: join(root, 'records'), log: say });
	const secretKey = (): Promise<string> => Promise.resolve('key');
	const loss = new CacheLoss(say, new CacheListings(join(root, 'listings'), say));
	const advisor = new CacheAdvisor({
		records, secretKey, loss, log: say, hashes: new ContentHashes({ storageFolder: join(root, 'hashes'), log: say }), scores: new ForecastScores(join(root, 'scores')),
		manifestsFolder: join(root, 'manifests'),
	});
	const machine = { env: { DOCKER_CONFIG: configuration }, homeDir: root, platform: process.platform, readFile: (path: string) => readFile(path).catch(() => undefined), readFolder: (path: string) => readdir(path).catch(() => []) };
	const builds = new CommandLineBuilds({
		folder: join(root, 'taken'), records, machine, advisor, secretKey, log: say, concerns: path => path.startsWith(folder),
		cacheRead: (info, read, at) => loss.surveyed(info, read, at),
	});
	const line: CommandLine = {
		folder, builds, records, log,
		async write(path, text) {
			await mkdir(dirname(join(folder, path)), { recursive: true });
			await writeFile(join(folder, path), text);
		},
		docker: (...words) => promisify(execFile)(program, words, { cwd: folder, env: { ...process.env, DOCKER_HOST: host, DOCKER_CONFIG: configuration, DOCKER_BUILDKIT: '1' } })
			.then(({ stdout, stderr }) => stdout + stderr, (error: unknown) => String(error)),
		async foretell(options) {
			const asked = { ...plainBuild(folder, join(folder, 'Dockerfile')), network: 'host' as const, ...options };
			const context = await readBuildContext(folder, asked.dockerfilePath);
			const advice = await advisor.advise({ engine, info: await infoOf(engine), builder: 'buildkit', context, options: asked }, new AbortController().signal);
			return advice!.forecast;
		},
		async look(path = join(folder, 'Dockerfile')) {
			const info = await infoOf(engine);
			await builds.look(engine, info, new AbortController().signal);
			return (await records.listEngine(info.id)).filter(({ dockerfilePath }) => dockerfilePath === path);
		},
	};
	await mkdir(configuration);
	const program = await findBuildx(configuration);
	try {
		for (const [path, text] of Object.entries(files)) {
			await line.write(path, text);
		}
		await use(line);
	} finally {
		loss.dispose();
		records.dispose();
		await rm(root, { recursive: true, force: true });
	}
}
