import { Emitter, type Disposable, type Event } from '../core/base/event';
import { CacheSurvey } from '../core/cache/cacheSurvey';
import type { StoredStep } from '../core/cache/knowledge';
import type { CacheRecord, Engine, EngineEvent } from '../core/engine/engine';
import { isEngineError } from '../core/engine/engineError';

/** What an engine's cache has lost since it was filled, as far as the engine told. */
interface Losses {
	survey: CacheSurvey | undefined;
	/** Under way, or done: records are read once for each engine and after each prune. */
	reading: Promise<void> | undefined;
	/** The classic builder's images, each looked for once until images are deleted. */
	readonly images: Map<string, boolean>;
}

/** Follows what is pruned, so that no hit is promised of what is gone. Asks the engine when told to, never by itself. */
export class CacheLoss implements Disposable {
	private readonly _onDidChange = new Emitter<string>();
	/** Engine id. */
	readonly onDidChange: Event<string> = this._onDidChange.event;
	private readonly engines = new Map<string, Losses>();

	constructor(private readonly log: (message: string) => void) {}

	/** For steps in the order of a Dockerfile. What is not known to be gone counts as there. */
	isLost(engineId: string, builder: 'buildkit' | 'classic', step: StoredStep): boolean {
		const losses = this.of(engineId);
		if (builder === 'classic') {
			return losses.images.get(step.result) === false;
		}
		return losses.survey?.isLost(step) ?? false;
	}

	/** Reads what the engine's build cache holds, unless that is known since the last prune. */
	async survey(engineId: string, engine: Engine): Promise<void> {
		const losses = this.of(engineId);
		const at = Date.now();
		losses.reading ??= engine.cacheRecords().then(records => { this.surveyed(engineId, records, at); }, (error: unknown) => {
			losses.reading = undefined;
			this.log(`The build cache cannot be read: ${error instanceof Error ? error.message : String(error)}`);
		});
		await losses.reading;
	}

	/** Somebody read the engine's build cache records; `at`: when they were asked for. */
	surveyed(engineId: string, records: readonly CacheRecord[], at: number): void {
		const losses = this.of(engineId);
		losses.survey = new CacheSurvey(records, at);
		losses.reading ??= Promise.resolve();
		this._onDidChange.fire(engineId);
	}

	/** Looks for images that the classic builder would reuse; true where one turned out to be gone. */
	async lookForImages(engineId: string, engine: Engine, ids: readonly string[]): Promise<boolean> {
		const { images } = this.of(engineId);
		// The builder tells short ids.
		const unknown = [...new Set(ids)].filter(id => /^(?:sha256:)?[0-9a-f]{12,64}$/.test(id) && !images.has(id));
		const found = await Promise.all(unknown.map(async id => {
			const isThere = await engine.image(id).then(() => true, (error: unknown) => isEngineError(error) && error.reason === 'notFound' ? false : undefined);
			if (isThere !== undefined) {
				images.set(id, isThere);
			}
			return isThere;
		}));
		if (found.includes(false)) {
			this._onDidChange.fire(engineId);
			return true;
		}
		return false;
	}

	/** The engine tells what happens to it. */
	tell(engineId: string, event: EngineEvent): void {
		const losses = this.of(engineId);
		if (event.type === 'builder' && event.action === 'prune') {
			losses.reading = undefined;
			this._onDidChange.fire(engineId);
		} else if (event.type === 'image' && event.action === 'delete') {
			// Its parents may have gone with it: each is looked for again.
			losses.images.clear();
			this._onDidChange.fire(engineId);
		}
	}

	dispose(): void {
		this._onDidChange.dispose();
	}

	private of(engineId: string): Losses {
		let losses = this.engines.get(engineId);
		if (losses === undefined) {
			losses = { survey: undefined, reading: undefined, images: new Map() };
			this.engines.set(engineId, losses);
		}
		return losses;
	}
}
