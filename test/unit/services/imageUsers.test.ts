import assert from 'node:assert/strict';
import { ImageUsers } from '../../../src/services/imageUsers';

describe('ImageUsers', () => {
	it('tells of which images the containers are others, and nothing of a list that reads the same', async () => {
		let list = [{ imageId: 'web', name: 'b' }, { imageId: 'web', name: 'a' }, { imageId: 'db', name: 'c' }];
		const users = new ImageUsers({ onDidChange: () => ({ dispose: () => undefined }), containers: () => Promise.resolve(list) } as never);
		const told: (readonly string[])[] = [];
		users.onDidChange(ids => { told.push([...ids]); });
		await users.load();
		assert.deepEqual([users.of('web'), told], [['a', 'b'], []], 'what is read first is no news');
		list = [{ imageId: 'web', name: 'a' }, { imageId: 'web', name: 'b' }, { imageId: 'api', name: 'd' }];
		await users.load();
		assert.deepEqual([users.of('db'), users.of('api'), told], [[], ['d'], [['db', 'api']]]);
	});
});
