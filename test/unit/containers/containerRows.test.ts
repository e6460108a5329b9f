import assert from 'node:assert/strict';
import { containerRow } from '../../../src/words/rows';
import { english } from '../../../src/words/translate';

describe('the row of a container', () => {
	const row = (image: string): string => containerRow({ id: 'c', name: 'web', image, imageId: 'i', state: 'running', status: 'Up 2 hours', createdAt: 0, command: 'sh', labels: {} }, english).description;
	it('names its image, and one that has no name by its first digits', () => {
		assert.equal(row('web:1'), 'web:1 · Up 2 hours');
		assert.equal(row(`sha256:0123456789ab${'c'.repeat(52)}`), '0123456789ab · Up 2 hours');
		assert.equal(row(`0123456789ab${'c'.repeat(52)}`), '0123456789ab · Up 2 hours');
	});
});
