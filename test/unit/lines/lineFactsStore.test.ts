import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Emitter } from '../../../src/core/base/event';
import { plainBuild } from '../../../src/core/build/buildOptions';
import type { BuildRecord } from '../../../src/core/build/record';
import type { BuildRun, Outcome } from '../../../src/core/build/run';
import { parseDockerfile } from '../../../src/core/dockerfile/parse';
import { resolveDockerfile } from '../../../src/core/dockerfile/resolve';
import type { HistoryRow, ImageDetails, ImageSummary } from '../../../src/core/engine/engine';
import type { Build } from '../../../src/services/buildRunner';
import { ChosenImages } from '../../../src/services/chosenImages';
import { LineFactsStore } from '../../../src/services/lineFactsStore';

const path = '/work/Dockerfile';
const text = 'FROM base\nCOPY a /a\nRUN make\n';

describe('LineFactsStore', () => {
	let folder: string;
	before(async () => { folder = await mkdtemp(join(tmpdir(), 'strata-lines-')); });
	after(() => rm(folder, { recursive: true }));

	/** A store in a world of records and images that count how often they are asked. */
	function world(images: Readonly<Record<string, readonly [createdBy: string, sizeBytes: number][]>> = {}) {
		const asked: string[] = [];
		const records = new Map<string, BuildRecord>();
		const recordChanged = new Emitter<{ readonly dockerfilePath: string }>();
		const listChanged = new Emitter<undefined>();
		const builds = new Emitter<Build>();
		const pinned = new Emitter<string | undefined>();
		let compared = 0;
		const rowsOf = (id: string): readonly HistoryRow[] => images[id]!.map(([createdBy, sizeBytes]) =>
			({ imageId: undefined, createdAt: 0, createdBy, sizeBytes, comment: 'buildkit.dockerfile.v0', references: [] })).reverse();
		const chosen = join(folder, String(Math.random()));
		const store = (): LineFactsStore => new LineFactsStore({
			images: {
				onDidChange: listChanged.event,
				images: () => { asked.push('images'); return Promise.resolve(Object.keys(images).map((id, at) => summary(id, at))); },
				history: id => { asked.push(`history ${id}`); return Promise.resolve(rowsOf(id)); },
				details: id => { asked.push(`details ${id}`); return Promise.resolve({ diffIds: rowsOf(id).filter(({ sizeBytes }) => sizeBytes > 0).map((_, at) => `${id}-${String(at)}`) } as unknown as ImageDetails); },
			},
			records: { latestOf: one => { asked.push('record'); return Promise.resolve(records.get(one)); }, onDidChange: recordChanged.event },
			chosen: new ChosenImages(chosen),
			onDidChangeBuild: builds.event,
			past: {
				onDidChange: pinned.event,
				historiesOf: (_, { instructions }) => {
					compared++;
					return Promise.resolve(instructions.map(() => ({ sinceLast: undefined, sincePinned: undefined, sizes: [compared], durations: [] })));
				},
			},
		});
		return { asked, records, recordChanged, listChanged, builds, store, chosen, pinned };
	}

	it('gives a record\'s facts as soon as it is read, and asks nobody again for an edit', async () => {
		const { store: open, records, asked } = world();
		records.set(path, record(text));
		const store = open();
		assert.equal(drawn(store, text), 'FROM COPY RUN');
		await change(store);
		assert.equal(drawn(store, text), 'FROM COPY=ran,2 RUN=ran,3');
		const before = asked.length;
		for (let typed = 0; typed < 100; typed++) {
			drawn(store, `${text}# ${'x'.repeat(typed)}`);
		}
		assert.equal(drawn(store, text.replace('make', 'make all')), 'FROM COPY=ran,2 RUN=ran,3,changed');
		assert.equal(asked.length, before);
	});

	it('finds the newest image that really matches a Dockerfile never built here, and keeps it through edits', async () => {
		const { store: open, asked, listChanged } = world({
			old: [['CMD ["x"]', 0], ['COPY a /a # buildkit', 1], ['RUN /bin/sh -c make # buildkit', 1]],
			right: [['CMD ["x"]', 0], ['COPY a /a # buildkit', 5], ['RUN /bin/sh -c make # buildkit', 7]],
			other: [['CMD ["x"]', 0], ['COPY a /a # buildkit', 5], ['RUN /bin/sh -c other # buildkit', 7]],
		});
		const store = open();
		drawn(store, text);
		await change(store);
		assert.equal(drawn(store, text), 'FROM COPY=,5 RUN=,7');
		assert.deepEqual(asked.filter(one => one.startsWith('history')), ['history other', 'history right', 'history right']);
		const edited = text.replace('make', 'make all');
		assert.equal(drawn(store, edited), 'FROM COPY=,5 RUN=,7,changed');
		listChanged.fire(undefined);
		await settled();
		assert.equal(drawn(store, edited), 'FROM COPY=,5 RUN=,7,changed');
	});

	it('matches no image where the Dockerfile makes no layer of its own', async () => {
		const { store: open, asked } = world({ any: [['CMD ["x"]', 0]] });
		drawn(open(), 'FROM base\nCMD ["x"]\n');
		await settled();
		assert.deepEqual(asked, ['record']);
	});

	it('uses the image a person chose, until the next build, and over a restart', async () => {
		const images: Parameters<typeof world>[0] = { mine: [['X', 1], ['COPY a /a # buildkit', 9], ['RUN /bin/sh -c make # buildkit', 9]], wrong: [['COPY b /a # buildkit', 9]] };
		const { store: open, records, builds, chosen } = world(images);
		records.set(path, record(text));
		const store = open();
		drawn(store, text);
		await change(store);
		assert.equal(await store.choose(path, 'wrong:1'), false);
		assert.equal(await store.choose(path, 'mine:1'), true);
		assert.equal(drawn(store, text), 'FROM COPY=,9 RUN=,9');
		const again = open();
		drawn(again, text);
		await change(again);
		await change(again);
		assert.equal(drawn(again, text), 'FROM COPY=,9 RUN=,9');
		builds.fire(build(text, ['metadata', 'cached', 'running']));
		assert.equal(drawn(again, text), 'FROM COPY=cached RUN=running');
		while (new ChosenImages(chosen).get(path) !== undefined) {
			await settled();
		}
	});

	it('shows a build while it runs, and then its record', async () => {
		const { store: open, builds } = world();
		const store = open();
		drawn(store, text);
		await settled();
		const running = build(text, ['metadata', 'cached', 'running']);
		builds.fire(running);
		assert.equal(drawn(store, text), 'FROM COPY=cached RUN=running');
		assert.equal(store.facts(path, text).isBuilding, true);
		builds.fire({ ...running, run: { ...running.run, state: 'succeeded' }, record: record(text) });
		assert.equal(drawn(store, text), 'FROM COPY=ran,2 RUN=ran,3');
		assert.equal(store.facts(path, text).isBuilding, false);
	});

	it('is not led back by an older build whose record learns more', async () => {
		const { store: open, builds } = world();
		const store = open();
		drawn(store, text);
		await settled();
		const older = build(text, ['metadata', 'ran', 'ran']);
		builds.fire({ ...older, record: record(text) });
		const newer = { ...older, id: '2', run: { ...older.run, id: '2', startedAt: 2 } };
		builds.fire(newer);
		builds.fire({ ...older, record: record(text) });
		assert.equal(store.facts(path, text).isBuilding, true);
		builds.fire({ ...newer, record: { ...record(text), id: '2', startedAt: 2, builder: 'classic' } });
		builds.fire({ ...older, record: record('FROM other\n') });
		assert.equal(drawn(store, text), 'FROM COPY=ran,2 RUN=ran,3');
	});

	it('says after a restart what the frontend complained of, and lays the build beside earlier ones', async () => {
		const { store: open, records, pinned } = world();
		const warnings = [{ message: 'FromAsCasing: x (line 1)', detail: [], url: undefined, startLine: 1, endLine: 1 }];
		records.set(path, { ...record(text), warnings });
		const store = open();
		drawn(store, text);
		await change(store);
		assert.deepEqual(store.facts(path, text).complaints?.warnings, warnings);
		assert.deepEqual(store.facts(path, text).lines.map(({ history }) => history?.sizes), [[1], [1], [1]]);
		const changed = change(store);
		pinned.fire(undefined);
		await changed;
		assert.deepEqual(store.facts(path, text).lines.map(({ history }) => history?.sizes), [[2], [2], [2]]);
	});

	it('knows which row a line made and which line a row, also after an edit', async () => {
		const { store: open, records } = world({ built: [['X', 1], ['COPY a /a # buildkit', 9], ['RUN /bin/sh -c make # buildkit', 9]] });
		records.set(path, { ...record(text), imageId: 'built' });
		const store = open();
		drawn(store, text);
		await change(store);
		drawn(store, `# moved\n\n${text}`);
		assert.deepEqual(await store.rowOf(path, 5), { kind: 'row', imageId: 'built', row: 2 });
		assert.equal(await store.rowOf(path, 3), undefined, 'FROM has no row');
		assert.deepEqual(await store.lineOf({ kind: 'row', imageId: 'built', row: 1 }), { path, line: 4 });
		assert.equal(await store.lineOf({ kind: 'row', imageId: 'built', row: 0 }), undefined, 'a row of the base');
	});
});

