import assert from 'node:assert/strict';
import type { ImageSummary } from '../../../src/core/engine/engine';
import { planRemoval } from '../../../src/core/removalPlan';

const image = (id: string, references: readonly string[], parentId?: string): ImageSummary => ({
	id, references, digests: [...new Set(references.map(name => name.split(':')[0]!))].map(repository => `${repository}@sha256:${id}`),
	createdAt: 0, sizeBytes: 0, sharedBytes: undefined, platforms: [], parentId, labels: {},
});

/** What goes, in the engine's words: names, then images. */
function gone(imageStore: string, images: readonly ImageSummary[], name: string, force = false, state?: string, kind: 'docker' | 'podman' = 'docker'): readonly string[] {
	const containers = state === undefined ? [] : [{ name: 'c', imageId: images[0]!.id, state }];
	const { untagged, deleted, refused, staying } = planRemoval({ images, containers, imageStore, kind }, [{ name, force }]);
	return [...untagged, ...deleted, ...[...refused, ...staying].map(({ hold }) => `kept by ${hold.kind}`), ...refused.some(({ forcible }) => forcible) ? ['unless by force'] : []];
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

	it('takes by its id an image upon which another is built, and with an image its nameless parents, whatever else is built upon them', () => {
		const images = [image('base', []), image('one', ['one:1'], 'base'), image('two', ['two:1'], 'base')];
		assert.deepEqual(gone('containerd', images, 'base'), ['base']);
		assert.deepEqual(gone('overlay2', images, 'base'), ['kept by children']);
		assert.deepEqual(gone('containerd', images, 'one:1'), ['one:1', 'one', 'base']);
		assert.deepEqual(gone('overlay2', images, 'one:1'), ['one:1', 'one@sha256:one', 'one']);
	});

	it('keeps without a name an image upon which another is built, unless by force', () => {
		const images = [image('base', ['base:1']), image('one', ['one:1'], 'base')];
		assert.deepEqual(gone('containerd', images, 'base:1'), ['base:1', 'kept by children']);
		assert.deepEqual(gone('containerd', images, 'base:1', true), ['base:1', 'base']);
	});

	it('keeps the parents where several names go at once', () => {
		assert.deepEqual(gone('containerd', [image('base', []), image('one', ['one:1', 'one:2'], 'base')], 'one', true), ['one:1', 'one:2', 'one']);
	});

	it('keeps without a name what a container is of, even by force', () => {
		assert.deepEqual(gone('containerd', [web], 'web:1', false, 'exited'), ['kept by stopped', 'unless by force']);
		assert.deepEqual(gone('containerd', [web], 'web:1', true, 'exited'), ['web:1', 'kept by stopped']);
		assert.deepEqual(gone('containerd', [web], 'web:1', true, 'running'), ['web:1', 'kept by running']);
		assert.deepEqual(gone('containerd', [web], 'w', true, 'exited'), ['web:1', 'w']);
	});

	it('keeps a digest by which an image without a tag was pulled', () => {
		const pulled = { ...image('w', []), digests: ['web@sha256:w'] };
		assert.deepEqual(gone('containerd', [pulled], 'web@sha256:w'), ['web@sha256:w', 'w']);
	});
});

describe('the plan of a removal with Podman', () => {
	it('never forces what a container is of: Podman would remove the container too', () => {
		const web = image('w', ['web:1']);
		for (const state of ['running', 'exited']) {
			for (const name of ['web:1', 'w']) {
				assert.deepEqual(gone('overlay', [web], name, true, state, 'podman'), [`kept by ${state === 'running' ? 'running' : 'stopped'}`]);
			}
		}
		assert.deepEqual(gone('overlay', [image('w', ['web:1', 'web:2'])], 'web:1', false, 'running', 'podman'), ['web:1']);
	});
});
