import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Emitter } from '../../src/core/base/event';
import { plainBuild } from '../../src/core/build/buildOptions';
import { makeRecord } from '../../src/core/build/makeRecord';
import type { BuildRun, Outcome } from '../../src/core/build/run';
import type { CacheRecord, Engine, EngineInfo, ImageDetails } from '../../src/core/engine/engine';
import { readBuildContext } from '../../src/services/buildContext';
import { createCacheServices } from '../../src/services/cacheServices';
import { ChosenImages } from '../../src/services/chosenImages';
import { ForecastScores, type ScoredBuild } from '../../src/services/forecastScores';
import { ForecastStore, type ForecastSources } from '../../src/services/forecastStore';
import { LineFactsStore } from '../../src/services/lineFactsStore';
import { RecordStore } from '../../src/services/recordStore';

/** A Dockerfile in a folder of many small files, with all that Strata keeps and an engine that counts its calls. */
export interface ForecastWorld {
	readonly path: string;
	/** Records what a build of the Dockerfile as it is on disk did, and keeps the score of its forecast. Every step ran where no outcomes are given. */
	build(outcomes?: readonly Outcome[]): Promise<void>;
	/** What was written to the log. */
	readonly logged: readonly string[];
	/** The history of scores, newest first. */
	scores(): Promise<readonly ScoredBuild[]>;
	/** An editor's window that looks at it; as many as one likes, one after the other. */
	open(whileHashing?: ForecastSources['whileHashing']): ForecastWindow;
	/** Calls to the engine so far. */
	calls(): number;
	/** What the engine's build cache holds. */
	cacheRecords: readonly CacheRecord[];
	[Symbol.asyncDispose](): Promise<void>;
}

export interface ForecastWindow {
	readonly lineFacts: LineFactsStore;
	readonly forecasts: ForecastStore;
	/** Resolves when this holds, which is asked again whenever the forecast has changed. */
	until(holds: () => boolean): Promise<void>;
	close(): void;
}

const info: EngineInfo = {
	id: 'counting', name: 'counting', kind: 'docker', version: '28.5.2', apiVersion: '1.51', hasBuildKit: true, imageStore: 'overlay2', os: 'linux', architecture: 'amd64',
};
const base = { id: 'base', digests: [], diffIds: ['base'], env: {}, workdir: '', user: '', shell: undefined, onBuild: [] } as unknown as ImageDetails;
const folders = 200;

/** `files`: how many, in 200 folders `src/package…`. The engine has one image, `base:1`. */
export async function forecastWorld(text: string, files: number): Promise<ForecastWorld> {
	const folder = await mkdtemp(join(tmpdir(), 'strata-typing-'));
	const context = join(folder, 'context');
	const path = join(context, 'Dockerfile');
	await layContext(context, files);
	await writeFile(path, text);
	let calls = 0;
	let builds = 0;
	const logged: string[] = [];
	const log = (message: string): void => { logged.push(message); };
	const engine = {
		image: (reference: string) => {
			calls++;
			return reference === 'base:1' ? Promise.resolve(base) : Promise.reject(new Error('No such image'));
		},
		cacheRecords: () => {
			calls++;
			return Promise.resolve(world.cacheRecords);
		},
	} as unknown as Engine;
	const secretKey = (): Promise<string> => Promise.resolve('key');
	const options = { ...plainBuild(context, path), builder: 'buildkit' as const };
	const never = new Emitter<never>().event;
	const kept = (): { records: RecordStore; cache: ReturnType<typeof createCacheServices> } => {
		const records = new RecordStore({ folder: join(folder, 'records'), log });
		return { records, cache: createCacheServices({ storageFolder: folder, records, secretKey, engine: () => Promise.resolve({ engine, info }), log }) };
	};
	const world: ForecastWorld = {
		path,
		logged,
		cacheRecords: [],
		calls: () => calls,
		scores: () => new ForecastScores(join(folder, 'forecasts')).list(),
		build: async outcomes => {
			const { records, cache } = kept();
			const advice = await cache.advisor.advise({ engine, info, builder: 'buildkit', context: await readBuildContext(context, path), options }, new AbortController().signal);
			const { resolved, inputs, conclude } = advice!;
			// Later than the engine is asked for its cache, which has no records: so nothing counts as gone from it.
			const at = Date.now() + 3_600_000 * ++builds;
			const run: BuildRun = {
				id: `build ${String(builds)}`, builder: 'buildkit', state: 'succeeded', startedAt: at, finishedAt: at + 1, others: [], warnings: [], imageId: undefined, error: undefined,
				steps: inputs.map(({ step }, instruction) => ({
					instruction, outcome: outcomes?.[instruction] ?? (step === undefined ? 'metadata' : 'ran'), startedAt: 1, durationMs: step === undefined ? undefined : 100, vertices: [], imageId: undefined, progress: undefined,
				})),
			};
			const context0 = { bytes: 0, files, unpackedBytes: 0, sentBytes: 0, skipped: [] };
			await records.put(makeRecord({ run, resolved, engineId: info.id, options, buildArgs: {}, context: context0, image: undefined, logTails: new Map(), insights: await conclude(run) }));
			cache.dispose();
			records.dispose();
		},
		open: whileHashing => {
			const { records, cache } = kept();
			const forecasts = new ForecastStore({
				connection: { get: () => Promise.resolve({ engine, info } as never), onDidChange: never, onEvent: never },
				records, cache, secretKey, whileHashing,
				log, nextBuild: () => options, isWanted: () => true,
			});
			const lineFacts = new LineFactsStore({
				records, forecasts,
				images: { onDidChange: never, images: () => Promise.resolve([]), history: () => Promise.resolve([]), details: () => Promise.reject(new Error('No such image')) },
				chosen: new ChosenImages(join(folder, 'chosen.json')), onDidChangeBuild: never,
			});
			return {
				lineFacts, forecasts,
				until: async holds => {
					while (!holds()) {
						await new Promise<void>(resolve => {
							const subscription = forecasts.onDidChange(() => {
								subscription.dispose();
								resolve();
							});
						});
					}
				},
				close: () => { [lineFacts, forecasts, cache, records].forEach(one => { one.dispose(); }); },
			};
		},
		[Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
	};
	return world;
}

/** Old enough that their hashes are kept: the time of a change that was just now proves nothing. */
async function layContext(context: string, files: number): Promise<void> {
	const old = new Date(Date.now() - 60_000);
	for (let folder = 0; folder < folders; folder++) {
		const below = join(context, 'src', `package${String(folder)}`);
		await mkdir(below, { recursive: true });
		await Promise.all(Array.from({ length: Math.ceil(files / folders) }, async (_, at) => {
			const file = join(below, `file${String(at)}.ts`);
			await writeFile(file, `export const value = ${String(folder * 1000 + at)};\n`.repeat(20));
			await utimes(file, old, old);
		}));
	}
}
