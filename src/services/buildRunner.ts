import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { Emitter, type Disposable, type Event } from '../core/base/event';
import { chooseBuilder, type BuildOptions } from '../core/build/buildOptions';
import type { BuiltImage, BuiltLayer } from '../core/build/builtSizes';
import type { BuildEvent } from '../core/build/events';
import { failedTails } from '../core/build/logTails';
import { makeRecord, type BuildInsight } from '../core/build/makeRecord';
import type { BuildRecord } from '../core/build/record';
import type { BuildRun } from '../core/build/run';
import { stageSizes } from '../core/build/stageSizes';
import { traceUpload } from '../core/build/transportRecords';
import { withLayers } from '../core/build/withLayers';
import { redactArguments } from '../core/cache/redactor';
import type { ResolvedDockerfile } from '../core/dockerfile/resolved';
import type { CacheRecord, Engine, EngineInfo, RegistryCredential } from '../core/engine/engine';
import { EngineError } from '../core/engine/engineError';
import { readBuildContext, type BuildContext } from './buildContext';
import { readBuiltImage, stepLayers } from './builtLayers';
import { lendToRun, type LendingWorld } from './lendToRun';
import type { PendingUploads } from './pendingUploads';
import { keyOf, type RecordStore } from './recordStore';
import { imagesOf, resolveForBuild } from './resolveForBuild';
import { runBuild, type BuildJob, type BuildOutcome } from './runBuild';

/** A build, live or finished. */
export interface Build {
	readonly id: string;
	readonly engineId: string;
	readonly options: BuildOptions;
	readonly context: BuildContext;
	readonly resolved: ResolvedDockerfile;
	readonly run: BuildRun;
	/** Once finished. */
	readonly record: BuildRecord | undefined;
}

/** Milliseconds in which what follows a build can at least be written down. */
const farewellMs = 500;

export interface BuildRunnerSettings {
	readonly records: Pick<RecordStore, 'put' | 'update' | 'list'>;
	readonly uploads: Pick<PendingUploads, 'remove'>;
	/** Of this installation; values of secret arguments are hashed with it. */
	readonly secretKey: () => Promise<string | Uint8Array>;
	/** Credentials for these images' registries. */
	readonly credentials: (references: readonly string[]) => Promise<Readonly<Record<string, RegistryCredential>>>;
	/** Where the secrets are that RUN mounts. */
	readonly machine: LendingWorld;
	/** Says what each instruction depends on and, once the run is over, why it ran. Undefined where nobody does. */
	readonly explain?: ((build: Build, signal: AbortSignal) => Promise<Explain>) | undefined;
	/** Told of an engine's build cache records that were read on the way; `at`: when they were asked for. */
	readonly cacheRead?: ((info: EngineInfo, records: readonly CacheRecord[], at: number) => Promise<void>) | undefined;
	readonly log: (message: string) => void;
}

/** Runs builds, tells of them while they run, and keeps their records. Several may run at once. */
export class BuildRunner implements Disposable {
	private readonly _onDidChange = new Emitter<Build>();
	private readonly _onDidReceive = new Emitter<{ readonly id: string; readonly event: BuildEvent }>();
	/** A build began, went on (at most every 50 ms), ended, or its record learnt more. */
	readonly onDidChange: Event<Build> = this._onDidChange.event;
	/** Every event of every build, output included. */
	readonly onDidReceive: Event<{ readonly id: string; readonly event: BuildEvent }> = this._onDidReceive.event;
	private readonly live = new Map<string, { build: Build; readonly abort: AbortController }>();
	/** From before a build is told of until it is written down. */
	private readonly underWay = new Map<Promise<Build>, AbortController>();
	private readonly afterwards = new Set<Promise<void>>();

	constructor(private readonly settings: BuildRunnerSettings) {}

	get running(): readonly Build[] {
		return [...this.live.values()].map(({ build }) => build);
	}

	/**
	 * Builds, and gives the finished build, whether it succeeded or not. Throws `ContextError` where there is no Dockerfile
	 * to build, `SecretError` where a secret cannot be had from where it should come, and `EngineError` (`unsupported`)
	 * where the engine does not have the builder asked for. `text`: of the Dockerfile, in place of what is on disk.
	 */
	async build(engine: Engine, info: EngineInfo, options: BuildOptions, signal?: AbortSignal, text?: string): Promise<Build> {
		const abort = new AbortController();
		const build = this.run(engine, info, options, abort, signal === undefined ? abort.signal : AbortSignal.any([signal, abort.signal]), text);
		this.underWay.set(build, abort);
		try {
			return await build;
		} finally {
			this.underWay.delete(build);
		}
	}

	/** Cancels what runs, and gives it time to be written down, with what is still to be removed from the engine. */
	async end(): Promise<void> {
		this.underWay.forEach(abort => { abort.abort(); });
		await Promise.allSettled(this.underWay.keys());
		await Promise.race([this.idle(), setTimeout(farewellMs)]);
	}

	/** Ends a running build, in the engine too. */
	cancel(id: string): void {
		this.live.get(id)?.abort.abort();
	}

	/** When what is done after builds, without anybody waiting for it, is done. */
	async idle(): Promise<void> {
		while (this.afterwards.size > 0) {
			await Promise.all(this.afterwards);
		}
	}

	dispose(): void {
		this.underWay.forEach(abort => { abort.abort(); });
		this._onDidChange.dispose();
		this._onDidReceive.dispose();
	}

