import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Builder, CacheRecord, Engine, ImageSummary } from '../../src/core/engine/engine';
import type { Forecast } from '../../src/core/cache/reason';
import { CacheLoss } from '../../src/services/cacheLoss';
import { CacheLab, type LabBuild, type LabState } from '../support/cacheLab';
import { mutations, type Mutation, type Prepare } from '../support/cacheMutations';
import { randomStates } from '../support/cacheRandom';
import { drawForecast, drawReason } from '../support/cacheWorld';
import { traitsOf } from '../support/engineTraits';
import { baseImage, buildImage, forEachBuilder, removeUploads, uploadsIn } from '../support/engines';

/** Builds at once on one engine. */
const atOnce = 6;
/** After so many mutations their images go: on the containerd store, the classic builder reads all that there are at each step. */
const inBatch = 36;

describe('Forecast and reason of', function () {
	// The containerd store takes minutes for all of them.
	this.timeout(900_000);

	forEachBuilder((engine, builder, test) => {
		if (!traitsOf(test).foretold.includes(builder)) {
			// forecastHonesty.test.ts sees that nothing is said.
			return;
		}
		const { hasOldBuildKit: isOld, reachesTests, imageStore } = traitsOf(test);
		const isContainerd = builder === 'buildkit' && imageStore === 'containerd';
		const told = mutations.filter(({ only, prepare }) => (only === undefined || (builder === 'buildkit' && (only === 'buildkit' || !isOld)))
			&& (reachesTests || (prepare !== 'url' && prepare !== 'newUrl')));
		const loss = new CacheLoss(() => undefined);
		const judged = new Map<Mutation, LabBuild | Error>();

		const used: string[] = [];
		const images: string[] = [];
		let uploads: readonly CacheRecord[] = [];

		before('builds everything', async () => {
			// What other tests left in the engine is no part of these.
			await loss.surveyed(await engine().info(), [], Date.now());
			uploads = await uploadsIn(engine(), builder);
			used.push(await useBase(engine(), builder));
			const one = async (mutation: Mutation): Promise<void> => {
				judged.set(mutation, await judge(engine(), builder, loss, mutation, images).catch((error: unknown) => error instanceof Error ? error : new Error(String(error))));
			};
			const plain = told.filter(({ prepare }) => prepare !== 'prune');
			for (let at = 0; at < plain.length; at += inBatch) {
				const queue = plain.slice(at, at + inBatch)[Symbol.iterator]();
				await Promise.all(Array.from({ length: atOnce }, async () => {
					for (const mutation of queue) {
						await one(mutation);
					}
				}));
				// Not while others build: the classic builder fails where an image goes while it looks for one to reuse.
				await removeAll(engine(), images.splice(0));
			}
			for (const mutation of told.filter(({ prepare }) => prepare === 'prune')) {
				await one(mutation);
			}
		});

		after('leaves nothing', async () => {
			await removeAll(engine(), [...used, ...images]);
			await removeUploads(engine(), builder, uploads);
		});

		for (const mutation of told) {
			it(mutation.name, () => {
				const result = judged.get(mutation)!;
				if (result instanceof Error) {
					throw result;
				}
				const { run, forecast, reasons, score } = result;
				assert.equal(run.state, 'succeeded', run.error?.message);
				const { instructions } = result.build.resolved.dockerfile;
				const drawn = instructions.map(({ line, text }, at) => [
					line, text, run.steps[at]?.outcome, reasons[at] && drawReason(reasons[at]), '| foretold:', forecast[at] && drawForecast(forecast[at]),
				].filter(part => part !== undefined).join(' ')).join('\n');
				const expected = builder === 'classic' ? mutation.classic : isOld ? mutation.old : isContainerd ? mutation.containerd : mutation.buildkit;
				const first = reasons.findIndex(reason => reason !== undefined);
				assert.equal(first < 0 ? undefined : `${instructions[first]!.line} ${plain(drawReason(reasons[first]!), expected)}`, expected, drawn);
				assert.deepEqual([score.wrongHits, score.wrongMisses], [[], []], drawn);
				const open = forecast.flatMap((said, at) => said?.kind === 'depends' || said?.kind === 'unknown' ? [instructions[at]!.line] : []);
				const mayBeOpen = isContainerd ? mutation.openOnContainerd : mutation.open;
				assert.deepEqual(open.filter(line => !mayBeOpen.includes(line)), [], drawn);
				const unexplained = run.steps.flatMap(({ outcome, instruction }) => outcome === 'ran' && reasons[instruction] === undefined ? [instructions[instruction]!.line] : []);
				assert.deepEqual(unexplained, [], drawn);
			});
		}
	});
});

