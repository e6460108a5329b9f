import assert from 'node:assert/strict';
import type { CacheRecord } from '../../src/core/engine/engine';
import { CacheLoss } from '../../src/services/cacheLoss';
import { readCacheRecords } from '../../src/services/readCacheRecords';
import { CacheLab } from '../support/cacheLab';
import { drawForecast, drawReason } from '../support/cacheWorld';
import { traitsOf } from '../support/engineTraits';
import { baseImage, buildImage, buildMessages, forEachBuilder, removeUploads, uploadsIn } from '../support/engines';

/** What a forecast must not claim, since only the engine or a registry knows. */
describe('A forecast', function () {
	this.timeout(120_000);

	forEachBuilder((engine, builder, test) => {
		const own = (): string => `honesty-${process.pid}-${Math.random().toString(36).slice(2)}`;

		if (!traitsOf(test).foretold.includes(builder)) {
			it('is not made, nor a reason given, where the rules of the cache are not known', async () => {
				const lab = await CacheLab.open(engine(), builder, new CacheLoss(() => undefined));
				const seed = own();
				try {
					for (const [end, outcomes] of [['one', ['metadata', 'ran', 'ran']], ['one', ['metadata', 'cached', 'cached']], ['two', ['metadata', 'cached', 'ran']]] as const) {
						const { run, forecast, reasons } = await lab.build({ dockerfile: `FROM ${baseImage}\nCOPY seed /seed\nRUN echo ${end}\n`, files: { seed } });
						assert.deepEqual([run.steps.map(({ outcome }) => outcome), forecast, reasons], [outcomes, [], [undefined, undefined, undefined]]);
					}
				} finally {
					for (const id of (await lab.close()).toReversed()) {
						await engine().removeImage(id, { force: true }).catch(() => undefined);
					}
				}
			});
			return;
		}

		it('promises no hit upon a base that the engine has no more', async () => {
			const seed = own();
			const reference = `strata-test/${seed}:base`;
			const uploads = await uploadsIn(engine(), builder);
			const lab = await CacheLab.open(engine(), builder, new CacheLoss(() => undefined));
			const state = { dockerfile: `FROM ${reference}\nCOPY seed /seed\nRUN true\n`, files: { seed } };
			try {
				await engine().tagImage(baseImage, reference);
				await lab.build(state);
				assert.deepEqual((await lab.foretell(state)).map(said => said && drawForecast(said)), [undefined, 'hit', 'hit']);
				await engine().removeImage(reference);
				const said = await lab.foretell(state);
				assert.ok(said.every((one, at) => at === 0 ? one === undefined : one?.kind === 'depends' || one?.kind === 'unknown'), said.map(one => one && drawForecast(one)).join('\n'));
				await engine().tagImage(baseImage, reference);
				const { score, run } = await lab.build(state);
				assert.deepEqual([run.state, score.right, score.wrongHits, score.wrongMisses], ['succeeded', 2, [], []]);
			} finally {
				await engine().removeImage(reference).catch(() => undefined);
				for (const id of await lab.close()) {
					await engine().removeImage(id, { force: true }).catch(() => undefined);
				}
				await removeUploads(engine(), builder, uploads);
			}
		});

		it('foretells no rebuild of what a build elsewhere may have left in the engine, and goes on knowing the rest', async () => {
			const seed = own();
			const info = await engine().info();
			const lab = await CacheLab.open(engine(), builder, new CacheLoss(() => undefined));
			const uploads = await uploadsIn(engine(), builder);
			const text = (mid: string, end = 'end'): string => `FROM ${baseImage}\nCOPY seed /seed\nRUN echo ${mid}\nCOPY a.txt /a.txt\nRUN echo ${end}\n`;
			const files = { seed, 'a.txt': 'a' };
			const images: string[] = [];
			const draw = async (dockerfile: string): Promise<readonly (string | undefined)[]> => (await lab.foretell({ dockerfile, files })).map(said => said && drawForecast(said));
			try {
				await lab.build({ dockerfile: text('mid'), files });
				// As the docker command line would: from a context of the same files, with no word to Strata, and to the engine's events none but
				// that an image got a name or, of the classic builder's without one, that a container went.
				const tags = builder === 'classic' ? [] : [`strata-test/${seed}:1`];
				images.push(await buildImage(engine(), { Dockerfile: text('other'), ...files }, { builder, tags }), ...tags);
				lab.loss.tell(info.id, { ...builder === 'classic' ? { type: 'container', action: 'destroy' } : { type: 'image', action: 'tag' }, id: '', attributes: {}, at: Date.now() });
				assert.deepEqual((await draw(text('other'))).slice(1), ['hit', 'elsewhere, or text was RUN echo mid (line 3)', 'elsewhere, or parentMissed 3', 'elsewhere, or parentMissed 3']);
				assert.deepEqual((await draw(text('third', 'third'))).slice(1), ['hit', 'miss: text was RUN echo mid (line 3)', 'miss: parentMissed 3', 'miss: parentMissed 3']);
				assert.deepEqual((await draw(text('other', 'third'))).slice(1), ['hit', 'elsewhere, or text was RUN echo mid (line 3)', 'elsewhere, or parentMissed 3', 'miss: unknown']);
				const { run, score } = await lab.build({ dockerfile: text('other'), files });
				assert.deepEqual(run.steps.slice(1).map(({ outcome }) => outcome), ['cached', 'cached', 'cached', 'cached']);
				assert.deepEqual(score.wrongMisses, []);
				assert.deepEqual((await draw(text('other'))).slice(1), ['hit', 'hit', 'hit', 'hit']);
			} finally {
				for (const id of [...images.reverse(), ...await lab.close()]) {
					await engine().removeImage(id, { force: true }).catch(() => undefined);
				}
				await removeUploads(engine(), builder, uploads);
			}
		});

		if (builder === 'buildkit') {
			it('leaves open what a build in a terminal that is under way may yet make, and knows it when that is over', async () => {
				const seed = own();
				const info = await engine().info();
				const lab = await CacheLab.open(engine(), builder, new CacheLoss(() => undefined));
				const uploads = await uploadsIn(engine(), builder);
				const text = (mid: string, end = 'end'): string => `FROM ${baseImage}\nCOPY seed /seed\nRUN sleep ${mid}\nRUN echo ${end}\n`;
				const draw = async (dockerfile: string): Promise<readonly (string | undefined)[]> => {
					lab.loss.outdated(info.id);
					return (await lab.foretell({ dockerfile, files: { seed } })).slice(1).map(said => said && drawForecast(said));
				};
				try {
					await lab.build({ dockerfile: text('0'), files: { seed } });
					const building = buildImage(engine(), { Dockerfile: text('0.7'), seed }, { builder });
					while ((await draw(text('0.7')))[1]?.startsWith('miss') === true) {
						// The step is not begun yet.
					}
					const meanwhile = [await draw(text('0.7')), await draw(text('0.6'))];
					lab.images.push(await building);
					const open = ['hit', 'elsewhere, or text was RUN sleep 0 (line 3)', 'elsewhere, or parentMissed 3'];
					assert.deepEqual(meanwhile, [open, ['hit', 'miss: text was RUN sleep 0 (line 3)', 'miss: parentMissed 3']]);
					assert.deepEqual([await draw(text('0.7')), await draw(text('0.7', 'other'))], [open, [...open.slice(0, 2), 'miss: unknown']]);
				} finally {
					for (const id of await lab.close()) {
						await engine().removeImage(id, { force: true }).catch(() => undefined);
					}
					await removeUploads(engine(), builder, uploads);
				}
			});

			it('leaves open what the engine runs again although it has it, as long as a build holds what it made below', async () => {
				const seed = own();
				const { id } = await engine().info();
				const lab = await CacheLab.open(engine(), builder, new CacheLoss(() => undefined));
				const uploads = await uploadsIn(engine(), builder);
				const text = (end: string): string => `FROM ${baseImage}\nRUN : ${seed}\nRUN ${end}\n`;
				const recordsOf = async (words: string): Promise<readonly CacheRecord[]> => (await readCacheRecords(engine())).filter(({ description }) => description.includes(words));
				const build = async (): Promise<readonly (readonly [outcome: string, foretold: string | undefined])[]> => {
					lab.loss.outdated(id);
					const { run, forecast } = await lab.build({ dockerfile: text('true') });
					return run.steps.slice(1).map(({ outcome }, at) => [outcome, forecast[at + 1] && drawForecast(forecast[at + 1]!)]);
				};
				const abort = new AbortController();
				const other = buildMessages(engine(), { Dockerfile: text(`sleep 60; : ${seed}`) }, {}, abort.signal).catch(() => undefined);
				try {
					while ((await recordsOf(`sleep 60; : ${seed}`)).length === 0) {
						// It is not there yet.
					}
					assert.deepEqual((await build()).map(([outcome]) => outcome), ['cached', 'ran']);
					assert.deepEqual(await build(), [['cached', 'hit'], ['ran', 'depends on a build under way']]);
					abort.abort();
					await other;
					while ((await recordsOf(seed)).some(({ inUse }) => inUse)) {
						// The engine lets go a moment later.
					}
					assert.deepEqual(await build(), [['cached', 'hit'], ['cached', 'hit']]);
				} finally {
					abort.abort();
					await other;
					for (const image of await lab.close()) {
						await engine().removeImage(image, { force: true }).catch(() => undefined);
					}
					await removeUploads(engine(), builder, uploads);
				}
			});

			it('knows what was pruned since, from the records that the next build reads anyway', async () => {
				const seed = own();
				const loss = new CacheLoss(() => undefined);
				const pruned = await CacheLab.open(engine(), builder, loss);
				const other = await CacheLab.open(engine(), builder, loss, { isTidied: true });
				const uploads = await uploadsIn(engine(), builder);
				const dockerfile = `FROM ${baseImage}\nRUN : ${seed}\nCOPY seed /seed\n`;
				try {
					await pruned.build({ dockerfile, files: { seed } });
					// By nobody who tells.
					for (const id of pruned.images) {
						await engine().removeImage(id, { force: true }).catch(() => undefined);
					}
					await pruned.prune(seed);
					await other.build({ dockerfile: `FROM ${baseImage}\nRUN : ${own()}\n` });
					await other.idle();
					const { forecast, run, reasons } = await pruned.build({ dockerfile, files: { seed } });
					assert.deepEqual(forecast.map(said => said && drawForecast(said)), [undefined, 'miss: cachePruned', 'miss: parentMissed 2']);
					assert.deepEqual(run.steps.map(({ outcome }) => outcome), ['metadata', 'ran', 'ran']);
					assert.deepEqual(reasons.map(reason => reason && drawReason(reason)), [undefined, 'cachePruned', 'cachePruned']);
				} finally {
					for (const id of [...await pruned.close(), ...await other.close()]) {
						await engine().removeImage(id, { force: true }).catch(() => undefined);
					}
					await removeUploads(engine(), builder, uploads);
				}
			});
		}
	});
});
