import { relative, sep } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { Emitter, type Disposable, type Event } from '../core/base/event';
import { alignInstructions } from '../core/alignInstructions';
import { chooseBuilder, type BuildOptions } from '../core/build/buildOptions';
import type { Manifests } from '../core/cache/difference';
import { forecastBuild } from '../core/cache/forecast';
import type { ManifestEntry } from '../core/cache/manifest';
import type { Forecast } from '../core/cache/reason';
import { cacheRulesOf, type CacheRules } from '../core/cache/rules';
import type { BaseImage } from '../core/cache/stepRequest';
import type { Dockerfile } from '../core/dockerfile/model';
import type { Builder } from '../core/engine/engine';
import { readBuildContext, type BuildContext } from './buildContext';
import { namedPaths, readBases } from './cacheAdvisor';
import { readCacheHistory, type CacheHistory } from './cacheHistory';
import type { AskedImages } from './cacheLoss';
import type { CacheServices } from './cacheServices';
import { changesCache } from './changesCache';
import type { WhileHashing } from './contentHashes';
import { hashFor, inputsOf, takeSnapshot, type ContextSnapshot, type InputsOfText } from './contextSnapshot';
import type { EngineConnection, ReadyConnection } from './engineConnection';
import type { RecordStore } from './recordStore';
import { imagesOf } from './resolveForBuild';

export interface ForecastSources {
	readonly connection: Pick<EngineConnection, 'get' | 'onDidChange' | 'onEvent'>;
	readonly records: RecordStore;
	readonly cache: CacheServices;
	readonly secretKey: () => Promise<string | Uint8Array>;
	/** The build that is foretold. */
	readonly nextBuild: (path: string, dockerfile: Dockerfile) => BuildOptions;
	readonly isWanted: () => boolean;
	/** Shows that the files of a build context are being read for the first time; without it nobody is told. */
	readonly whileHashing?: WhileHashing | undefined;
	readonly log: (message: string) => void;
}

/** What the next build of a text will do. */
export interface TextForecast {
	/** By instruction. */
	readonly lines: readonly (Forecast | undefined)[];
	/** How long each instruction's text took when it last ran, milliseconds. */
	readonly durations: ReadonlyMap<string, number>;
}

/** All that a forecast is made of, in memory: with it, a key press asks neither engine nor disk. */
interface Prepared {
	readonly ready: ReadyConnection;
	readonly builder: Builder;
	readonly rules: CacheRules;
	readonly context: BuildContext;
	readonly history: CacheHistory;
	readonly secretKey: string | Uint8Array;
	snapshot: ContextSnapshot;
	bases: Readonly<Record<string, BaseImage>>;
	/** Images that were looked for, whether the engine has them or not. */
	readonly looked: Set<string>;
	/** Files whose content was to be read; one that cannot be is not tried again until something changes. */
	readonly tried: Set<string>;
	/** Lists of files that comparisons asked for; undefined: not kept. */
	readonly manifests: Map<string, readonly ManifestEntry[] | undefined>;
}

/** The last forecast that was computed. */
interface Computed {
	readonly of: Prepared;
	readonly dockerfile: Dockerfile;
	readonly lines: readonly (Forecast | undefined)[];
	readonly tookMs: number;
}

interface Followed {
	/** The text as it was asked for last. */
	dockerfile: Dockerfile | undefined;
	prepared: Prepared | undefined;
	/** Undefined: to be computed anew. */
	computed: Computed | undefined;
	timer: NodeJS.Timeout | undefined;
	/** Until the typing pauses. */
	pause: NodeJS.Timeout | undefined;
	/** Whether everything is to be read anew, or only what is lacking. */
	isStale: boolean;
	work: AbortController | undefined;
}

/** How long changes are gathered before anything is read, milliseconds. */
const gatherMs = 300;

/** Longest computation that is done at every key press, milliseconds: with the facts of all lines it has to fit into a frame. */
const keyPressMs = 8;

/** A pause in typing, milliseconds, in which a longer computation is done. */
const pauseMs = 80;

/**
 * Forecasts for Dockerfiles that somebody looks at. Files, records and engine are read when a Dockerfile is first asked
 * for and when one of them changes; an edit of its text computes from memory, and only what the edit newly names (a base
 * image, a folder to copy) is read once the typing pauses.
 */
export class ForecastStore implements Disposable {
	private readonly _onDidChange = new Emitter<string>();
	/** The forecast of this Dockerfile is another than before. */
	readonly onDidChange: Event<string> = this._onDidChange.event;
	private readonly followed = new Map<string, Followed>();
	private readonly subscriptions: readonly Disposable[];