// Too long for every day: `STRATA_LONG=1` (200 Dockerfiles) or their number, and `STRATA_SEED` for the first of the seeds.
if (process.env['STRATA_LONG']) {
	describe('Forecast of random Dockerfiles', function () {
		this.timeout(1_800_000);
		const firstSeed = Number(process.env['STRATA_SEED'] ?? 1);
		const seeds = Array.from({ length: Number(process.env['STRATA_LONG']) > 1 ? Number(process.env['STRATA_LONG']) : 200 }, (_, at) => firstSeed + at);

		forEachBuilder((engine, builder, test) => {
			it('is never a wrong hit and never a wrong miss, and every line that ran has a reason', async () => {
				const loss = new CacheLoss(() => undefined);
				await loss.surveyed(await engine().info(), [], 0);
				const uploads = await uploadsIn(engine(), builder);
				const images = [await useBase(engine(), builder)];
				const wrong: string[] = [];
				const counts: ForecastCounts = { hit: 0, miss: 0, depends: 0, unknown: 0 };
				const queue = seeds[Symbol.iterator]();
				try {
					await Promise.all(Array.from({ length: atOnce }, async () => {
						for (const seed of queue) {
							wrong.push(...await wrongOf(engine(), builder, loss, seed, images, counts));
						}
					}));
				} finally {
					await removeAll(engine(), images);
					await removeUploads(engine(), builder, uploads);
				}
				process.stdout.write(`${test.name}, ${builder}, ${String(seeds.length)} Dockerfiles: ${JSON.stringify(counts)}, ${String(wrong.length)} wrong\n`);
				assert.deepEqual(wrong, []);
			});
		});
	});
}

/**
 * Builds once upon the common base. Builds at the same time of which one is the first to use it would share it without its cache
 * keys, and run what they have built upon it again (forecastHonesty.test.ts shows that of a RUN).
 */
function useBase(engine: Engine, builder: Builder): Promise<string> {
	return buildImage(engine, { Dockerfile: `FROM ${baseImage}\nRUN : ${process.pid}\n` }, { builder });
}

/** How many lines were foretold how, over all builds after the first of a Dockerfile. */
type ForecastCounts = Record<Forecast['kind'], number>;

/** What was foretold wrongly of the Dockerfile of a seed, as text. */
async function wrongOf(engine: Engine, builder: Builder, loss: CacheLoss, seed: number, images: string[], counts: ForecastCounts): Promise<readonly string[]> {
	const lab = await CacheLab.open(engine, builder, loss);
	const own = `random-${process.pid}-${seed}-${Math.random().toString(36).slice(2)}`;
	const wrong: string[] = [];
	try {
		for (const [at, state] of randomStates(seed, 3).entries()) {
			const { run, build, score, forecast, reasons } = await lab.build({ ...state, files: { ...state.files, seed: own } });
			if (run.state !== 'succeeded') {
				wrong.push(`seed ${seed}, state ${at}: ${String(run.error?.message)}\n${state.dockerfile}`);
				break;
			}
			if (at > 0) {
				forecast.forEach(said => { counts[said?.kind ?? 'unknown'] += said === undefined ? 0 : 1; });
			}
			const unexplained = run.steps.filter(({ outcome, instruction }) => outcome === 'ran' && reasons[instruction] === undefined).map(({ instruction }) => instruction);
			const { instructions } = build.resolved.dockerfile;
			for (const instruction of [...score.wrongHits, ...score.wrongMisses, ...unexplained]) {
				const { line, text } = instructions[instruction]!;
				const said = forecast[instruction];
				wrong.push(`seed ${seed}, state ${at}, line ${line} ${text}: ${String(run.steps[instruction]?.outcome)}, foretold ${said === undefined ? 'nothing' : drawForecast(said)}\n${state.dockerfile}`);
			}
		}
	} finally {
		images.push(...await lab.close());
	}
	return wrong;
}

