import assert from 'node:assert/strict';
import type { ImageSummary } from '../../../src/core/engine/engine';
import { ImageRoots } from '../../../src/surfaces/images/imageRoots';

const image = (id: string, ...references: string[]): ImageSummary =>
	({ id, references, digests: [], createdAt: 0, sizeBytes: 0, sharedBytes: undefined, platforms: [], parentId: undefined, labels: {} });

describe('ImageRoots', () => {
	it('changes only the root whose tags moved, and keeps its node', () => {
		const roots = new ImageRoots();
		const [api, web] = roots.draw([image('a', 'web:1'), image('b', 'api:1')]);
		assert.deepEqual(roots.update([image('a', 'web:1'), image('b', 'api:1')]), []);
		const changed = roots.update([image('c', 'web:1'), image('b', 'api:1')]);
		assert.equal(changed[0], web);
		assert.equal(changed.length, 1);
		assert.equal(web?.kind === 'repository' && web.repository.tags[0]?.image.id, 'c');
		assert.equal(api?.kind, 'repository');
	});

	it('draws all where a repository or the untagged images come or go', () => {
		const roots = new ImageRoots();
		roots.draw([image('a', 'web:1')]);
		assert.equal(roots.update([image('a', 'web:1'), image('b', 'api:1')]), 'all');
		assert.equal(roots.update([image('a', 'web:1'), image('b')]), 'all');
		assert.equal(roots.update([]), 'all');
	});

	it('keeps its nodes when all is drawn anew: a view that was not asked in between knows no others', () => {
		const roots = new ImageRoots();
		const [app] = roots.draw([image('a', 'app:1')]);
		const [drawn] = roots.draw([image('a', 'app:1'), image('b', 'app:2')]);
		assert.equal(drawn, app);
		assert.deepEqual(roots.update([image('a', 'app:1')]), [app]);
	});

	it('knows under which roots an image is', () => {
		const roots = new ImageRoots();
		const [, web, untagged] = roots.draw([image('a', 'web:1'), image('b', 'api:1'), image('c')]);
		assert.deepEqual(roots.holding(new Set(['a', 'c', 'gone'])), [web, untagged]);
	});
});
