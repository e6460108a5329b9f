import assert from 'node:assert/strict';
import type { ImageSummary } from '../../../src/core/engine/engine';
import { groupImages } from '../../../src/surfaces/images/groupImages';

const image = (id: string, createdAt: number, ...references: string[]): ImageSummary =>
	({ id, references, digests: [], createdAt, sizeBytes: 0, sharedBytes: undefined, platforms: [], parentId: undefined, labels: {} });

describe('groupImages', () => {
	it('puts tags under their repository, newest first, and the untagged apart', () => {
		const { repositories, untagged } = groupImages([
			image('a', 1, 'web:1'), image('b', 3, 'web:3', 'localhost:5000/web:3'), image('c', 2, 'web:2', 'web:also'), image('d', 5), image('e', 9), image('f', 1, 'api:1'),
		]);
		assert.deepEqual(repositories.map(({ name, tags }) => `${name}: ${tags.map(({ tag, image: { id } }) => `${tag}=${id}`).join(' ')}`), [
			'api: 1=f', 'localhost:5000/web: 3=b', 'web: 3=b 2=c also=c 1=a',
		]);
		assert.deepEqual(untagged.map(({ id }) => id), ['e', 'd']);
	});
});
