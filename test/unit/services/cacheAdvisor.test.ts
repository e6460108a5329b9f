import assert from 'node:assert/strict';
import { forecastWorld } from '../../support/forecastWorld';

describe('CacheAdvisor', function () {
	this.timeout(20_000);

	it('writes a wrong forecast into the log, with the inputs of both sides, so that it can be reported', async () => {
		await using world = await forecastWorld('FROM base:1\nCOPY src /src\nRUN make\n', 200);
		await world.build();
		await world.build(['metadata', 'cached', 'cached']);
		assert.deepEqual(world.logged, []);
		await world.build(['metadata', 'cached', 'ran']);
		const [line, ...others] = world.logged;
		assert.deepEqual(others, []);
		const [, words, sides] = /^([^{]*): (\{.*\})$/.exec(line!)!;
		assert.equal(words, 'Forecast of line 3 was hit, it ran');
		const { forecast, now, known } = JSON.parse(sides!) as { readonly forecast: { readonly kind: string }; readonly now: { readonly text: string }; readonly known: readonly { readonly text: string }[] };
		assert.equal(forecast.kind, 'hit');
		assert.equal(now.text, 'RUN make');
		assert.deepEqual(known.map(({ text }) => text), ['RUN make']);
	});

	it('keeps the score of each forecast', async () => {
		await using world = await forecastWorld('FROM base:1\nCOPY src /src\nRUN make\n', 200);
		await world.build();
		await world.build(['metadata', 'cached', 'cached']);
		await world.build(['metadata', 'cached', 'ran']);
		assert.deepEqual((await world.scores()).map(({ score: { steps, right, wrongHits, wrongMisses, unknown } }) => [steps, right, wrongHits, wrongMisses, unknown]),
			[[2, 1, [2], [], 0], [2, 2, [], [], 0], [2, 0, [], [], 2]]);
	});
});
