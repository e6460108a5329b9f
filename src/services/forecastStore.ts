import { relative, sep } from 'node:path';
import { inSlices, workUntil, type Slices } from '../core/base/slices';
import { Emitter, type Disposable, type Event } from '../core/base/event';
import { alignInstructions } from '../core/alignInstructions';
import { chooseBuilder, type BuildOptions } from '../core/build/buildOptions';
import type { Forecast } from '../core/cache/reason';
import { cacheRulesOf } from '../core/cache/rules';
import type { Dockerfile } from '../core/dockerfile/model';
import { readBuildContext } from './buildContext';
import { readBases } from './cacheAdvisor';
import { readCacheHistory } from './cacheHistory';
import type { AskedImages } from './cacheLoss';
import type { CacheServices } from './cacheServices';
import { changesCache } from './changesCache';
import type { WhileHashing } from './contentHashes';
import { hashFor, takeSnapshot, type InputsOfText } from './contextSnapshot';
import type { EngineConnection } from './engineConnection';
import { foretelling, foretellingText, readingText, type Foretold, type PreparedForecast } from './preparedForecast';
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

/** The last forecast that was computed. */
interface Computed {
	/** Undefined: something it was made of is not so any more. */
	readonly of: PreparedForecast | undefined;
	readonly dockerfile: Dockerfile;
	readonly lines: readonly (Forecast | undefined)[];
}

interface Unfinished {
	readonly of: PreparedForecast;
	readonly dockerfile: Dockerfile;
	readonly work: Slices<Foretold>;
	readonly abort: AbortController;
}

interface Followed {
	/** The text as it was asked for last. */
	dockerfile: Dockerfile | undefined;
	prepared: PreparedForecast | undefined;
	computed: Computed | undefined;
	/** What was begun at a key press and is finished once the typing pauses; a key press before that begins nothing new. */
	unfinished: Unfinished | undefined;
	timer: NodeJS.Timeout | undefined;
	/** Until the typing pauses. */
	pause: NodeJS.Timeout | undefined;
	/** Whether everything is to be read anew, or only what is lacking. */
	isStale: boolean;
	work: AbortController | undefined;
}

/** How long changes are gathered before anything is read, milliseconds. */
const gatherMs = 300;

