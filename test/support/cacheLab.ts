import { chmod, link, lutimes, mkdir, mkdtemp, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { BuildOptions } from '../../src/core/build/buildOptions';
import { plainBuild } from '../../src/core/build/buildOptions';
import type { BuildRun } from '../../src/core/build/run';
import type { Forecast, Reason } from '../../src/core/cache/reason';
import { scoreForecast, type ForecastScore } from '../../src/core/cache/score';
import type { Builder, Engine, EngineInfo } from '../../src/core/engine/engine';
import { BuildRunner, type Build } from '../../src/services/buildRunner';
import { CacheAdvisor, type Advice } from '../../src/services/cacheAdvisor';
import type { CacheLoss } from '../../src/services/cacheLoss';
import { readBuildContext } from '../../src/services/buildContext';
import { ContentHashes } from '../../src/services/contentHashes';
import { ForecastScores } from '../../src/services/forecastScores';
import { PendingUploads } from '../../src/services/pendingUploads';
import { readCacheRecords } from '../../src/services/readCacheRecords';
import { RecordStore } from '../../src/services/recordStore';
import { imagesOf } from '../engine/buildHarness';
import { infoOf } from './infoOf';

/** A file as it should be: its content, or more about it. A name that ends in `/` is a folder. */
export type LabFile = string | { readonly data?: string; readonly mode?: number; readonly link?: string; readonly hardLink?: string; readonly mtime?: Date };

/** A build context with its Dockerfile, and what the build is asked for. */
export interface LabState {
	readonly dockerfile: string;
	readonly files?: Readonly<Record<string, LabFile>>;
	readonly options?: Partial<BuildOptions>;
}

export interface LabBuild {
	readonly build: Build;
	readonly run: BuildRun;
	readonly forecast: readonly (Forecast | undefined)[];
	readonly score: ForecastScore;
	readonly reasons: readonly (Reason | undefined)[];
}

export interface LabOptions {
	/** Whether what a build's upload left is removed after it, and what is read for that tells of the engine's cache. */
	readonly isTidied?: boolean;
	readonly log?: (message: string) => void;
}

/** A Dockerfile of its own on a real engine, with everything that Strata keeps, in a folder of its own. */
export class CacheLab {
	readonly images: string[] = [];
	private readonly runner: BuildRunner;
	private readonly advisor: CacheAdvisor;
	private advice: Advice | undefined;

	private constructor(readonly folder: string, readonly engine: Engine, private readonly info: EngineInfo, private readonly builder: Builder, readonly loss: CacheLoss, given: LabOptions) {
		const { log = () => undefined } = given;
		const records = new RecordStore({ folder: join(folder, 'records'), log });
		const secretKey = (): Promise<string> => Promise.resolve('the test\'s key');
		const advisor = this.advisor = new CacheAdvisor({
			records, secretKey, log,
			loss,
			hashes: new ContentHashes({ storageFolder: join(folder, 'hashes'), log }),
			scores: new ForecastScores(join(folder, 'scores')),
			manifestsFolder: join(folder, 'manifests'),
		});
		this.runner = new BuildRunner({
			records, secretKey, log, machine: process,
			// Looking for them takes seconds; the tests remove them all together.
			uploads: given.isTidied === true ? new PendingUploads(join(folder, 'uploads')) : { remove: () => Promise.resolve([]) },
			cacheRead: given.isTidied === true ? (of, read, at) => loss.surveyed(of, read, at) : undefined,
			credentials: () => Promise.resolve({}),
			explain: async ({ run, context, options }, signal) => {
				const advice = await advisor.advise({ engine, info, builder: run.builder, context, options, startedAt: run.startedAt }, signal);
				this.advice = advice;
				return async finished => await advice?.conclude(finished) ?? [];
			},
		});
	}

	/** `loss`: what is known of the engine's cache, for all labs of an engine. */
	static async open(engine: Engine, builder: Builder, loss: CacheLoss, given: LabOptions = {}): Promise<CacheLab> {
		return new CacheLab(await mkdtemp(join(tmpdir(), 'strata-cache-')), engine, await infoOf(engine), builder, loss, given);
	}

	get context(): string {
		return join(this.folder, 'context');
	}

	/** Makes the context look so, and builds it. */
	async build(state: LabState): Promise<LabBuild> {
		await this.lay(state);
		const build = await this.runner.build(this.engine, this.info, this.optionsOf(state));
		this.images.push(...imagesOf([build]));
		const { forecast = [] } = this.advice ?? {};
		return {
			build, forecast,
			run: build.run,
			score: scoreForecast(forecast, build.run.steps.map(({ outcome }) => outcome)),
			reasons: build.record?.instructions.map(({ reason }) => reason as Reason | undefined) ?? [],
		};
	}

	/** Makes the context look so, and says what a build of it would do. */
	async foretell(state: LabState): Promise<readonly (Forecast | undefined)[]> {
		await this.lay(state);
		const { engine, info, builder } = this;
		const options = this.optionsOf(state);
		const context = await readBuildContext(this.context, options.dockerfilePath);
		const advice = await this.advisor.advise({ engine, info, builder, context, options }, new AbortController().signal);
		return advice?.forecast ?? [];
	}

	/** When what is done after builds is done. */
	async idle(): Promise<void> {
		await this.runner.idle();
	}

	private optionsOf(state: LabState): BuildOptions {
		return { ...plainBuild(this.context, join(this.context, 'Dockerfile')), network: 'host', builder: this.builder, labels: {}, ...state.options };
	}

	/** Takes the records of the RUN with this text, and all that was built upon it, out of the engine's build cache. */
	async prune(command: string): Promise<void> {
		// A record goes only when nothing is left that was built upon it: leaves first.
		for (let left = Number.POSITIVE_INFINITY; left > 0;) {
			const records = await readCacheRecords(this.engine);
			const gone = new Set(records.filter(({ description }) => description.includes(command)).map(({ id }) => id));
			// A set visits what is added while it is walked.
			for (const id of gone) {
				records.filter(({ parents }) => parents.includes(id)).forEach(record => gone.add(record.id));
			}
			if (gone.size >= left) {
				throw new Error(`Records that stay: ${[...gone].join(', ')}`);
			}
			left = gone.size;
			if (left > 0) {
				await this.engine.pruneCacheRecords([...gone]);
			}
		}
	}

	/** Removes its folder; its images are left, and told. */
	async close(): Promise<readonly string[]> {
		await this.runner.idle();
		await rm(this.folder, { recursive: true, force: true });
		return this.images;
	}

	private async lay({ dockerfile, files = {} }: LabState): Promise<void> {
		await mkdir(this.context, { recursive: true });
		await Promise.all((await readdir(this.context)).map(name => rm(join(this.context, name), { recursive: true, force: true })));
		for (const [name, file] of Object.entries({ ...files, Dockerfile: dockerfile })) {
			const path = join(this.context, name);
			const { data = '', mode, link: target, hardLink, mtime }: Exclude<LabFile, string> = typeof file === 'string' ? { data: file } : file;
			await mkdir(name.endsWith('/') ? path : dirname(path), { recursive: true });
			if (target !== undefined) {
				await symlink(target, path);
			} else if (hardLink !== undefined) {
				await link(join(this.context, hardLink), path);
			} else if (!name.endsWith('/')) {
				await writeFile(path, data);
			}
			if (mode !== undefined || (target === undefined && hardLink === undefined)) {
				await chmod(path, mode ?? (name.endsWith('/') ? 0o755 : 0o644));
			}
			if (mtime !== undefined) {
				await (target === undefined ? utimes : lutimes)(path, mtime, mtime);
			}
		}
	}
}
