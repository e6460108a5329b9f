import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BuildOptionsStore } from '../../../src/services/buildOptionsStore';
import { withFolder } from '../build/withFolder';

describe('BuildOptionsStore', () => {
	const secret = (name: string): boolean => /TOKEN/.test(name);

	it('remembers choices for each Dockerfile, one by one', () => withFolder({}, async folder => {
		const store = new BuildOptionsStore(folder, secret);
		await store.change('/a', { tags: ['a:1'], target: 'build' });
		await store.change('/a', { target: undefined, pull: true });
		await store.change('/b', { platform: 'linux/arm64' });
		const again = new BuildOptionsStore(folder, secret);
		assert.deepEqual(again.get('/a'), { tags: ['a:1'], pull: true });
		assert.deepEqual(again.get('/b'), { platform: 'linux/arm64' });
		assert.deepEqual(again.get('/c'), {});
	}));

	it('sees what another window chose, and takes nothing of it back', () => withFolder({}, async folder => {
		const [mine, theirs] = [new BuildOptionsStore(folder, secret), new BuildOptionsStore(folder, secret)];
		await mine.change('/a', { tags: ['a:1'] });
		assert.deepEqual(theirs.get('/a'), { tags: ['a:1'] });
		await Promise.all([mine.change('/a', { pull: true }), theirs.change('/a', { platform: 'linux/arm64' })]);
		assert.deepEqual(mine.get('/a'), { tags: ['a:1'], pull: true, platform: 'linux/arm64' });
		assert.deepEqual(theirs.get('/a'), mine.get('/a'));
	}));

	it('never writes a secret-looking argument, and knows it until the end', () => withFolder({}, async folder => {
		const store = new BuildOptionsStore(folder, secret);
		await store.change('/a', { buildArgs: { VERSION: '1', TOKEN: 'hunter2' } });
		await store.change('/a', { pull: true });
		assert.deepEqual(store.get('/a').buildArgs, { VERSION: '1', TOKEN: 'hunter2' });
		const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter(entry => entry.isFile());
		assert.equal(files.length, 2);
		for (const file of files) {
			assert.doesNotMatch(await readFile(join(file.parentPath, file.name), 'utf8'), /hunter2/);
		}
		assert.deepEqual(new BuildOptionsStore(folder, secret).get('/a').buildArgs, { VERSION: '1' });
	}));
});