function summary(id: string, createdAt: number): ImageSummary {
	return { id, references: [`${id}:1`], digests: [], createdAt, sizeBytes: 0, sharedBytes: undefined, platforms: [], parentId: undefined, labels: {} };
}

function record(of: string): BuildRecord {
	return {
		version: 2, id: '1', engineId: 'e', builder: 'buildkit', dockerfilePath: path, contextPath: '/work', state: 'succeeded', startedAt: 1, durationMs: 1,
		options: { target: undefined, tags: [], buildArgs: {}, noCache: false, platform: undefined, network: undefined },
		contextBytes: 0, contextFiles: 0, imageId: undefined, image: undefined, error: undefined, warnings: undefined, text: of,
		instructions: parseDockerfile(of).instructions.map(({ line, endLine, stage, keyword, text: words }) => ({
			line, endLine, stage, keyword, text: words, outcome: keyword === 'FROM' ? 'metadata' : 'ran', durationMs: undefined,
			size: keyword === 'FROM' ? undefined : { bytes: line, measure: 'history' }, diffId: undefined, logTail: undefined, inputs: undefined, reason: undefined,
		})),
	};
}

function build(of: string, outcomes: readonly Outcome[]): Build {
	const dockerfile = parseDockerfile(of);
	const run: BuildRun = {
		id: '1', builder: 'buildkit', state: 'running', startedAt: 1, finishedAt: undefined, others: [], warnings: [], imageId: undefined, error: undefined,
		steps: outcomes.map((outcome, instruction) => ({ instruction, outcome, startedAt: undefined, durationMs: undefined, vertices: [], imageId: undefined, progress: undefined })),
	};
	return { id: '1', engineId: 'e', options: plainBuild('/work', path), context: {} as Build['context'], resolved: resolveDockerfile(dockerfile, {}), run, record: undefined };
}

/** Each line's keyword, with what is known of it: `RUN=ran,3`. */
function drawn(store: LineFactsStore, of: string): string {
	return store.facts(path, of).lines.map(({ keyword, source, outcome, size, stale }) => {
		const known = [outcome ?? '', ...size === undefined ? [] : [size.bytes], ...stale === undefined ? [] : [stale]].join(',');
		return source === undefined || keyword === 'FROM' ? keyword : `${keyword}=${known}`;
	}).join(' ');
}

function change(store: LineFactsStore): Promise<string> {
	return new Promise(resolve => {
		const subscription = store.onDidChange(changed => {
			subscription.dispose();
			resolve(changed);
		});
	});
}

/** When everything that was begun has been done: nothing here waits for anything but memory and small files. */
async function settled(): Promise<void> {
	for (let turn = 0; turn < 50; turn++) {
		await new Promise(resolve => { setImmediate(resolve); });
	}
}