/**
 * An image goes only after those that are built upon it, and on the containerd store one may lose but its name, which is no
 * refusal: what is there after all is tried again while others go. There too, what the classic builder made on its way
 * above and below them stays when they go.
 */
async function removeAll(engine: Engine, images: readonly string[]): Promise<void> {
	const isOneOf = (ids: readonly string[], id: string | undefined): boolean => ids.some(known => id?.replace('sha256:', '').startsWith(known.replace('sha256:', '')));
	const made = [...new Set(images)];
	for (let before = 0; made.length > before;) {
		before = made.length;
		const all = await engine.allImages();
		const below = all.filter(({ id }) => isOneOf(made, id)).flatMap(({ parentId }) => parentId ?? []);
		const isStep = ({ id, parentId, references }: ImageSummary): boolean => isOneOf(made, parentId) || (references.length === 0 && isOneOf(below, id));
		made.push(...all.filter(image => isStep(image) && !isOneOf(made, image.id)).map(({ id }) => id));
	}
	let left = made.reverse();
	for (let before = Number.POSITIVE_INFINITY; left.length < before;) {
		before = left.length;
		for (const id of left) {
			await engine.removeImage(id, { force: true }).catch(() => undefined);
		}
		left = (await engine.allImages()).map(({ id }) => id).filter(id => isOneOf(left, id));
	}
}

/** Values that differ from run to run do not count. */
function plain(reason: string, expected: string | undefined): string {
	if (expected?.endsWith('baseChanged') === true) {
		return reason.split(' ')[0]!;
	}
	return reason.replace(/hmac:[0-9a-f]+/g, 'hmac').replace(/http:\/\/127\.0\.0\.1:\d+\/\S+/, 'URL');
}

let count = 0;

/** Builds the states of a mutation one after the other, in a place of its own. */
async function judge(engine: Engine, builder: Builder, loss: CacheLoss, mutation: Mutation, images: string[]): Promise<LabBuild> {
	const seed = `${process.pid}-${count++}-${Math.random().toString(36).slice(2)}`;
	const lab = await CacheLab.open(engine, builder, loss);
	const world = await prepared(engine, lab, seed, mutation.prepare, images);
	try {
		let last: LabBuild | undefined;
		for (const [at, state] of mutation.states.entries()) {
			if (at > 0) {
				await world.change();
			}
			last = await lab.build({
				// So that nothing built upon the common base by others can be it.
				...state, dockerfile: world.text(state.dockerfile).replaceAll('/OWN', `/${seed}`),
				files: { ...state.files, seed },
				options: { ...state.options, ...(state.options?.tags === undefined ? {} : { tags: [`strata-test/cache-${seed}:tag`] }) },
			} satisfies LabState);
			assert.equal(last.run.state, 'succeeded', last.run.error?.message);
		}
		return last!;
	} finally {
		images.push(...await lab.close());
		await world.close();
	}
}

/** What a mutation finds outside of its context. */
interface World {
	text(dockerfile: string): string;
	change(): Promise<void>;
	close(): Promise<void>;
}

