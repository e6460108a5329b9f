import assert from 'node:assert/strict';
import { describeTagProblem } from '../../../src/words/reference';
import { english } from '../../../src/words/translate';

describe('describeTagProblem', () => {
	for (const name of ['web', 'web:1', 'me/web:1.2-rc_3', 'localhost:5000/a/b', 'registry.example.org/a:latest']) {
		it(`has nothing against ${name}`, () => { assert.equal(describeTagProblem(name, english), undefined); });
	}
	for (const [name, words] of [
		['', /Write a name/], ['Web:1', /no capitals: web/], ['me/Web', /no capitals: web/], ['web:', /behind the colon/], ['we b', /no name for an image/],
		['web:-', /no name/], ['a//b', /no name/], [`web@sha256:${'a'.repeat(64)}`, /digest comes by itself/],
	] as const) {
		it(`says what is wrong with "${name}"`, () => { assert.match(describeTagProblem(name, english) ?? '', words); });
	}
});
