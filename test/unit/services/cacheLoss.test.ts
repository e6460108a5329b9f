import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import type { CacheKnowledge, StoredStep } from '../../../src/core/cache/knowledge';
import type { CacheRecord, Engine, EngineEvent } from '../../../src/core/engine/engine';
import { CacheLoss } from '../../../src/services/cacheLoss';

const pruned: EngineEvent = { type: 'builder', action: 'prune', id: '', attributes: {}, at: 0 };

describe('CacheLoss', () => {
	/** An engine that answers when it is told to, with the questions that wait. */
	function slowEngine(): { readonly engine: Engine; readonly waiting: (() => void)[] } {
		const waiting: (() => void)[] = [];
		return { waiting, engine: { cacheRecords: () => new Promise<readonly CacheRecord[]>(resolve => { waiting.push(() => { resolve([]); }); }) } as unknown as Engine };
	}

	it('reads an engine\'s cache once, until the engine tells of a change', async () => {
		const { engine, waiting } = slowEngine();
		const loss = new CacheLoss(() => undefined);
		const both = Promise.all([loss.survey('a', engine), loss.survey('a', engine)]);
		waiting.shift()!();
		await both;
		await loss.survey('a', engine);
		assert.deepEqual(waiting, []);
		loss.tell('a', pruned);
		void loss.survey('a', engine);
		assert.equal(waiting.length, 1);
	});

	it('knows of no step on the containerd store, once something was pruned there, that it is still there', () => {
		const loss = new CacheLoss(() => undefined);
		const isLost = (imageStore: string, seenAt: number): boolean | undefined =>
			loss.told({ id: 'a', imageStore }, 'buildkit', {} as CacheKnowledge).isLost({ seenAt } as StoredStep);
		assert.equal(isLost('containerd', 1000), false);
		loss.tell('a', pruned);
		assert.deepEqual([isLost('containerd', 1000), isLost('overlay2', 1000), isLost('containerd', Date.now() + 1000)], [undefined, false, false]);
	});

	it('reads it again where the change came while it was being read, whatever answer comes last', async () => {
		const { engine, waiting } = slowEngine();
		const loss = new CacheLoss(() => undefined);
		const told: string[] = [];
		loss.onDidChange(id => { told.push(id); });
		const first = loss.survey('a', engine);
		loss.tell('a', { ...pruned, type: 'image', action: 'tag' });
		waiting.shift()!();
		await first;
		// The clock counts milliseconds.
		await setTimeout(2);
		const second = loss.survey('a', engine);
		assert.equal(waiting.length, 1, 'what was read may be from before the change');
		loss.surveyed('a', [], Date.now() + 1);
		told.length = 0;
		waiting.shift()!();
		await second;
		assert.deepEqual(told, [], 'somebody has read later meanwhile');
	});
});
