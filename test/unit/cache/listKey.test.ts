import assert from 'node:assert/strict';
import fc from 'fast-check';
import { listKey } from '../../../src/core/cache/listKey';

describe('listKey', () => {
	it('names equal lists alike and others not, whatever was asked before', () => {
		const list = fc.array(fc.constantFrom('A=1', 'B=2', 'C', ''), { maxLength: 6 });
		fc.assert(fc.property(fc.array(list, { minLength: 2, maxLength: 12 }), lists => {
			const keys = lists.map(one => listKey(one));
			lists.forEach((one, at) => {
				lists.forEach((other, place) => {
					assert.equal(keys[at] === keys[place], JSON.stringify(one) === JSON.stringify(other));
				});
			});
		}));
	});
});
