import type { Event } from '../core/base/event';
import type { BuildRecord } from '../core/build/record';
import type { Dockerfile } from '../core/dockerfile/model';
import { parseDockerfile } from '../core/dockerfile/parse';
import { lineHistories, type ComparedBuild, type LineHistory } from '../core/lineHistory';
import type { BaselineStore } from './baselineStore';
import { keyOf, type RecordStore } from './recordStore';

/** Lays a recorded build beside the earlier ones of its Dockerfile and target, and beside the pinned one. */
export class PastBuilds {
	/** Another build of this Dockerfile is pinned than before; undefined: of any. */
	readonly onDidChange: Event<string | undefined>;

	constructor(private readonly records: Pick<RecordStore, 'list'>, private readonly baselines: BaselineStore) {
		this.onDidChange = baselines.onDidChange;
	}

	/** By instruction of the record's text, which `dockerfile` is. */
	async historiesOf(record: BuildRecord, dockerfile: Dockerfile): Promise<readonly LineHistory[]> {
		const [earlier, pinned] = await Promise.all([
			this.records.list(keyOf(record)),
			this.baselines.get({ dockerfilePath: record.dockerfilePath, target: record.options.target }),
		]);
		// Most builds are of the same text.
		const read = new Map([[dockerfile.text, dockerfile]]);
		const withText = (one: BuildRecord): ComparedBuild => {
			const known = read.get(one.text) ?? parseDockerfile(one.text);
			read.set(one.text, known);
			return { record: one, dockerfile: known };
		};
		return lineHistories({ record, dockerfile }, earlier.map(withText), pinned && withText(pinned));
	}
}