/** A pause in typing, milliseconds, after which a longer computation is finished, in slices. */
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
					followed.computed = undefined;
					this._onDidChange.fire(dockerfilePath);
				}
				all();
			}),
			sources.connection.onDidChange(({ kind }) => { if (kind === 'ready') { all(); } }),
			sources.connection.onEvent(event => {
				for (const [path, followed] of this.followed) {
					if (changesCache(event, 'buildkit')) {
						followed.isStale = true;
						this.schedule(path, followed);
					} else if (followed.prepared?.builder === 'classic' && changesCache(event, 'classic')) {
						// Files and records are what they were; images are looked for anew.
						this.schedule(path, followed);
					}
				}
			}),
			sources.cache.loss.onDidChange(() => {
				this.followed.forEach((followed, path) => {
					outdate(followed);
					this._onDidChange.fire(path);
				});
			}),
		];
	}

	/**
	 * From memory; undefined until enough is read, and then `onDidChange` tells. `until`: a moment of `performance.now()`; where
	 * there is no time for all of it, what held before the edit holds, and `onDidChange` tells once the typing pauses.
	 */
	forecast(path: string, dockerfile: Dockerfile, until: number): TextForecast | undefined {
		if (!this.sources.isWanted()) {
			return undefined;
		}
		let followed = this.followed.get(path);
		if (followed === undefined) {
			followed = { dockerfile, prepared: undefined, computed: undefined, unfinished: undefined, timer: undefined, pause: undefined, isStale: true, work: undefined };
			this.followed.set(path, followed);
			this.schedule(path, followed);
		}
		followed.dockerfile = dockerfile;
		const { prepared } = followed;
		if (prepared === undefined) {
			return undefined;
		}
		return { lines: this.linesNow(path, followed, prepared, dockerfile, until), durations: prepared.history.durations };
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

	/** Somebody built or pruned without Strata, and perhaps without a word of the engine about it. */
	changedElsewhere(): void {
		new Set([...this.followed.values()].flatMap(({ prepared }) => prepared?.ready.info.id ?? [])).forEach(id => { this.sources.cache.loss.outdated(id); });
		this.refresh();
	}

	/** Nobody looks at this Dockerfile any more. */
	forget(path: string): void {
		const followed = this.followed.get(path);
		clearTimeout(followed?.timer);
		followed?.work?.abort();
		if (followed !== undefined) {
			drop(followed);
		}
		this.followed.delete(path);
	}

	dispose(): void {
		[...this.followed.keys()].forEach(path => { this.forget(path); });
		this.subscriptions.forEach(subscription => { subscription.dispose(); });
		this._onDidChange.dispose();
	}

	/** The forecast of this text as far as there is time for it at a key press. */
	private linesNow(path: string, followed: Followed, prepared: PreparedForecast, dockerfile: Dockerfile, until: number): readonly (Forecast | undefined)[] {
		const { computed, unfinished } = followed;
		if (computed?.of === prepared && computed.dockerfile.text === dockerfile.text) {
			return computed.lines;
		}
		const isLate = unfinished?.of === prepared;
		if (!isLate || unfinished.dockerfile.text !== dockerfile.text) {
			const work = this.foretell(path, prepared, dockerfile);
			const done = isLate ? undefined : workUntil(work, until);
			if (done !== undefined) {
				this.computed(path, followed, prepared, dockerfile, done.result);
				return done.result.lines;
			}
			unfinished?.abort.abort();
			this.postpone(path, followed, { of: prepared, dockerfile, work, abort: new AbortController() });
		}
		// What held before the edit holds until the typing pauses.
		return computed === undefined ? dockerfile.instructions.map(() => undefined)
			: alignInstructions(computed.dockerfile, dockerfile).instructions.map(({ before, same }) => same && before !== undefined ? computed.lines[before] : undefined);
	}

	private foretell(path: string, prepared: PreparedForecast, dockerfile: Dockerfile): Slices<Foretold> {
		return foretellingText(prepared, dockerfile, this.sources.nextBuild(path, dockerfile), this.sources.cache.loss);
	}

	private computed(path: string, followed: Followed, prepared: PreparedForecast, dockerfile: Dockerfile, { lines, lacks }: Foretold): void {
		drop(followed);
		followed.computed = { of: prepared, dockerfile, lines };
		if (lacks) {
			this.schedule(path, followed);
		}
	}

	/** Finishes what a key press had no time for. */
	private postpone(path: string, followed: Followed, unfinished: Unfinished): void {
		const { of, dockerfile, work, abort: { signal } } = unfinished;
		followed.unfinished = unfinished;
		clearTimeout(followed.pause);
		followed.pause = setTimeout(() => {
			inSlices(work, signal).then(done => {
				this.computed(path, followed, of, dockerfile, done);
				this._onDidChange.fire(path);
			}).catch((error: unknown) => { this.failed(path, error, signal); });
		}, pauseMs);
	}

	private failed(path: string, error: unknown, signal: AbortSignal): void {
		if (!signal.aborted) {
			this.sources.log(`No forecast for ${path}: ${error instanceof Error ? error.message : String(error)}`);
		}
	}

	/** Reads what is lacking after a pause; the pause begins anew with every change. */
	private schedule(path: string, followed: Followed): void {
		clearTimeout(followed.timer);
		followed.timer = setTimeout(() => {
			followed.work?.abort();
			const work = new AbortController();
			followed.work = work;
			this.prepare(path, followed, work.signal).catch((error: unknown) => { this.failed(path, error, work.signal); });
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
			const { prepared } = followed;
			const now = await this.complete(path, prepared, dockerfile, signal);
			this.computed(path, followed, prepared, dockerfile, await inSlices(foretelling(prepared, now, this.sources.cache.loss), signal));
		}
		this._onDidChange.fire(path);
	}

	private async open(path: string, dockerfile: Dockerfile, before: PreparedForecast | undefined, signal: AbortSignal): Promise<PreparedForecast | undefined> {
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
			builder === 'buildkit' ? cache.loss.survey(ready.info, ready.engine) : undefined,
		]);
		return { ready, builder, rules, context, history, secretKey, snapshot, resolved: before?.resolved, bases: {}, looked: new Set(), tried: new Set(), manifests: before?.manifests ?? new Map() };
	}

	/** Reads bases, contents and lists of files that the text names and nobody has read yet; gives what it then depends on. */
	private async complete(path: string, prepared: PreparedForecast, dockerfile: Dockerfile, signal: AbortSignal): Promise<InputsOfText> {
		const { cache: { advisor, hashes, loss }, whileHashing = silently } = this.sources;
		const { ready: { engine, info }, builder, context, looked, tried, manifests } = prepared;
		const read = (): Promise<InputsOfText> => inSlices(readingText(prepared, dockerfile, this.sources.nextBuild(path, dockerfile)), signal);
		let now = await read();
		const images = imagesOf(now.resolved);
		if (images.some(image => !looked.has(image))) {
			const bases = await readBases(engine, now.resolved, signal);
			images.forEach(image => looked.add(image));
			prepared.bases = { ...prepared.bases, ...bases };
			now = await read();
		}
		const { inputs } = now;
		if (inputs.unhashed.length > 0) {
			inputs.unhashed.forEach(file => tried.add(file));
			prepared.snapshot = await whileHashing(context.contextPath, report => hashFor(inputs, prepared.snapshot, hashes, signal, report));
			now = await read();
		}
		const foretell = (asked?: AskedImages): Promise<Foretold> => inSlices(foretelling(prepared, now, loss, asked), signal);
		const { unread } = await foretell();
		await Promise.all([...unread].map(async id => { manifests.set(id, (await advisor.manifestsOf(info.id).get(id))?.entries); }));
		if (builder === 'classic') {
			await loss.lookForImages(info.id, engine, async asked => { await foretell(asked); });
		}
		return now;
	}
}

const silently: WhileHashing = (_, work) => work(() => undefined);

/** What was begun is not wanted any more. */
function drop(followed: Followed): void {
	clearTimeout(followed.pause);
	followed.unfinished?.abort.abort();
	followed.unfinished = undefined;
}

/** Something is not so any more that the forecast was made of: until it is made anew it holds where nobody edits. */
function outdate(followed: Followed): void {
	drop(followed);
	followed.computed &&= { ...followed.computed, of: undefined };
}
