import { writeSync } from 'node:fs';
import { join } from 'node:path';
import type { BuildRecord } from '../../src/core/build/record';
import { BaselineStore } from '../../src/services/baselineStore';
import { BuildOptionsStore } from '../../src/services/buildOptionsStore';
import { ForecastScores, type ScoredBuild } from '../../src/services/forecastScores';
import { installationKey } from '../../src/services/installationKey';
import { RecordStore } from '../../src/services/recordStore';

/**
 * A window that writes to every store as fast as it can, until it is killed: run as a program with a folder and a name.
 * Says on standard output what is written, once it is.
 */
export async function writeStores(folder: string, writer: string): Promise<never> {
	const stores = openStores(folder);
	const say = (kind: string, what: string): void => { writeSync(1, `${kind} ${what}\n`); };
	say('key', await stores.key());
	for (let at = 0; ; at++) {
		const id = `${writer}-${String(at)}`;
		await Promise.all([
			(async () => {
				await stores.records.put(recordOf(id, at));
				say('record', id);
				// A build's record is written again once it has learnt more.
				await stores.records.put({ ...recordOf(id, at), imageId: 'learnt' });
				say('learnt', id);
			})(),
			stores.scores.add(scoreOf(id)).then(() => { say('score', id); }),
			stores.options.change('/Dockerfile', writer.endsWith('a') ? { tags: [id] } : { target: id }).then(() => { say(writer.endsWith('a') ? 'tags' : 'target', id); }),
			stores.baselines.pin(recordOf(id, at)).then(() => { say('pin', id); }),
		]);
	}
}

export interface Stores {
	readonly records: RecordStore;
	readonly scores: ForecastScores;
	readonly options: BuildOptionsStore;
	readonly baselines: BaselineStore;
	readonly key: () => Promise<string>;
}

export function openStores(folder: string, log: (message: string) => void = () => undefined): Stores {
	return {
		records: new RecordStore({ folder: join(folder, 'records'), mostKept: 100_000, log }),
		scores: new ForecastScores(join(folder, 'scores')),
		options: new BuildOptionsStore(join(folder, 'options'), () => false),
		baselines: new BaselineStore(join(folder, 'baselines')),
		key: installationKey(join(folder, 'key')),
	};
}

/** Long enough that a write takes a while. */
const text = `FROM base\n${'# a line that says nothing at all\n'.repeat(2000)}`;

export function recordOf(id: string, startedAt: number): BuildRecord {
	return {
		version: 2, id, engineId: 'e', builder: 'buildkit', dockerfilePath: '/Dockerfile', contextPath: '/', state: 'succeeded', startedAt, durationMs: 1,
		options: { target: undefined, tags: [], buildArgs: {}, noCache: false, platform: undefined, network: undefined },
		contextBytes: 0, contextFiles: 0, imageId: undefined, image: undefined, error: undefined, warnings: [], text, instructions: [],
	};
}

function scoreOf(recordId: string): ScoredBuild {
	return { recordId, dockerfilePath: '/Dockerfile', builder: 'buildkit', at: 0, score: { steps: 1, right: 1, wrongHits: [], wrongMisses: [], depends: 0, unknown: 0 } };
}
