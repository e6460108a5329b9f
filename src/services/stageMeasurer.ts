import { readFile } from 'node:fs/promises';
import type { BuildOptions } from '../core/build/buildOptions';
import { measuredSizes } from '../core/build/measuredSizes';
import type { BuildFailure } from '../core/build/run';
import type { Dockerfile } from '../core/dockerfile/model';
import type { Engine, EngineInfo } from '../core/engine/engine';
import type { BuildRunner } from './buildRunner';
import type { RecordStore } from './recordStore';
import type { TemporaryImages } from './temporaryImages';

/** What came of measuring a stage. */
export type Measured =
	| { readonly kind: 'measured'; readonly lines: number }
	/** There is no build on this engine whose record could learn the sizes. */
	| { readonly kind: 'neverBuilt' }
	/** The Dockerfile is not the one that was built last. */
	| { readonly kind: 'edited' }
	| { readonly kind: 'failed'; readonly failure: BuildFailure; readonly dockerfile: Dockerfile }
	| { readonly kind: 'cancelled' };

/**
 * Finds the sizes of a stage that no image and no cache record tells, by building just that stage. The image goes again,
 * whatever happens; the sizes are kept with the last build's record.
 */
export class StageMeasurer {
	/** `runner`: keeps no records of its own, so that these builds are none of the Dockerfile's. */
	constructor(
		private readonly runner: Pick<BuildRunner, 'build' | 'idle'>,
		private readonly records: Pick<RecordStore, 'latestOf' | 'update'>,
		private readonly temporary: Pick<TemporaryImages, 'use'>,
	) {}

	/** `options.target` is the stage's name; tags are not given. Throws as `BuildRunner.build`. */
	async measure(engine: Engine, info: EngineInfo, options: BuildOptions, signal: AbortSignal): Promise<Measured> {
		const record = await this.records.latestOf(options.dockerfilePath);
		if (record?.engineId !== info.id) {
			return { kind: 'neverBuilt' };
		}
		if (await readFile(options.dockerfilePath, 'utf8').catch(() => undefined) !== record.text) {
			return { kind: 'edited' };
		}
		const measuring = { ...options, tags: [], builder: record.builder };
		try {
			return await this.temporary.use(engine, info, labels => this.runner.build(engine, info, { ...measuring, labels }, signal), async ({ run, resolved: { dockerfile }, record: measured }) => {
				if (run.state !== 'succeeded') {
					return run.error === undefined || run.state === 'cancelled' ? { kind: 'cancelled' } : { kind: 'failed', failure: run.error, dockerfile };
				}
				const stage = dockerfile.stages.find(({ name }) => name?.toLowerCase() === options.target?.toLowerCase());
				// Another window may have built meanwhile; that build's record is the one that counts.
				const latest = await this.records.latestOf(options.dockerfilePath) ?? record;
				const { complete, lines } = measuredSizes(latest.text === dockerfile.text ? latest : record, measured?.instructions ?? [], stage?.index);
				return await this.records.update(complete) ? { kind: 'measured', lines } : { kind: 'neverBuilt' };
			});
		} finally {
			await this.runner.idle();
		}
	}
}
