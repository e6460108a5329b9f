import { Emitter, type Disposable, type Event } from '../core/base/event';
import { CacheSurvey } from '../core/cache/cacheSurvey';
import type { ForecastRequest } from '../core/cache/forecast';
import { imagesElsewhere, shortId, type StepImage } from '../core/cache/imagesElsewhere';
import { keepsCacheOnPrune } from '../core/cache/keepsCacheOnPrune';
import type { CacheKnowledge } from '../core/cache/knowledge';
import type { Builder, CacheRecord, Engine, EngineEvent, EngineInfo, ImageSummary } from '../core/engine/engine';
import { isEngineError } from '../core/engine/engineError';
import type { CacheListings } from './cacheListings';
import { changesCache } from './changesCache';
import { readCacheRecords } from './readCacheRecords';

/** What has to be known of an engine to follow its cache. */
export type CachedEngine = Pick<EngineInfo, 'id' | 'imageStore'>;

/** What an engine's cache has lost since it was filled, and got from others, as far as the engine told. */
interface Told {
	survey: CacheSurvey | undefined;
	/** When its records were asked for, and when the engine last told of a change; milliseconds since the epoch. */
	surveyedAt: number;
	changedAt: number;
	/** When something was last taken out of its build cache, at the latest. */
	prunedAt: number;
	/** Under way, or done: records are read once for each engine and after each change. */
	reading: Promise<void> | undefined;
	/** The classic builder's images, each looked for once until images are deleted. */
	readonly images: Map<string, boolean>;
	/** All images, until one comes or goes. */
	all: Promise<readonly ImageSummary[]> | undefined;
	/** What the classic builder has made upon an image, by its short id; read from `all`. */
	readonly above: Map<string, readonly StepImage[]>;
	/** By image id; an image's history never changes. */
	readonly createdBy: Map<string, string>;
}

/** Images that a forecast wants to know about: results of the classic builder, and those upon which others may have built. */
export interface AskedImages {
	readonly results: Set<string>;
	readonly parents: Set<string>;
}

export function noImages(): AskedImages {
	return { results: new Set(), parents: new Set() };
}

/** Of the images built upon one, the newest that are looked at: the builder itself takes the newest that fits. */
const mostChildren = 64;

/**
 * Follows what is pruned, so that no hit is promised of what is gone, and what others built, so that no rebuild is of
 * what is there. Asks the engine when told to, never by itself.
 */
export class CacheLoss implements Disposable {
	private readonly _onDidChange = new Emitter<string>();
	/** Engine id. */
	readonly onDidChange: Event<string> = this._onDidChange.event;
	private readonly engines = new Map<string, Told>();

	/** `listings`: without them, only those prunes count that the engine tells of. */
	constructor(private readonly log: (message: string) => void, private readonly listings?: CacheListings) {}

	/**
	 * What a forecast asks, for steps in the order of a Dockerfile. What is not known to be gone counts as there.
	 * `before`: since then the build that is foretold is under way, and makes images itself.
	 */
	told({ id: engineId, imageStore }: CachedEngine, builder: Builder, knowledge: CacheKnowledge, asked = noImages(), before = Number.POSITIVE_INFINITY): Pick<ForecastRequest, 'isLost' | 'elsewhere' | 'isHeld'> {
		const told = this.of(engineId);
		return builder === 'classic' ? {
			isLost: ({ result }) => {
				asked.results.add(result);
				return told.images.get(result) === false;
			},
			elsewhere: (inputs, parent) => {
				const id = imageOf(parent);
				if (id === undefined) {
					return [];
				}
				asked.parents.add(id);
				return imagesElsewhere({ inputs, step: inputs.step }, (told.above.get(id) ?? []).filter(({ createdAt }) => createdAt < before), knowledge);
			},
			isHeld: () => false,
		} : {
			isLost: step => {
				const lost = told.survey === undefined ? false : told.survey.isLost(step, knowledge);
				// There a prune costs steps whose records stay.
				return lost === false && !keepsCacheOnPrune({ imageStore }) && step.seenAt < told.prunedAt ? undefined : lost;
			},
			elsewhere: (inputs, parent) => told.survey?.elsewhere({ inputs, step: inputs.step }, parent, knowledge, { before, countsFiles: imageStore === 'overlay2' }) ?? [],
			isHeld: result => told.survey?.isHeld(result) === true,
		};
	}

	/** Reads what the engine's build cache holds, unless that is known since it last changed. */
	async survey(info: CachedEngine, engine: Engine): Promise<void> {
		const told = this.of(info.id);
		const at = Date.now();
		told.reading ??= readCacheRecords(engine).then(records => this.surveyed(info, records, at), (error: unknown) => {
			told.reading = undefined;
			this.log(`The build cache cannot be read: ${error instanceof Error ? error.message : String(error)}`);
		});
		await told.reading;
	}

