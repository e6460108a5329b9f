import { stat } from 'node:fs/promises';
import { failedTails } from '../core/build/logTails';
import { makeRecord, type BuildInsight } from '../core/build/makeRecord';
import type { BuildRecord } from '../core/build/record';
import type { BuildRun } from '../core/build/run';
import { foldRemembered } from '../core/build/foldRemembered';
import { hasOurOptions, isPlainBuild, rememberedOptions } from '../core/build/rememberedOptions';
import { errorText, provenanceText } from '../core/build/rememberedText';
import { stageSizes } from '../core/build/stageSizes';
import { withLayers } from '../core/build/withLayers';
import { redactArguments } from '../core/cache/redactor';
import { buildxRefs, type BuildxRef } from '../core/engine/buildxRefs';
import type { CacheRecord, Engine, EngineInfo } from '../core/engine/engine';
import type { EndpointWorld } from '../core/engine/endpointWorld';
import { isEngineError } from '../core/engine/engineError';
import type { RememberedBuild } from '../core/engine/records/rememberedBuilds';
import { readBuildContext } from './buildContext';
import type { BuildRunnerSettings } from './buildRunner';
import { readBuiltImage } from './builtLayers';
import type { CacheAdvisor } from './cacheAdvisor';
import { clockMs } from './contextSnapshot';
import { keyOf, type RecordStore } from './recordStore';
import { resolveForBuild } from './resolveForBuild';
import { ValueFolder } from './valueFolder';

export interface CommandLineBuildsSettings {
	/** Which builds of each engine were looked at: one that a person deleted does not come back. */
	readonly folder: string;
	readonly records: Pick<RecordStore, 'put' | 'list'>;
	readonly machine: Pick<EndpointWorld, 'env' | 'homeDir' | 'platform' | 'readFile' | 'readFolder'>;
	/** Whether somebody here wants to know of builds of this Dockerfile. */
	readonly concerns: (dockerfilePath: string) => boolean;
	readonly advisor: Pick<CacheAdvisor, 'explainFinished'>;
	readonly secretKey: () => Promise<string | Uint8Array>;
	readonly cacheRead: NonNullable<BuildRunnerSettings['cacheRead']>;
	readonly log: (message: string) => void;
}

/** A build that BuildKit remembers, and where on this machine it was asked for. */
interface KnownBuild extends RememberedBuild, BuildxRef {
	readonly finishedAt: number;
}

/** From when it was noted until the engine has it a build may take this long, milliseconds. */
const beginningMs = 60_000;

/**
 * Builds that were asked for at the command line (`docker build`, `docker compose build`), kept as if they were ours: what
 * each line cost is known of them too. BuildKit tells of them when they are over.
 */
export class CommandLineBuilds {
	private readonly taken: ValueFolder;
	private looking: Promise<void> = Promise.resolve();
	/** Since when builds that the command line noted are known not to be this engine's, by engine and build. */
	private readonly absent = new Map<string, number>();

	constructor(private readonly settings: CommandLineBuildsSettings) {
		this.taken = new ValueFolder(settings.folder);
	}

	/** Keeps the records of those that are new on this engine. It is asked only where the command line noted any; what goes wrong is logged. */
	look(engine: Engine, info: EngineInfo, signal: AbortSignal): Promise<void> {
		this.looking = this.looking.then(async () => {
			try {
				await this.take(engine, info, signal);
			} catch (error) {
				if (!signal.aborted) {
					this.warn(error);
				}
			}
		});
		return this.looking;
	}

	private async take(engine: Engine, info: EngineInfo, signal: AbortSignal): Promise<void> {
		if (!info.hasBuildKit) {
			return;
		}
		const taken = new Set(this.takenOf(info));
		const absenceOf = (ref: string): string => `${info.id} ${ref}`;
		const isNew = (ref: string): boolean => !taken.has(ref) && !(this.absent.get(absenceOf(ref))! < Date.now() - beginningMs);
		const refs = (await buildxRefs(this.settings.machine, isNew)).filter(({ dockerfilePath }) => this.settings.concerns(dockerfilePath));
		if (refs.length === 0) {
			return;
		}
		const builds = new Map((await engine.rememberedBuilds(signal)).map(build => [build.ref, build]));
		for (const { ref } of refs.filter(one => !builds.has(one.ref) && !this.absent.has(absenceOf(one.ref)))) {
			this.absent.set(absenceOf(ref), Date.now());
		}
		const finished = refs.flatMap((place): KnownBuild[] => {
			const build = builds.get(place.ref);
			return build?.finishedAt === undefined ? [] : [{ ...build, ...place, finishedAt: build.finishedAt }];
		}).sort((a, b) => a.startedAt - b.startedAt);
		if (finished.length === 0) {
			return;
		}
		// All of them are over: one reading serves them all.
		const asked = Date.now();
		const records = await engine.cacheRecords(signal);
		await this.settings.cacheRead(info, records, asked);
		for (const build of finished) {
			if (await this.keep(engine, info, build, records, signal)) {
				// What the engine has forgotten need not be remembered here.
				await this.taken.set(info.id, [...this.takenOf(info).filter(ref => builds.has(ref)), build.ref]);
			}
		}
	}