	constructor(private readonly sources: ForecastSources) {
		const all = (): void => { this.refresh(); };
		this.subscriptions = [
			sources.records.onDidChange(({ dockerfilePath }) => {
				const followed = this.followed.get(dockerfilePath);
				if (followed !== undefined) {
					// What was foretold has happened; nothing is said until the build's record is read.
					followed.work?.abort();
					followed.prepared = undefined;
					this._onDidChange.fire(dockerfilePath);
				}
				all();
			}),
			sources.connection.onDidChange(({ kind }) => { if (kind === 'ready') { all(); } }),
			sources.connection.onEvent(event => { if (changesCache(event)) { all(); } }),
			sources.cache.loss.onDidChange(() => {
				this.followed.forEach((followed, path) => {
					followed.computed = undefined;
					this._onDidChange.fire(path);
				});
			}),
		];
	}

	/** From memory; undefined until enough is read, and then `onDidChange` tells. */
	forecast(path: string, dockerfile: Dockerfile): TextForecast | undefined {
		if (!this.sources.isWanted()) {
			return undefined;
		}
		let followed = this.followed.get(path);
		if (followed === undefined) {
			followed = { dockerfile, prepared: undefined, computed: undefined, timer: undefined, pause: undefined, isStale: true, work: undefined };
			this.followed.set(path, followed);
			this.schedule(path, followed);
		}
		followed.dockerfile = dockerfile;
		const { prepared, computed } = followed;
		if (prepared === undefined) {
			return undefined;
		}
		const { durations } = prepared.history;
		if (computed !== undefined && computed.of === prepared && computed.tookMs > keyPressMs && computed.dockerfile.text !== dockerfile.text) {
			// Too much for a key press: what held before the edit holds until the typing pauses.
			this.postpone(path, followed, prepared);
			const aligned = alignInstructions(computed.dockerfile, dockerfile).instructions;
			return { lines: aligned.map(({ before, same }) => same && before !== undefined ? computed.lines[before] : undefined), durations };
		}
		return { lines: this.foretold(path, followed, prepared, dockerfile).lines, durations };
	}

	/** The folders whose files count. */
	contexts(): readonly string[] {
		return [...this.followed.values()].flatMap(({ prepared }) => prepared?.context.contextPath ?? []);
	}

	/** A file on disk is not what it was. */
	fileChanged(file: string): void {
		for (const [path, followed] of this.followed) {
			const context = followed.prepared?.context;
			const inside = context && relative(context.contextPath, file).split(sep).join('/');
			if (context === undefined || inside === undefined || inside.startsWith('..')) {
				continue;
			}
			if (file === context.ignorePath || file.endsWith('.dockerignore') || !context.ignore.ignores(inside)) {
				followed.isStale = true;
				this.schedule(path, followed);
			}
		}
	}

	/** Reads everything anew: settings or choices changed. */
	refresh(): void {
		for (const [path, followed] of this.followed) {
			followed.isStale = true;
			this.schedule(path, followed);
		}
	}

	/** Nobody looks at this Dockerfile any more. */
	forget(path: string): void {
		const followed = this.followed.get(path);
		clearTimeout(followed?.timer);
		clearTimeout(followed?.pause);
		followed?.work?.abort();
		this.followed.delete(path);
	}

	dispose(): void {
		[...this.followed.keys()].forEach(path => { this.forget(path); });
		this.subscriptions.forEach(subscription => { subscription.dispose(); });
		this._onDidChange.dispose();
	}

	/** The forecast of this text, computed unless it is the last one computed. */
	private foretold(path: string, followed: Followed, prepared: Prepared, dockerfile: Dockerfile): Computed {
		const known = followed.computed;
		if (known !== undefined && known.of === prepared && known.dockerfile.text === dockerfile.text) {
			return known;
		}
		const begin = performance.now();
		const { lines, lacks } = this.compute(path, prepared, dockerfile);
		if (lacks) {
			this.schedule(path, followed);
		}
		followed.computed = { of: prepared, dockerfile, lines, tookMs: performance.now() - begin };
		return followed.computed;
	}

	private compute(path: string, prepared: Prepared, dockerfile: Dockerfile): { readonly lines: readonly (Forecast | undefined)[]; readonly lacks: boolean } {
		const now = this.read(path, prepared, dockerfile);
		const asked = new Set<string>();
		const lines = this.foretell(prepared, now, id => {
			if (!prepared.manifests.has(id)) {
				asked.add(id);
			}
			return prepared.manifests.get(id);
		});
		return { lines, lacks: asked.size > 0 || now.inputs.unhashed.some(file => !prepared.tried.has(file)) || imagesOf(now.resolved).some(image => !prepared.looked.has(image)) };
	}

	private foretell({ ready, builder, history: { knowledge } }: Prepared, now: InputsOfText, manifests: Manifests, asked?: AskedImages): readonly (Forecast | undefined)[] {
		return forecastBuild({
			resolved: now.resolved, builder, noCache: false, inputs: now.inputs.instructions, knowledge, pathLimit: namedPaths,
			manifests: id => now.inputs.manifest(id)?.entries ?? manifests(id),
			...this.sources.cache.loss.told(ready.info, builder, knowledge, asked),
		});
	}

