import assert from 'node:assert/strict';
import type { ImageSummary } from '../../../src/core/engine/engine';
import { planRemoval } from '../../../src/core/removalPlan';

const image = (id: string, references: readonly string[], parentId?: string): ImageSummary => ({
	id, references, digests: [...new Set(references.map(name => name.split(':')[0]!))].map(repository => `${repository}@sha256:${id}`),
	createdAt: 0, sizeBytes: 0, sharedBytes: undefined, parentId, labels: {},
});

/** What goes, in the engine's words: names, then images. */
function gone(imageStore: string, images: readonly ImageSummary[], name: string, force = false): readonly string[] {
	const { untagged, deleted, refused } = planRemoval({ images, containers: [], imageStore }, [{ name, force }]);
	return [...untagged, ...deleted, ...refused.map(({ hold }) => `kept by ${hold.kind}`)];
}

describe('the plan of a removal on the containerd store', () => {
	const web = image('w', ['web:1']);

	it('names a tag and its image, and not the digest that is listed for every image', () => {
		assert.deepEqual(gone('containerd', [web], 'web:1'), ['web:1', 'w']);
		assert.deepEqual(gone('overlay2', [web], 'web:1'), ['web:1', 'web@sha256:w', 'w']);
	});

	it('takes an image by its last name only, in whichever repository', () => {
		assert.deepEqual(gone('containerd', [image('w', ['web:1', 'api:1'])], 'web:1'), ['web:1']);
	});

	it('takes an image upon which another is built; the parents below only where nothing else is built upon them', () => {
		const images = [image('base', []), image('one', ['one:1'], 'base'), image('two', ['two:1'], 'base')];
		assert.deepEqual(gone('containerd', images, 'base'), ['base']);
		assert.deepEqual(gone('overlay2', images, 'base'), ['kept by children']);
		assert.deepEqual(gone('containerd', images, 'one:1'), ['one:1', 'one']);
		assert.deepEqual(gone('containerd', images.slice(0, 2), 'one:1'), ['one:1', 'one', 'base']);
	});

	it('keeps a digest by which an image without a tag was pulled', () => {
		const pulled = { ...image('w', []), digests: ['web@sha256:w'] };
		assert.deepEqual(gone('containerd', [pulled], 'web@sha256:w'), ['web@sha256:w', 'w']);
	});
});