async function prepared(engine: Engine, lab: CacheLab, seed: string, prepare: Prepare | undefined, images: string[]): Promise<World> {
	const reference = `strata-test/cache-${seed}:base`;
	const base = async (...lines: string[]): Promise<string> => buildImage(engine, { Dockerfile: [`FROM ${baseImage}`, ...lines, ''].join('\n') }, { builder: 'classic', tags: [reference] });
	const nothing = { text: (dockerfile: string) => dockerfile.replaceAll('BASE\n', `${reference}\n`), change: () => Promise.resolve(), close: () => Promise.resolve() };
	const withBase = async (first: string[], then: string[] | undefined): Promise<World> => {
		images.push(await base(...first));
		return {
			...nothing,
			change: async () => {
				if (then !== undefined) {
					images.push(await base(...then));
				}
			},
		};
	};
	switch (prepare) {
		case undefined:
			return nothing;
		case 'retagOther':
			return withBase([`LABEL s=${seed}`], [`LABEL s=${seed}`, 'RUN echo > /other']);
		case 'retagLabel':
			return withBase([`LABEL s=${seed}`], [`LABEL s=${seed}`, 'LABEL other=1']);
		case 'retagEnv':
			return withBase([`LABEL s=${seed}`], [`LABEL s=${seed}`, 'ENV BASE_ENV=1']);
		case 'sameTag':
			await engine.tagImage(baseImage, reference);
			return { ...nothing, close: async () => { await engine.removeImage(reference); } };
		case 'onbuild':
			return withBase([`LABEL s=${seed}`, 'ONBUILD COPY seed /seed', 'ONBUILD COPY a.txt /onbuild'], undefined);
		case 'prune':
			return { ...nothing, text: dockerfile => dockerfile.replace('SEED', seed), change: () => prune(engine, lab, seed) };
		case 'url':
			return serving(false);
		case 'newUrl': {
			const world = await serving(true);
			return {
				...world,
				change: async () => {
					await letGo(engine, world.text('URL'));
					await world.change();
				},
			};
		}
	}
}

/** A build that begins before the engine has let go of what the last one downloaded is given that, and does not ask for it anew. */
async function letGo(engine: Engine, url: string): Promise<void> {
	while ((await engine.cacheRecords()).some(({ inUse, description }) => inUse && description.includes(url))) {
		// It does so a moment after the build's end.
	}
}

/** Takes away what the lab's builds left in the cache, and nothing else. */
async function prune(engine: Engine, lab: CacheLab, seed: string): Promise<void> {
	const info = await engine.info();
	const { images } = lab;
	for (const id of [...images]) {
		await engine.removeImage(id, { force: true }).catch(() => undefined);
		lab.loss.tell(info.id, { type: 'image', action: 'delete', id, attributes: {}, at: Date.now() });
	}
	await lab.prune(seed);
	lab.loss.tell(info.id, { type: 'builder', action: 'prune', id: '', attributes: {}, at: Date.now() });
	const at = Date.now();
	await lab.loss.surveyed(info, await engine.cacheRecords(), at);
}

/** A web server for ADD; its file changes between the builds where `changes`. */
async function serving(changes: boolean): Promise<World> {
	let content = 'one';
	const server: Server = createServer((request, response) => {
		response.setHeader('ETag', `"${content}"`);
		response.setHeader('Last-Modified', 'Sat, 21 Nov 2020 00:00:00 GMT');
		response.end(request.method === 'HEAD' ? undefined : content);
	});
	await new Promise<void>(resolve => { server.listen(0, '127.0.0.1', resolve); });
	// A test that fails before it closes it must not keep the run alive.
	server.unref();
	const { port } = server.address() as AddressInfo;
	return {
		text: dockerfile => dockerfile.replace('URL', `http://127.0.0.1:${port}/file`),
		change: () => {
			content = changes ? 'two' : content;
			return Promise.resolve();
		},
		close: () => new Promise(resolve => {
			server.closeAllConnections();
			server.close(() => { resolve(); });
		}),
	};
}