	private takenOf({ id }: EngineInfo): readonly string[] {
		const stored = this.taken.values().get(id);
		return Array.isArray(stored) ? stored.filter(ref => typeof ref === 'string') : [];
	}

	/** True where it need not be looked at again. */
	private async keep(engine: Engine, info: EngineInfo, build: KnownBuild, records: readonly CacheRecord[], signal: AbortSignal): Promise<boolean> {
		try {
			const record = isPlainBuild(build) ? await this.recordOf(engine, info, build, records, signal) : undefined;
			if (record !== undefined) {
				await this.settings.records.put(record);
			}
			return true;
		} catch (error) {
			signal.throwIfAborted();
			this.warn(error);
			// An engine that went away is asked again; what a build itself has that cannot be read stays so.
			return !isEngineError(error) || error.reason === 'notFound';
		}
	}

	/** Undefined where nobody knows the Dockerfile's text any more. */
	private async recordOf(engine: Engine, info: EngineInfo, build: KnownBuild, records: readonly CacheRecord[], signal: AbortSignal): Promise<BuildRecord | undefined> {
		const options = rememberedOptions(build, build.contextPath, build.dockerfilePath);
		const text = await this.textOf(engine, build, signal);
		if (text === undefined) {
			return undefined;
		}
		const context = await readBuildContext(build.contextPath, build.dockerfilePath, text);
		const resolved = await resolveForBuild(engine, info, 'buildkit', options, context.dockerfile, signal);
		const imageId = await imageOf(engine, build, signal);
		const { run, fold, tails } = foldRemembered(build, await engine.rememberedStatus(build.ref, signal), resolved, imageId);
		const insights = await this.insightsOf({ engine, info, builder: 'buildkit', context, options, startedAt: build.startedAt }, build, run, signal);
		const record = makeRecord({
			run, resolved, options, insights, engineId: info.id, context: undefined, logTails: failedTails(run, tails), origin: 'commandLine',
			buildArgs: redactArguments(options.buildArgs, await this.settings.secretKey()),
			image: run.imageId === undefined ? undefined : await readBuiltImage(engine, resolved, run.imageId, false),
		});
		const names = new Map([...fold.vertices.values()].map(({ digest, name }) => [digest, name]));
		const sizes = stageSizes(resolved, run, names, records, info.imageStore === 'containerd');
		const previous = (await this.settings.records.list(keyOf(record))).find(({ id, state }) => id !== record.id && state === 'succeeded');
		return withLayers(record, new Map([...sizes].map(([index, size]) => [index, { size, diffId: undefined }])), previous);
	}

	/** As BuildKit kept it; where it did not, as of most builds that were cancelled, as it is on disk and was not changed since. */
	private async textOf(engine: Engine, build: KnownBuild, signal: AbortSignal): Promise<string | undefined> {
		const { provenance, errorDetails, attributes: { filename = 'Dockerfile' } } = build;
		const kept = provenance !== undefined ? provenanceText(await engine.buildKitContent(provenance, signal), filename)
			: errorDetails !== undefined ? errorText(await engine.buildKitContent(errorDetails, signal), filename) : undefined;
		if (kept !== undefined) {
			return kept;
		}
		const changedAt = await stat(build.dockerfilePath).then(({ ctimeMs }) => ctimeMs, () => Infinity);
		const text = await this.settings.machine.readFile(build.dockerfilePath);
		return changedAt < build.startedAt - clockMs ? text?.toString('utf8') : undefined;
	}

	/** None where its context may have been put together in another way than ours would be. */
	private async insightsOf(asked: Parameters<CacheAdvisor['explainFinished']>[0], build: KnownBuild, run: BuildRun, signal: AbortSignal): Promise<readonly BuildInsight[]> {
		const { pathInContext, ignore } = asked.context;
		const isSentAlike = pathInContext !== undefined && !ignore.ignores(pathInContext);
		return isSentAlike && hasOurOptions(build) ? this.settings.advisor.explainFinished(asked, run, signal) : [];
	}

	private warn(error: unknown): void {
		this.settings.log(error instanceof Error ? error.message : String(error));
	}
}

/** The id of the image that was built, where the engine has it. */
async function imageOf(engine: Engine, { images }: RememberedBuild, signal: AbortSignal): Promise<string | undefined> {
	for (const digest of images) {
		const image = await engine.image(digest, signal).catch(() => undefined);
		signal.throwIfAborted();
		if (image !== undefined) {
			return image.id;
		}
	}
	return undefined;
}
