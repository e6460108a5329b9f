import { join } from 'node:path';
import type { Disposable } from '../core/base/event';
import { credentialsFor } from '../core/engine/credentials';
import { parseReference } from '../core/image/reference';
import { BaselineStore } from './baselineStore';
import { BuildRunner, type BuildRunnerSettings } from './buildRunner';
import { createCacheServices, type CacheServices } from './cacheServices';
import type { EngineConnection } from './engineConnection';
import { installationKey } from './installationKey';
import { PastBuilds } from './pastBuilds';
import { PendingUploads } from './pendingUploads';
import { RecordStore } from './recordStore';
import { StageMeasurer } from './stageMeasurer';
import { TemporaryImages } from './temporaryImages';
import { thisMachine } from './thisMachine';

/** What runs builds, explains and remembers them, the same in the editor and at the command line. */
export interface BuildServices extends Disposable {
	readonly records: RecordStore;
	readonly baselines: BaselineStore;
	readonly past: PastBuilds;
	readonly cache: CacheServices;
	readonly runner: BuildRunner;
	readonly measurer: StageMeasurer;
	/** Runs builds that are none of a Dockerfile's own: nothing remembers them. */
	readonly unrecorded: BuildRunner;
	readonly temporary: TemporaryImages;
	/** Of this installation; secret values are hashed with it. */
	readonly secretKey: () => Promise<string>;
	/** Cancels the builds that run, and resolves when they are written down and the temporary images removed. */
	end(): Promise<void>;
}

export interface BuildServicesWorld {
	readonly connection: EngineConnection;
	/** The folder that is ours to keep things in; made when first written to. */
	readonly storageFolder: string;
	/** Records kept of each Dockerfile and target. */
	readonly mostRecords: number;
	readonly log: (message: string) => void;
}

export function createBuildServices({ connection, storageFolder, mostRecords, log }: BuildServicesWorld): BuildServices {
	const records = new RecordStore({ folder: join(storageFolder, 'records'), mostKept: mostRecords, log });
	const baselines = new BaselineStore(join(storageFolder, 'baselines'));
	const secretKey = installationKey(join(storageFolder, 'key'));
	const cache = createCacheServices({ storageFolder, records, secretKey, engine: () => connection.get(), log });
	const following = connection.onEvent(event => {
		if (connection.state.kind === 'ready') {
			cache.loss.tell(connection.state.info.id, event);
		}
	});
	const uploads = new PendingUploads(join(storageFolder, 'uploads'));
	const temporary = new TemporaryImages(join(storageFolder, 'temporary'));
	const resuming = connection.onDidChange(state => {
		if (state.kind === 'ready') {
			// Of what happened before, it tells nothing.
			cache.loss.outdated(state.info.id);
			for (const left of [uploads, temporary]) {
				left.resume(state.engine, state.info).catch((error: unknown) => { log(String(error)); });
			}
		}
	});
	const machine = thisMachine();
	const running = { records, uploads, secretKey, machine, credentials: (references: readonly string[]) => credentialsFor(registriesOf(references), machine), log };
	const cacheRead: BuildRunnerSettings['cacheRead'] = (info, records, at) => cache.loss.surveyed(info, records, at);
	const runner = new BuildRunner({ ...running, cacheRead, explain: cache.explain });
	const unrecorded = new BuildRunner({ ...running, records: { put: () => Promise.resolve(), update: () => Promise.resolve(true), list: () => Promise.resolve([]) } });
	const made = [runner, unrecorded, following, resuming, cache, baselines, records];
	return {
		records, baselines, past: new PastBuilds(records, baselines), cache, runner, measurer: new StageMeasurer(unrecorded, records, temporary), unrecorded, temporary, secretKey,
		async end() {
			await Promise.all([runner.end(), unrecorded.end()]);
			await temporary.end();
		},
		dispose: () => { made.forEach(one => { one.dispose(); }); },
	};
}

function registriesOf(references: readonly string[]): readonly string[] {
	return references.flatMap(reference => parseReference(reference)?.domain ?? []);
}