	private async run(engine: Engine, info: EngineInfo, options: BuildOptions, abort: AbortController, signal: AbortSignal, text: string | undefined): Promise<Build> {
		const job = await this.prepare(engine, info, options, signal, text);
		let explaining: Promise<Explain | undefined> | undefined;
		const buildOf = (run: BuildRun, record?: BuildRecord): Build =>
			({ id: job.id, engineId: info.id, options, context: job.context, resolved: job.resolved, run, record });
		try {
			const outcome = await runBuild(job, {
				changed: run => {
					const build = buildOf(run);
					this.live.set(job.id, { build, abort });
					explaining ??= this.explain(build, signal);
					this._onDidChange.fire(build);
				},
				received: event => { this._onDidReceive.fire({ id: job.id, event }); },
			}, signal);
			const record = await this.recordOf(job, info, outcome, await explaining);
			const build = buildOf(outcome.run, record);
			this.live.delete(job.id);
			this._onDidChange.fire(build);
			this.afterwardsDo(async () => {
				const complete = await this.tidy(job, info, outcome, record);
				if (complete !== record && await this.settings.records.update(complete)) {
					this._onDidChange.fire({ ...build, record: complete });
				}
			});
			return build;
		} finally {
			this.live.delete(job.id);
		}
	}

	private async prepare(engine: Engine, info: EngineInfo, options: BuildOptions, signal: AbortSignal, text: string | undefined): Promise<BuildJob> {
		const startedAt = Date.now();
		const builder = chooseBuilder(options.builder, info);
		if (builder === 'buildkit' && !info.hasBuildKit) {
			throw new EngineError('unsupported', 'BuildKit', 'buildkit');
		}
		const context = await readBuildContext(options.contextPath, options.dockerfilePath, text);
		const resolved = await resolveForBuild(engine, info, builder, options, context.dockerfile, signal);
		const credentials = await this.settings.credentials(imagesOf(resolved));
		const lent = builder === 'buildkit' ? await lendToRun(resolved, options, this.settings.machine) : undefined;
		return { id: randomUUID(), engine, kind: info.kind, builder, options, context, resolved, credentials, lent, startedAt };
	}

	private async explain(build: Build, signal: AbortSignal): Promise<Explain | undefined> {
		try {
			return await this.settings.explain?.(build, signal);
		} catch (error) {
			this.warn(error);
			return undefined;
		}
	}

	private async recordOf(job: BuildJob, info: EngineInfo, outcome: BuildOutcome, explain: Explain | undefined): Promise<BuildRecord> {
		const { run, tails } = outcome;
		const image = await this.orElse<BuiltImage | undefined>(undefined, async () =>
			run.imageId === undefined ? undefined : readBuiltImage(job.engine, job.resolved, run.imageId, job.builder === 'classic' && Object.keys(job.options.labels).length > 0));
		const record = makeRecord({
			run, resolved: job.resolved, engineId: info.id, options: job.options, context: outcome.context, image,
			buildArgs: redactArguments(job.options.buildArgs, await this.settings.secretKey()),
			logTails: failedTails(run, tails),
			insights: await this.orElse([], async () => await explain?.(run) ?? []),
		});
		await this.orElse(undefined, () => this.settings.records.put(record));
		return record;
	}

	/**
	 * What nobody waits for: sizes of layers that are in no image, and the removal of what the upload left in the engine.
	 * Gives the record with all that is known then.
	 */
	private async tidy(job: BuildJob, info: EngineInfo, outcome: BuildOutcome, record: BuildRecord): Promise<BuildRecord> {
		const { engine, resolved, builder } = job;
		const known = new Map<number, BuiltLayer>();
		if (builder === 'classic') {
			const final = new Map(record.instructions.flatMap(({ size, diffId }, at) => size === undefined ? [] : [[at, { size, diffId }] as const]));
			(await stepLayers(engine, resolved, outcome.run, final)).forEach((layer, at) => known.set(at, layer));
		} else {
			const at = Date.now();
			const records = await this.settings.uploads.remove(engine, info, job.id, traceUpload(outcome.fold.vertices.values(), outcome.context, { start: outcome.run.startedAt, end: outcome.run.finishedAt }));
			await this.settings.cacheRead?.(info, records, at);
			const names = new Map([...outcome.fold.vertices.values()].map(({ digest, name }) => [digest, name]));
			stageSizes(resolved, outcome.run, names, records, info.imageStore === 'containerd').forEach((size, at) => known.set(at, { size, diffId: undefined }));
		}
		return withLayers(record, known, await this.previousOf(record));
	}

	private async previousOf(record: BuildRecord): Promise<BuildRecord | undefined> {
		return (await this.settings.records.list(keyOf(record))).find(({ id, state }) => id !== record.id && state === 'succeeded');
	}

	private afterwardsDo(work: () => Promise<void>): void {
		const done: Promise<void> = this.orElse(undefined, work).finally(() => { this.afterwards.delete(done); });
		this.afterwards.add(done);
	}

	/** What a build is worth without: its failure goes to the log. */
	private async orElse<T>(otherwise: T, work: () => Promise<T>): Promise<T> {
		try {
			return await work();
		} catch (error) {
			this.warn(error);
			return otherwise;
		}
	}

	private warn(error: unknown): void {
		this.settings.log(error instanceof Error ? error.message : String(error));
	}
}

export type Explain = (run: BuildRun) => Promise<readonly BuildInsight[]>;