	private read(path: string, { snapshot, context, rules, ready, bases, secretKey }: Prepared, dockerfile: Dockerfile): InputsOfText {
		const bytes = dockerfile.text === context.dockerfile.text ? context.bytes : Buffer.from(dockerfile.text);
		return inputsOf({ snapshot, dockerfile, bytes, rules, info: ready.info, options: this.sources.nextBuild(path, dockerfile), bases, secretKey });
	}

	private postpone(path: string, followed: Followed, prepared: Prepared): void {
		clearTimeout(followed.pause);
		followed.pause = setTimeout(() => {
			const { dockerfile } = followed;
			if (dockerfile !== undefined && followed.prepared === prepared) {
				this.foretold(path, followed, prepared, dockerfile);
				this._onDidChange.fire(path);
			}
		}, pauseMs);
	}

	/** Reads what is lacking after a pause; the pause begins anew with every change. */
	private schedule(path: string, followed: Followed): void {
		clearTimeout(followed.timer);
		followed.timer = setTimeout(() => {
			followed.work?.abort();
			const work = new AbortController();
			followed.work = work;
			this.prepare(path, followed, work.signal).catch((error: unknown) => {
				if (!work.signal.aborted) {
					this.sources.log(`No forecast for ${path}: ${error instanceof Error ? error.message : String(error)}`);
				}
			});
		}, gatherMs);
	}

	private async prepare(path: string, followed: Followed, signal: AbortSignal): Promise<void> {
		const { dockerfile } = followed;
		if (dockerfile === undefined || !this.sources.isWanted()) {
			return;
		}
		if (followed.isStale || followed.prepared === undefined) {
			followed.prepared = await this.open(path, dockerfile, followed.prepared, signal);
			signal.throwIfAborted();
			followed.isStale = false;
		}
		if (followed.prepared !== undefined) {
			await this.complete(path, followed.prepared, dockerfile, signal);
			followed.computed = undefined;
			this.foretold(path, followed, followed.prepared, dockerfile);
		}
		this._onDidChange.fire(path);
	}

	private async open(path: string, dockerfile: Dockerfile, before: Prepared | undefined, signal: AbortSignal): Promise<Prepared | undefined> {
		const { connection, records, cache } = this.sources;
		const options = this.sources.nextBuild(path, dockerfile);
		const ready = await connection.get();
		const builder = chooseBuilder(options.builder, ready.info);
		const rules = cacheRulesOf(ready.info, builder);
		if (rules === undefined) {
			return undefined;
		}
		const context = await readBuildContext(options.contextPath, path);
		const [history, snapshot, secretKey] = await Promise.all([
			readCacheHistory(records, ready.info.id, rules, path),
			takeSnapshot(context, builder, options.ownFrontend, signal),
			this.sources.secretKey(),
			builder === 'buildkit' ? cache.loss.survey(ready.info.id, ready.engine) : undefined,
		]);
		return { ready, builder, rules, context, history, secretKey, snapshot, bases: {}, looked: new Set(), tried: new Set(), manifests: before?.manifests ?? new Map() };
	}

	/** Reads bases, contents and lists of files that the text names and nobody has read yet. */
	private async complete(path: string, prepared: Prepared, dockerfile: Dockerfile, signal: AbortSignal): Promise<void> {
		const { cache } = this.sources;
		const { ready: { engine, info }, builder, looked, manifests } = prepared;
		// In pieces: a key press may come in between.
		const read = async (): Promise<InputsOfText> => {
			await setImmediate();
			signal.throwIfAborted();
			return this.read(path, prepared, dockerfile);
		};
		let now = await read();
		const images = imagesOf(now.resolved);
		if (images.some(image => !looked.has(image))) {
			const bases = await readBases(engine, now.resolved, signal);
			images.forEach(image => looked.add(image));
			prepared.bases = { ...prepared.bases, ...bases };
			now = await read();
		}
		if (now.inputs.unhashed.length > 0) {
			now.inputs.unhashed.forEach(file => prepared.tried.add(file));
			const { inputs } = now;
			const { whileHashing = silently } = this.sources;
			prepared.snapshot = await whileHashing(prepared.context.contextPath, report => hashFor(inputs, prepared.snapshot, cache.hashes, signal, report));
			now = await read();
		}
		const lists = new Set<string>();
		await setImmediate();
		const foretell = (asked?: AskedImages): void => {
			this.foretell(prepared, now, id => {
				lists.add(id);
				return manifests.get(id);
			}, asked);
		};
		foretell();
		await Promise.all([...lists].map(async id => { manifests.set(id, (await cache.advisor.manifestsOf(info.id).get(id))?.entries); }));
		if (builder === 'classic') {
			await cache.loss.lookForImages(info.id, engine, foretell);
		}
	}
}

const silently: WhileHashing = (_, work) => work(() => undefined);
