import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { CacheKnowledge, StoredStep } from '../../../src/core/cache/knowledge';
import { createDockerEngine } from '../../../src/core/engine/dockerEngine';
import type { CacheRecord, Engine, EngineEvent } from '../../../src/core/engine/engine';
import { createBuildServices } from '../../../src/services/buildServices';
import { CacheListings } from '../../../src/services/cacheListings';
import { CacheLoss } from '../../../src/services/cacheLoss';
import { EngineConnection } from '../../../src/services/engineConnection';
import { startFakeEngine } from '../../support/fakeEngine';

const pruned: EngineEvent = { type: 'builder', action: 'prune', id: '', attributes: {}, at: 0 };
const overlay = { id: 'a', imageStore: 'overlay2' };
const containerd = { id: 'a', imageStore: 'containerd' };

describe('CacheLoss', () => {
	/** An engine that answers when it is told to, with the questions that wait. */
	function slowEngine(): { readonly engine: Engine; readonly waiting: (() => void)[] } {
		const waiting: (() => void)[] = [];
		return { waiting, engine: { cacheRecords: () => new Promise<readonly CacheRecord[]>(resolve => { waiting.push(() => { resolve([]); }); }) } as unknown as Engine };
	}

	/** Of a step that no record speaks of. */
	function isLost(loss: CacheLoss, engine: typeof overlay, seenAt: number): boolean | undefined {
		return loss.told(engine, 'buildkit', {} as CacheKnowledge).isLost({ step: { linked: true }, seenAt } as StoredStep);
	}

	it('reads an engine\'s cache once, until the engine tells of a change', async () => {
		const { engine, waiting } = slowEngine();
		const loss = new CacheLoss(() => undefined);
		const both = Promise.all([loss.survey(overlay, engine), loss.survey(overlay, engine)]);
		waiting.shift()!();
		await both;
		await loss.survey(overlay, engine);
		assert.deepEqual(waiting, []);
		loss.tell('a', pruned);
		void loss.survey(overlay, engine);
		assert.equal(waiting.length, 1);
	});

	it('knows of no step on the containerd store, once something was pruned there, that it is still there', () => {
		const loss = new CacheLoss(() => undefined);
		assert.equal(isLost(loss, containerd, 1000), false);
		loss.tell('a', pruned);
		assert.deepEqual([isLost(loss, containerd, 1000), isLost(loss, overlay, 1000), isLost(loss, containerd, Date.now() + 1000)], [undefined, false, false]);
	});

	it('nor where what was listed before is gone, whoever listed it, and whether or not the engine told', async () => {
		const folder = await mkdtemp(join(tmpdir(), 'strata-listings-'));
		const open = (): CacheLoss => new CacheLoss(() => undefined, new CacheListings(folder, message => { throw new Error(message); }));
		const record = (id: string, description: string, given: Partial<CacheRecord> = {}): CacheRecord =>
			({ id, description, parents: [], type: 'regular', inUse: false, shared: false, sizeBytes: 1, createdAt: 1, lastUsedAt: 1, usageCount: 1, ...given });
		const one = record('one', 'RUN one');
		const mount = record('mount', 'cached mount of one', { type: 'exec.cachemount' });
		const ofBuild = record('two', 'RUN two', { inUse: true });
		/** What a window says of a step of 1500 and one of 2500 that has read the last of these; of each another window read those before. */
		const lostAfter = async (...listed: readonly (readonly [at: number, ...records: readonly CacheRecord[]])[]): Promise<readonly (boolean | undefined)[]> => {
			await rm(folder, { recursive: true, force: true });
			let loss = open();
			for (const [at, ...records] of listed) {
				loss = open();
				await loss.surveyed(containerd, records, at);
			}
			return [isLost(loss, containerd, 1500), isLost(loss, containerd, 2500)];
		};
		try {
			assert.deepEqual({
				asBefore: await lostAfter([1000, one, mount, ofBuild], [2000, one, { ...mount, description: 'cached mount of two' }]),
				underAnotherId: await lostAfter([1000, one], [2000, record('other', 'RUN one')], [3000, one]),
				answeredLate: await lostAfter([3000, one], [2000], [4000, one]),
				gone: await lostAfter([1000, one, record('two', 'RUN two')], [2000, one]),
				oneOfTwo: await lostAfter([1000, one, record('two', 'RUN one')], [2000, one]),
				uponAnother: await lostAfter([1000, record('two', 'RUN two', { parents: ['one'] })], [2000, record('two', 'RUN two', { parents: ['other'] })]),
				longAgo: await lostAfter([1000, one], [2000], [3000, one]),
				justNow: await lostAfter([1000, one], [2000, one], [3000]),
			}, {
				asBefore: [false, false], underAnotherId: [false, false], answeredLate: [false, false],
				gone: [undefined, false], oneOfTwo: [undefined, false], uponAnother: [undefined, false], longAgo: [undefined, false], justNow: [undefined, undefined],
			});
		} finally {
			await rm(folder, { recursive: true, force: true });
		}
	});

	it('reads it again when the engine was gone: what happened meanwhile nobody told', async () => {
		await using fake = await startFakeEngine();
		const connection = new EngineConnection({ resolve: () => Promise.resolve(fake.endpoint), open: createDockerEngine });
		const services = createBuildServices({ connection, storageFolder: join(tmpdir(), 'strata-none'), mostRecords: 1, log: message => { throw new Error(message); } });
		const readings = async (): Promise<number> => {
			const { engine, info } = await connection.demand();
			await services.cache.loss.survey(info, engine);
			return fake.requests.filter(request => request.includes('/system/df')).length;
		};
		try {
			assert.deepEqual([await readings(), await readings()], [1, 1]);
			const failed = new Promise<void>(resolve => { connection.onDidChange(({ kind }) => { if (kind === 'failed') { resolve(); } }); });
			await fake.die();
			await failed;
			await fake.rise();
			assert.equal(await readings(), 2);
		} finally {
			services.dispose();
			connection.dispose();
		}
	});

	it('reads it again where the change came while it was being read, whatever answer comes last', async () => {
		const { engine, waiting } = slowEngine();
		const loss = new CacheLoss(() => undefined);
		const told: string[] = [];
		loss.onDidChange(id => { told.push(id); });
		const first = loss.survey(overlay, engine);
		loss.tell('a', { ...pruned, type: 'image', action: 'tag' });
		waiting.shift()!();
		await first;
		// The clock counts milliseconds.
		await setTimeout(2);
		const second = loss.survey(overlay, engine);
		assert.equal(waiting.length, 1, 'what was read may be from before the change');
		await loss.surveyed(overlay, [], Date.now() + 1);
		told.length = 0;
		waiting.shift()!();
		await second;
		assert.deepEqual(told, [], 'somebody has read later meanwhile');
	});
});
