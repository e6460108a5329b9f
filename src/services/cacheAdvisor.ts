import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { inSlices, type Slices } from '../core/base/slices';
import type { BuildInsight } from '../core/build/makeRecord';
import type { BuildRun } from '../core/build/run';
import type { Manifests } from '../core/cache/difference';
import { explaining } from '../core/cache/explain';
import { forecasting } from '../core/cache/forecast';
import type { BuildInputs } from '../core/cache/inputs';
import type { InstructionInputs } from '../core/cache/instructionInputs';
import type { PastBuild } from '../core/cache/knowledge';
import type { ManifestEntry } from '../core/cache/manifest';
import { manifestsOf } from '../core/cache/pastBuild';
import type { Forecast } from '../core/cache/reason';
import { cacheRulesOf } from '../core/cache/rules';
import { scoreForecast } from '../core/cache/score';
import { baseImageOf, type BaseImage } from '../core/cache/stepRequest';
import type { ResolvedDockerfile } from '../core/dockerfile/resolved';
import type { Builder, Engine, EngineInfo } from '../core/engine/engine';
import type { BuildContext } from './buildContext';
import { readCacheHistory, type CacheHistory } from './cacheHistory';
import { noImages, type AskedImages, type CacheLoss } from './cacheLoss';
import type { ContentHashes, HashProgress } from './contentHashes';
import { hashFor, isAsItWas, readingInputs, takeSnapshot, type CacheOptions, type ContextSnapshot, type InputsOfText } from './contextSnapshot';
import type { ForecastScores } from './forecastScores';
import { ManifestStore } from './manifestStore';
import type { RecordStore } from './recordStore';
import { imagesOf } from './resolveForBuild';

export interface CacheAdvisorSettings {
	readonly records: RecordStore;
	readonly hashes: ContentHashes;
	readonly loss: CacheLoss;
	readonly scores: ForecastScores;
	/** Lists of files that builds took, a folder for each engine. */
	readonly manifestsFolder: string;
	readonly secretKey: () => Promise<string | Uint8Array>;
	readonly log: (message: string) => void;
}

/** A build as it is asked for, on one engine. */
export interface AdvisedBuild {
	readonly engine: Engine;
	readonly info: EngineInfo;
	readonly builder: Builder;
	readonly context: BuildContext;
	readonly options: CacheOptions & { readonly noCache: boolean; readonly ownFrontend: boolean };
	/** Where it is under way: since when, in milliseconds since the epoch. */
	readonly startedAt?: number;
}

/** What is known of a build before it runs. */
export interface Advice {
	readonly resolved: ResolvedDockerfile;
	readonly inputs: readonly InstructionInputs[];
	readonly forecast: readonly (Forecast | undefined)[];
	readonly history: CacheHistory;
	/** What became of it: inputs and reasons by instruction. Keeps the score and the lists of files. */
	conclude(run: BuildRun): Promise<readonly BuildInsight[]>;
}

/** How long after its end the base of a build is taken for the image that it is now, milliseconds. */
const freshMs = 5 * 60_000;

/** How many paths a reason names. */
export const namedPaths = 20;

/** Joins build context, records and engine into forecasts, and runs into reasons. */
export class CacheAdvisor {
	private readonly manifestStores = new Map<string, ManifestStore>();

	constructor(readonly settings: CacheAdvisorSettings) {}

