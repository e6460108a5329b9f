import { join } from 'node:path';
import type { Disposable } from '../core/base/event';
import type { Engine, EngineInfo } from '../core/engine/engine';
import type { BuildRunnerSettings } from './buildRunner';
import { CacheAdvisor } from './cacheAdvisor';
import { CacheListings } from './cacheListings';
import { CacheLoss } from './cacheLoss';
import { ContentHashes } from './contentHashes';
import { ForecastScores } from './forecastScores';
import type { RecordStore } from './recordStore';

/** What explains and foretells builds, the same in the editor and at the command line. */
export interface CacheServices extends Disposable {
	readonly advisor: CacheAdvisor;
	readonly hashes: ContentHashes;
	readonly loss: CacheLoss;
	readonly scores: ForecastScores;
	/** For the builds' runner: gives each instruction of a build its inputs and its reason, and keeps the forecast's score. */
	readonly explain: NonNullable<BuildRunnerSettings['explain']>;
}

export interface CacheServicesWorld {
	/** The folder that is ours to keep things in; made when first written to. */
	readonly storageFolder: string;
	readonly records: RecordStore;
	/** Of this installation; secret values are hashed with it. */
	readonly secretKey: () => Promise<string | Uint8Array>;
	/** The engine in use, which builds are asked of. */
	readonly engine: () => Promise<{ readonly engine: Engine; readonly info: EngineInfo }>;
	readonly log: (message: string) => void;
}

export function createCacheServices({ storageFolder, records, secretKey, engine: current, log }: CacheServicesWorld): CacheServices {
	const hashes = new ContentHashes({ storageFolder: join(storageFolder, 'hashes'), log });
	const loss = new CacheLoss(log, new CacheListings(join(storageFolder, 'listings'), log));
	const scores = new ForecastScores(join(storageFolder, 'forecasts'));
	const advisor = new CacheAdvisor({ records, hashes, loss, scores, secretKey, log, manifestsFolder: join(storageFolder, 'manifests') });
	return {
		advisor, hashes, loss, scores,
		explain: async ({ engineId, run: { builder, startedAt }, context, options }, signal) => {
			const { engine, info } = await current();
			const advice = info.id === engineId ? await advisor.advise({ engine, info, builder, context, options, startedAt }, signal) : undefined;
			return async run => await advice?.conclude(run) ?? [];
		},
		dispose: () => {
			loss.dispose();
			scores.dispose();
		},
	};
}
