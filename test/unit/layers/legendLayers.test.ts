import assert from 'node:assert/strict';
import { legendLayers } from '../../../src/core/legendLayers';

const drawn = (sizes: readonly number[], isWhole = false): string => {
	const { named, left } = legendLayers(sizes.map((bytes, index) => ({ index, label: 'RUN x', bytes, wastedBytes: 0 })), isWhole);
	return `${named.map(({ index }) => index).join(' ')}${left === 0 ? '' : ` +${left}`}`;
};

describe('the legend of a picture', () => {
	it('names every layer that holds something', () => {
		assert.equal(drawn([5, 0, 7]), '0 2');
		assert.equal(drawn([]), '');
		assert.equal(drawn(Array.from({ length: 12 }, () => 1)), '0 1 2 3 4 5 6 7 8 9 10 11');
	});

	it('names the twelve largest of many, in their order, and all where that is asked for', () => {
		const sizes = Array.from({ length: 60 }, (_, at) => at === 3 ? 9000 : at === 50 ? 0 : at);
		assert.equal(drawn(sizes), '3 48 49 51 52 53 54 55 56 57 58 59 +46');
		assert.equal(drawn(sizes, true).split(' ').length, 58);
	});
});
