import assert from 'node:assert/strict';
import { BuildOptionsStore } from '../../../src/services/buildOptionsStore';

describe('BuildOptionsStore', () => {
	const memory = () => {
		const values = new Map<string, unknown>();
		return { values, get: (key: string) => values.get(key), update: (key: string, value: unknown) => { values.set(key, value); return Promise.resolve(); } };
	};
	const secret = (name: string) => /TOKEN/.test(name);

	it('remembers choices for each Dockerfile, one by one', async () => {
		const kept = memory();
		const store = new BuildOptionsStore(kept, secret);
		await store.change('/a', { tags: ['a:1'], target: 'build' });
		await store.change('/a', { target: undefined, pull: true });
		await store.change('/b', { platform: 'linux/arm64' });
		const again = new BuildOptionsStore(kept, secret);
		assert.deepEqual(again.get('/a'), { tags: ['a:1'], pull: true, buildArgs: {} });
		assert.deepEqual(again.get('/b'), { platform: 'linux/arm64', buildArgs: {} });
		assert.deepEqual(again.get('/c'), {});
	});

	it('never writes a secret-looking argument, and knows it until the end', async () => {
		const kept = memory();
		const store = new BuildOptionsStore(kept, secret);
		await store.change('/a', { buildArgs: { VERSION: '1', TOKEN: 'hunter2' } });
		await store.change('/a', { pull: true });
		assert.deepEqual(store.get('/a').buildArgs, { VERSION: '1', TOKEN: 'hunter2' });
		assert.doesNotMatch(JSON.stringify([...kept.values]), /hunter2/);
		assert.deepEqual(new BuildOptionsStore(kept, secret).get('/a').buildArgs, { VERSION: '1' });
	});
});
