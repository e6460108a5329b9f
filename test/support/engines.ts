import { setTimeout } from 'node:timers/promises';
import { keepsCacheOnPrune } from '../../src/core/cache/keepsCacheOnPrune';
import { createDockerEngine } from '../../src/core/engine/dockerEngine';
import type { BuildMessage, BuildRequest, Builder, CacheRecord, Endpoint, Engine } from '../../src/core/engine/engine';
import { readCacheRecords } from '../../src/services/readCacheRecords';
import { traitsOf } from './engineTraits';
import { infoOf } from './infoOf';
import { tarOf, type TarFiles } from './tarOf';

export interface TestEngine {
	/** Its version, e.g. `28.5`. */
	readonly name: string;
	readonly host: string;
}

/** A small image (busybox) that every test engine has. */
export const baseImage = 'strata-test/base:1';

/** The real engines to test against. Throws where none is given: an engine test that silently does nothing proves nothing. */
export function testEngines(): readonly TestEngine[] {
	const given = process.env['STRATA_TEST_ENGINES'];
	if (!given) {
		throw new Error('STRATA_TEST_ENGINES is not set: a JSON list of { "name", "host" }. `npm test` sets it.');
	}
	const engines = JSON.parse(given) as TestEngine[];
	if (engines.length === 0) {
		throw new Error('STRATA_TEST_ENGINES names no engine.');
	}
	return engines;
}

export function endpointOf(engine: TestEngine): Endpoint {
	return { url: engine.host, origin: 'setting', name: engine.name, tls: undefined };
}

/** One `describe` for each engine; `engine()` is open from the first `before` on. */
export function forEachEngine(tests: (engine: () => Engine, test: TestEngine) => void): void {
	for (const test of testEngines()) {
		describe(`Docker ${test.name}`, () => {
			let opened: Engine | undefined;
			before(async () => { opened = await createDockerEngine(endpointOf(test)); });
			tests(() => {
				if (opened === undefined) {
					throw new Error('The engine is open within tests and hooks only.');
				}
				return opened;
			}, test);
		});
	}
}

/** As `forEachEngine`, for each builder that the engine has. */
export function forEachBuilder(tests: (engine: () => Engine, builder: Builder, test: TestEngine) => void): void {
	forEachEngine((engine, test) => {
		for (const builder of traitsOf(test).builders) {
			describe(builder, () => { tests(engine, builder, test); });
		}
	});
}

/** A request that differs from the plainest one in what is given. */
export function buildRequest(given: Partial<BuildRequest> = {}): BuildRequest {
	return {
		builder: 'buildkit',
		buildId: `strata-test-${process.pid}-${buildCount++}`,
		dockerfile: 'Dockerfile',
		tags: [],
		target: undefined,
		buildArgs: {},
		labels: { 'dev.strata.test': '1' },
		noCache: false,
		pull: false,
		platform: undefined,
		// A RUN in a network of its own takes twice as long.
		network: 'host',
		credentials: {},
		lent: undefined,
		...given,
	};
}

let buildCount = 0;

/** All messages of a build of these files, whether it succeeds or not. */
export async function buildMessages(engine: Engine, files: TarFiles, given: Partial<BuildRequest> = {}, signal = new AbortController().signal): Promise<readonly BuildMessage[]> {
	const request = buildRequest(given);
	const earlier = await uploadsIn(engine, request.builder);
	let succeeded = false;
	try {
		const messages: BuildMessage[] = [];
		for await (const message of engine.build(request, tarOf(files), signal)) {
			messages.push(message);
		}
		succeeded = messages.every(({ error }) => error === undefined);
		return messages;
	} finally {
		// Strata's own builds remove the record that their upload leaves; a bare one has nobody to.
		await removeUploads(engine, request.builder, earlier, succeeded ? 1 : 0);
	}
}

/** The records that uploaded build contexts left in the engine; nothing can use them again. */
export async function uploadsIn(engine: Engine, builder: Builder): Promise<readonly CacheRecord[]> {
	const records = builder === 'buildkit' ? await readCacheRecords(engine) : [];
	return records.filter(({ description }) => description.startsWith('http url http://build-context-'));
}

/**
 * Removes those that have come since, at least so many as are `expected`. The engine lists a record when nothing works
 * with it any more, a moment after the build; after builds that came to no good end for a while under other ids. Where a
 * removal costs other records, they stay.
 */
export async function removeUploads(engine: Engine, builder: Builder, earlier: readonly CacheRecord[], expected = 0): Promise<void> {
	if (builder !== 'buildkit' || !keepsCacheOnPrune(await infoOf(engine))) {
		return;
	}
	const known = new Set(earlier.map(({ id }) => id));
	const removed = new Set<string>();
	for (let looks = 0, emptyLooks = 0; looks < 30 && emptyLooks < (removed.size < expected ? 10 : expected > 0 ? 1 : 3); looks++) {
		const left = (await uploadsIn(engine, builder)).filter(({ id }) => !known.has(id));
		emptyLooks = left.length === 0 ? emptyLooks + 1 : 0;
		for (const { id } of left) {
			await engine.pruneCacheRecords([id]);
			removed.add(id);
		}
		await setTimeout(left.length > 0 || removed.size < expected || expected === 0 ? 150 : 0);
	}
}

/** The id of the image built from these files. Throws the engine's error where the build fails. */
export async function buildImage(engine: Engine, files: TarFiles, given: Partial<BuildRequest> = {}): Promise<string> {
	const messages = await buildMessages(engine, files, given);
	const failure = messages.find(message => message.error !== undefined);
	if (failure !== undefined) {
		throw new Error(failure.error);
	}
	const ids = messages.flatMap(({ aux }) => typeof aux === 'object' ? aux.ID ?? [] : []);
	const id = ids.at(-1);
	if (id === undefined) {
		throw new Error('The build named no image.');
	}
	return id;
}