	/** Reads all it needs, which may take a while in a large context. Undefined where the engine's rules are not known. */
	async advise(build: AdvisedBuild, signal: AbortSignal, onProgress?: (progress: HashProgress) => void): Promise<Advice | undefined> {
		const { engine, info, builder, context, options } = build;
		const rules = cacheRulesOf(info, builder);
		if (rules === undefined) {
			return undefined;
		}
		const secretKey = await this.settings.secretKey();
		const [history, listed] = await Promise.all([
			readCacheHistory(this.settings.records, info.id, rules, context.dockerfilePath),
			takeSnapshot(context, builder, options.ownFrontend, signal),
			builder === 'buildkit' ? this.settings.loss.survey(info, engine) : undefined,
		]);
		let snapshot = listed;
		const read = (bases: Readonly<Record<string, BaseImage>>): Promise<InputsOfText> =>
			inSlices(readingInputs({ snapshot, dockerfile: context.dockerfile, bytes: snapshot.bytes, rules, info, options, bases, secretKey }));
		let bases = await readBases(engine, (await read({})).resolved, signal);
		snapshot = await hashFor((await read(bases)).inputs, snapshot, this.settings.hashes, signal, onProgress);
		let now = await read(bases);
		const forecast = await this.forecast(build, history, now);
		return {
			...now, forecast, history,
			inputs: now.inputs.instructions,
			conclude: async run => {
				if (imagesOf(now.resolved).some(reference => !Object.hasOwn(bases, reference))) {
					// The build has pulled what was not here before.
					bases = await readBases(engine, now.resolved, new AbortController().signal);
					now = await read(bases);
				}
				return this.conclude(build, history, now, forecast, run);
			},
		};
	}

	/**
	 * Inputs and reasons of a build that is over and that somebody else asked for, by instruction; none where what it depended
	 * on may be another by now: a file of its context, its base, what was built since.
	 */
	async explainFinished(build: AdvisedBuild & { readonly startedAt: number }, run: BuildRun, signal: AbortSignal): Promise<readonly BuildInsight[]> {
		const { engine, info, builder, context, options, startedAt } = build;
		const rules = cacheRulesOf(info, builder);
		if (rules === undefined || Date.now() - (run.finishedAt ?? 0) > freshMs) {
			return [];
		}
		const [newest] = await this.settings.records.listEngine(info.id);
		const snapshot = await takeSnapshot(context, builder, options.ownFrontend, signal);
		if ((newest !== undefined && newest.startedAt > startedAt) || !await isAsItWas(context, snapshot, startedAt)) {
			return [];
		}
		const secretKey = await this.settings.secretKey();
		const history = await readCacheHistory(this.settings.records, info.id, rules, context.dockerfilePath);
		const read = (of: ContextSnapshot, bases: Readonly<Record<string, BaseImage>>): Promise<InputsOfText> =>
			inSlices(readingInputs({ snapshot: of, dockerfile: context.dockerfile, bytes: of.bytes, rules, info, options, bases, secretKey }));
		const bases = await readBases(engine, (await read(snapshot, {})).resolved, signal);
		const hashed = await hashFor((await read(snapshot, bases)).inputs, snapshot, this.settings.hashes, signal);
		const { inputs } = await read(hashed, bases);
		return this.reasonsOf(build, history, inputs, pastBuildOf(build, inputs, run));
	}

	/** Manifests of an engine's records. */
	manifestsOf(engineId: string): ManifestStore {
		let store = this.manifestStores.get(engineId);
		if (store === undefined) {
			store = new ManifestStore(join(this.settings.manifestsFolder, createHash('sha256').update(engineId).digest('hex').slice(0, 24)));
			this.manifestStores.set(engineId, store);
		}
		return store;
	}

	private async forecast({ engine, info, builder, options, startedAt }: AdvisedBuild, history: CacheHistory, now: InputsOfText): Promise<readonly (Forecast | undefined)[]> {
		const { loss } = this.settings;
		const { knowledge } = history;
		const run = (manifests: Manifests, asked: AskedImages = noImages()): Slices<readonly (Forecast | undefined)[]> => forecasting({
			resolved: now.resolved, builder, noCache: options.noCache, inputs: now.inputs.instructions,
			knowledge, pathLimit: namedPaths, manifests, ...loss.told(info, builder, knowledge, asked, startedAt),
		});
		if (builder === 'classic') {
			await loss.lookForImages(info.id, engine, async asked => { await inSlices(run(() => undefined, asked)); });
		}
		return this.withManifests(info.id, now.inputs, run);
	}

