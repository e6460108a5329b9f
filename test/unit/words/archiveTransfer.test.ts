import assert from 'node:assert/strict';
import { loadResult } from '../../../src/words/archiveTransfer';
import { english } from '../../../src/words/translate';

describe('loadResult', () => {
	it('says how many images came in, and which first', () => {
		assert.equal(loadResult(['web:1', 'web:2', 'api:1'], english), 'Loaded 3 images: web:1 and 2 more');
		assert.equal(loadResult(['web:1'], english), 'Loaded web:1');
		assert.equal(loadResult([], english), 'Loaded; the engine names no image that came in');
	});
});
