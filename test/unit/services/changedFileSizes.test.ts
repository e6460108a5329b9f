import assert from 'node:assert/strict';
import { ChangedFileSizes } from '../../../src/services/changedFileSizes';

describe('ChangedFileSizes', () => {
	const asked: string[] = [];
	let isThere = true;
	const files: Readonly<Record<string, object>> = { '/a': { kind: 'file', sizeBytes: 5 }, '/empty': { kind: 'file', sizeBytes: 0 }, '/link': { kind: 'symlink', sizeBytes: 9 } };
	const engine = {
		statInContainer: (_: string, path: string) => {
			asked.push(path);
			return isThere ? Promise.resolve(files[path]) : Promise.reject(new Error('gone'));
		},
	};
	const sizes = new ChangedFileSizes({ get: () => Promise.resolve({ engine } as never) });
	const known = (): readonly (number | undefined)[] => ['/a', '/empty', '/link', '/gone'].map(path => sizes.of('c', path));

	it('asks for each file once; one that is gone by then stays unknown, not 0', async () => {
		assert.deepEqual(known(), [undefined, undefined, undefined, undefined]);
		assert.equal(await sizes.measure('c', ['/a', '/empty', '/link', '/gone']), true);
		assert.equal(await sizes.measure('c', ['/a', '/gone']), false);
		assert.deepEqual(known(), [5, 0, 0, undefined]);
		assert.deepEqual(asked.sort(), ['/a', '/empty', '/gone', '/link']);
	});

	it('knows nothing of a container that changed again, or that the engine no longer has', async () => {
		sizes.forget('c');
		assert.deepEqual(known(), [undefined, undefined, undefined, undefined]);
		isThere = false;
		assert.equal(await sizes.measure('c', ['/a']), false);
		isThere = true;
		assert.equal(await sizes.measure('c', ['/a']), true, 'asked again');
		assert.equal(sizes.of('c', '/a'), 5);
	});
});