	/** Somebody read the engine's build cache records; `at`: when they were asked for. */
	async surveyed(info: CachedEngine, records: readonly CacheRecord[], at: number): Promise<void> {
		const told = this.of(info.id);
		if (!keepsCacheOnPrune(info)) {
			const prunedAt = await this.listings?.compare(info.id, records, at) ?? 0;
			told.prunedAt = Math.max(told.prunedAt, prunedAt);
		}
		if (at < told.surveyedAt) {
			return;
		}
		told.survey = new CacheSurvey(records, at);
		told.surveyedAt = at;
		if (at > told.changedAt) {
			// Else they may have been counted before the change.
			told.reading ??= Promise.resolve();
		}
		this._onDidChange.fire(info.id);
	}

	/**
	 * Looks for the images that a forecast by the classic builder's rules asks about, until it asks about none that are
	 * not known.
	 */
	async lookForImages(engineId: string, engine: Engine, foretell: (asked: AskedImages) => Promise<void>): Promise<void> {
		const told = this.of(engineId);
		for (let isNews = true; isNews;) {
			const asked = noImages();
			await foretell(asked);
			const [results, parents] = await Promise.all([this.lookForResults(told, engine, asked.results), this.lookForChildren(told, engine, asked.parents)]);
			isNews = results || parents;
			if (isNews) {
				this._onDidChange.fire(engineId);
			}
		}
	}

	/** The engine tells what happens to it. */
	tell(engineId: string, event: EngineEvent): void {
		const told = this.of(engineId);
		if (!changesCache(event, 'buildkit')) {
			if (changesCache(event, 'classic')) {
				forgetImages(told);
			}
			return;
		}
		this.outdated(engineId);
		if (event.action === 'prune') {
			told.prunedAt = told.changedAt;
		}
		if (event.type === 'image' && event.action === 'delete') {
			// Its parents may have gone with it: each is looked for again.
			told.images.clear();
		}
		if (event.action === 'delete' || event.action === 'prune') {
			this._onDidChange.fire(engineId);
		}
	}

	/** What the engine holds is to be read anew when it is next asked for. */
	outdated(engineId: string): void {
		const told = this.of(engineId);
		told.changedAt = Date.now();
		told.reading = undefined;
		forgetImages(told);
	}

	dispose(): void {
		this._onDidChange.dispose();
	}

	/** True where one turned out to be gone. */
	private async lookForResults({ images }: Told, engine: Engine, ids: ReadonlySet<string>): Promise<boolean> {
		const unknown = [...ids].filter(id => imageOf(id) !== undefined && !images.has(id));
		const found = await Promise.all(unknown.map(async id => {
			const isThere = await engine.image(id).then(() => true, (error: unknown) => isEngineError(error) && error.reason === 'notFound' ? false : undefined);
			if (isThere !== undefined) {
				images.set(id, isThere);
			}
			return isThere;
		}));
		return found.includes(false);
	}

	/** True where something turned out to be built upon one of them. */
	private async lookForChildren(told: Told, engine: Engine, parents: ReadonlySet<string>): Promise<boolean> {
		const unknown = [...parents].filter(id => !told.above.has(id));
		if (unknown.length === 0) {
			return false;
		}
		told.all ??= engine.allImages();
		const all = await told.all.catch((error: unknown) => {
			told.all = undefined;
			this.log(`The images cannot be read: ${error instanceof Error ? error.message : String(error)}`);
			return [];
		});
		const found = await Promise.all(unknown.map(async parent => {
			const children = all.filter(({ parentId }) => parentId !== undefined && shortId(parentId) === parent)
				.sort((one, other) => other.createdAt - one.createdAt).slice(0, mostChildren);
			const above = await Promise.all(children.map(async ({ id, createdAt }): Promise<readonly StepImage[]> => {
				const createdBy = told.createdBy.get(id) ?? await engine.history(id).then(([top]) => top?.createdBy, () => undefined);
				if (createdBy === undefined) {
					return [];
				}
				told.createdBy.set(id, createdBy);
				// The list tells whole seconds: too little for what a build under way may have made.
				const exact = Date.now() - createdAt > 60_000 ? undefined : await engine.image(id).then(image => image.createdAt, () => undefined);
				return [{ id, createdBy, createdAt: exact ?? createdAt }];
			}));
			told.above.set(parent, above.flat());
			return above.length > 0;
		}));
		return found.includes(true);
	}

	private of(engineId: string): Told {
		let told = this.engines.get(engineId);
		if (told === undefined) {
			told = { survey: undefined, surveyedAt: 0, changedAt: 0, prunedAt: 0, reading: undefined, images: new Map(), all: undefined, above: new Map(), createdBy: new Map() };
			this.engines.set(engineId, told);
		}
		return told;
	}
}

function forgetImages(told: Told): void {
	told.all = undefined;
	told.above.clear();
}

/** The short id of the image that a result of the classic builder is; undefined where it is none: the builder tells short ids. */
function imageOf(result: string): string | undefined {
	const id = result.replace(/^base /, '');
	return /^(?:sha256:)?[0-9a-f]{12,64}$/.test(id) ? shortId(id) : undefined;
}