	/** Computes with those lists of files that it asks for; all the others stay unread. */
	private async withManifests<T>(engineId: string, inputs: BuildInputs, compute: (manifests: Manifests) => Slices<T>): Promise<T> {
		const store = this.manifestsOf(engineId);
		const known = new Map<string, readonly ManifestEntry[] | undefined>();
		for (;;) {
			const missing = new Set<string>();
			const computed = await inSlices(compute(id => {
				if (!known.has(id)) {
					missing.add(id);
				}
				return known.get(id);
			}));
			if (missing.size === 0) {
				return computed;
			}
			await Promise.all([...missing].map(async id => { known.set(id, (await inSlices(inputs.listing(id)) ?? await store.get(id))?.entries); }));
		}
	}

	private async conclude(build: AdvisedBuild, history: CacheHistory, { inputs }: InputsOfText, forecast: readonly (Forecast | undefined)[], run: BuildRun): Promise<readonly BuildInsight[]> {
		const past = pastBuildOf(build, inputs, run);
		const insights = await this.reasonsOf(build, history, inputs, past);
		const score = scoreForecast(forecast, past.steps.map(({ outcome }) => outcome));
		if (score.steps > 0) {
			await this.settings.scores.add({ recordId: run.id, dockerfilePath: build.context.dockerfilePath, builder: build.builder, at: run.startedAt, score });
		}
		for (const at of [...score.wrongHits, ...score.wrongMisses]) {
			const known = history.knowledge.siblings(history.knowledge.follow(past).lookups[at]?.parent ?? '');
			const { inputs: now, outcome } = past.steps[at]!;
			this.settings.log(`Forecast of line ${String(now.line)} was ${String(forecast[at]?.kind)}, it ${outcome}: ${JSON.stringify({
				forecast: forecast[at], reason: insights[at]?.reason, now, known: known.map(sibling => sibling.inputs),
			})}`);
		}
		return insights;
	}

	/** Keeps the lists of files too, that later builds are compared with. */
	private async reasonsOf({ info, builder }: AdvisedBuild, { knowledge }: CacheHistory, inputs: BuildInputs, build: PastBuild): Promise<readonly BuildInsight[]> {
		const reasons = await this.withManifests(info.id, inputs, manifests => explaining({
			build, knowledge, pathLimit: namedPaths, manifests, ...this.settings.loss.told(info, builder, knowledge),
		}));
		await this.keep(info.id, inputs);
		return build.steps.map((step, at) => ({ inputs: step.inputs, reason: reasons[at] }));
	}

	private async keep(engineId: string, { manifests, listing }: BuildInputs): Promise<void> {
		const store = this.manifestsOf(engineId);
		await Promise.all([...manifests].map(async id => {
			const manifest = await store.renew(id) ? undefined : await inSlices(listing(id));
			if (manifest !== undefined) {
				await store.put(manifest);
			}
		}));
		// Listed anew: other windows have written records while this build ran.
		const records = await this.settings.records.listEngine(engineId);
		await store.sweep(new Set([...manifests, ...records.flatMap(manifestsOf)]));
	}
}

function pastBuildOf({ builder, options: { noCache } }: AdvisedBuild, inputs: BuildInputs, run: BuildRun): PastBuild {
	const steps = inputs.instructions.map((own, at) => {
		const { outcome = 'notRun', imageId } = run.steps[at] ?? {};
		return { outcome, inputs: builder === 'classic' && imageId !== undefined ? { ...own, result: imageId } : own };
	});
	return { id: run.id, finishedAt: run.finishedAt ?? run.startedAt, noCache, succeeded: run.state === 'succeeded', isOwn: true, builder, steps };
}

/** The images that a build names and the engine has. */
export async function readBases(engine: Engine, resolved: ResolvedDockerfile, signal: AbortSignal): Promise<Readonly<Record<string, BaseImage>>> {
	const bases: Record<string, BaseImage> = {};
	await Promise.all(imagesOf(resolved).map(async reference => {
		const image = await engine.image(reference, signal).catch(() => undefined);
		signal.throwIfAborted();
		if (image !== undefined) {
			bases[reference] = baseImageOf(image);
		}
	}));
	return bases;
}
