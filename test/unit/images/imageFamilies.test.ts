import assert from 'node:assert/strict';
import type { ImageSummary } from '../../../src/core/engine/engine';
import { compareImages, filterImages, imageFamilies, type ImageFamily } from '../../../src/core/imageFamilies';
import { groupImages } from '../../../src/surfaces/images/groupImages';
import { sharingLines, withImageFacts } from '../../../src/words/imageFamily';
import { english } from '../../../src/words/translate';

const image = (id: string, sizeBytes: number, createdAt: number, ...references: string[]): ImageSummary =>
	({ id, references, digests: [], createdAt, sizeBytes, sharedBytes: undefined, platforms: [], parentId: undefined, labels: {} });

const images = [
	image('web', 60, 5, 'web:1', 'web:latest'), image('base', 10, 1, 'base:1'), image('api', 45, 4, 'api:1'), image('app', 40, 3, 'app:1'),
	image('labelled', 40, 6, 'app:labelled'), image('other', 7, 2), image('unknown', 5, 0, 'unknown:1'),
];
const chains = new Map([
	['base', ['a']], ['app', ['a', 'b', 'c']], ['labelled', ['a', 'b', 'c']], ['web', ['a', 'b', 'c', 'd']], ['api', ['a', 'b', 'c', 'e']], ['other', ['z']],
]);

function draw(families: readonly ImageFamily[], indent = ''): string {
	return families.map(family =>
		`${indent}${family.images.map(({ id }) => id).join(' ')} +${family.addedBytes} in ${family.addedLayers}\n${draw(family.derived, `${indent}  `)}`).join('');
}

describe('the family tree of images', () => {
	it('puts an image below the one whose layers it continues, with what it adds', () => {
		assert.equal(draw(imageFamilies(images, chains)), [
			'base +10 in 1', '  labelled app +30 in 2', '    web +20 in 1', '    api +5 in 1', 'other +7 in 1', 'unknown +5 in 0', '',
		].join('\n'));
	});

	it('does without an image that the filter hides', () => {
		assert.equal(draw(imageFamilies(filterImages(images, 'E'), chains)), 'base +10 in 1\n  labelled +30 in 2\n    web +20 in 1\n');
	});
});

describe('a list of images', () => {
	it('is filtered by names, only those that match staying, and by the beginning of an id', () => {
		assert.deepEqual(filterImages(images, 'latest').map(({ references }) => references), [['web:latest']]);
		assert.deepEqual(filterImages(images, 'sha256:othe').map(({ id }) => id), ['other']);
		assert.equal(filterImages(images, ' ').length, images.length);
		assert.deepEqual(filterImages(images, 'nothing'), []);
	});

	it('is sorted by name, size or age; equal ones by name', () => {
		const sorted = (order: 'name' | 'size' | 'age') => images.toSorted(compareImages(order)).map(({ id }) => id).join(' ');
		assert.equal(sorted('name'), 'api app labelled base unknown web other');
		assert.equal(sorted('size'), 'web api app labelled base other unknown');
		assert.equal(sorted('age'), 'labelled web api app other base unknown');
		assert.deepEqual(groupImages(images, 'size').repositories.map(({ name }) => name), ['web', 'api', 'app', 'base', 'unknown']);
		assert.deepEqual(groupImages(images, 'age').repositories.map(({ name }) => name), ['app', 'web', 'api', 'base', 'unknown']);
	});
});

describe('the row of an image among others', () => {
	const row = { label: 'web:1', description: '60 B · today', tooltip: 'web:1', accessible: 'web:1, 60 B' };
	it('says what it adds, what derives from it, and who uses it', () => {
		const { description, tooltip, accessible } = withImageFacts(row, { usedBy: ['one', 'two'], added: { bytes: 20, layers: 1 }, derived: 3 }, english);
		assert.equal(description, '+20 B · 60 B · today · 3 derived · 2 containers');
		assert.equal(accessible, 'web:1, 60 B, adds 20 B, 3 derived, 2 containers');
		assert.match(tooltip, /Adds 20 B in 1 layer to .*\nUsed by: one, two$/);
		assert.deepEqual(withImageFacts(row, { usedBy: [], added: undefined, derived: 0 }, english), row);
	});

	it('says with whom it shares its layers', () => {
		assert.deepEqual(sharingLines({ ownBytes: 20, ownLayers: 1, sharedBytes: undefined, sharedLayers: 3, sharedWith: ['a', 'b', 'c', 'd', 'e', 'f', 'g'] }, english),
			['Layers of its own: 1 (20 B)', 'Shared layers: 3 (size not known), with a, b, c, d, e, f and 1 more']);
		assert.deepEqual(sharingLines({ ownBytes: 20, ownLayers: 1, sharedBytes: 0, sharedLayers: 0, sharedWith: [] }, english).at(-1), 'Shares no layer with another image');
	});
});
