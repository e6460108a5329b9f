import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BuildRecord } from '../../../src/core/build/record';
import type { Outcome } from '../../../src/core/build/run';
import { RecordStore } from '../../../src/services/recordStore';
import { withFolder } from '../build/withFolder';

const key = { engineId: 'engine', dockerfilePath: '/p/Dockerfile', target: undefined };

describe('RecordStore', () => {
	it('gives the records of a Dockerfile and target on an engine, newest first', () => withStore(async store => {
		await store.put(record('old', 1));
		await store.put(record('new', 3));
		await store.put(record('middle', 2));
		await store.put({ ...record('other', 4), dockerfilePath: '/p/Other' });
		await store.put({ ...record('elsewhere', 5), engineId: 'another' });
		await store.put({ ...record('targeted', 6), options: { ...record('', 0).options, target: 'a' } });
		assert.deepEqual((await store.list(key)).map(({ id }) => id), ['new', 'middle', 'old']);
		assert.deepEqual((await store.listEngine('engine')).map(({ id }) => id), ['targeted', 'other', 'new', 'middle', 'old']);
		assert.equal((await store.latestOf('/p/Dockerfile'))?.id, 'targeted');
	}));

	it('survives a restart', () => withStore(async (store, again) => {
		await store.put(record('kept', 1));
		assert.deepEqual(await again().list(key), [record('kept', 1)]);
	}));

	it('replaces a record that learnt more', () => withStore(async (store, again) => {
		await store.put(record('one', 1));
		await store.put({ ...record('one', 1), imageId: 'sha256:later' });
		for (const each of [store, again()]) {
			assert.deepEqual((await each.list(key)).map(({ id, imageId }) => [id, imageId]), [['one', 'sha256:later']]);
		}
	}));

	it('learns more of a record that is there, and brings back none that was deleted meanwhile', () => withStore(async (store, again, folder) => {
		const later = { ...record('one', 1), imageId: 'sha256:later' };
		await store.put(record('one', 1));
		assert.equal(await store.update(later), true);
		for (const each of [store, again()]) {
			assert.deepEqual((await each.list(key)).map(({ id, imageId }) => [id, imageId]), [['one', 'sha256:later']]);
		}
		assert.equal((await files(folder)).length, 1);
		await again().delete(key.dockerfilePath);
		assert.equal(await store.update(later), false);
		for (let round = 0; round < 50; round++) {
			await store.put(record('one', 1));
			await Promise.all([store.update(later), again().delete(key.dockerfilePath)]);
			assert.deepEqual(await files(folder), []);
		}
	}));

	it('sees what another window writes and removes', () => withStore(async (store, again) => {
		const other = again();
		await store.put(record('mine', 1));
		await other.put(record('theirs', 2));
		assert.deepEqual((await store.list(key)).map(({ id }) => id), ['theirs', 'mine']);
	}));

	it('keeps no more than so many of each', () => withStore(async store => {
		for (let at = 1; at <= 8; at++) {
			await store.put(record(`r${at}`, at));
		}
		assert.deepEqual((await store.list(key)).map(({ id }) => id), ['r8', 'r7', 'r6', 'r5', 'r4']);
	}));

	it('reads records of the first version, and does not claim what they did not keep', () => withStore(async (store, again, folder) => {
		await store.put(record('present', 2));
		const [place] = await files(folder);
		await writeFile(place!.replace(/[^/]+$/, '000000000000001-aaaaaaaaaaaa-00000000.json'), JSON.stringify({ ...record('first', 1), version: 1, image: undefined, warnings: undefined }));
		assert.deepEqual((await again().list(key)).map(({ id, version, image, warnings }) => [id, version, image, warnings]), [
			['present', 2, { totalBytes: 9, baseBytes: 4 }, [{ message: 'FromAsCasing: x', detail: [], startLine: 1, endLine: 1 }]], ['first', 2, undefined, undefined],
		]);
	}));

	it('takes the later of two files of one build, where a window was killed between writing and clearing', () => withStore(async (store, again, folder) => {
		await store.put(record('one', 1));
		const [place] = await files(folder);
		const earlier = await readFile(place!);
		await store.put({ ...record('one', 1), imageId: 'sha256:later' });
		await writeFile(place!, earlier);
		assert.deepEqual((await again().list(key)).map(({ imageId }) => imageId), ['sha256:later']);
		await again().put({ ...record('one', 1), imageId: 'sha256:last' });
		assert.equal((await files(folder)).length, 1);
	}));

	it('passes over a build that says nothing of any line', () => withStore(async store => {
		await store.put(record('good', 1));
		await store.put(record('broken', 2, 'notRun'));
		assert.equal((await store.latest(key))?.id, 'good');
		assert.equal((await store.list(key))[0]?.id, 'broken');
	}));

	it('passes over what is no record of this version, and says so once', () => withStore(async (store, again, folder, log) => {
		await store.put(record('good', 1));
		const [place] = await files(folder);
		await writeFile(place!.replace(/[^/]+$/, '000000000000002-aaaaaaaaaaaa-00000000.json'), '{ "version": 1, "id":');
		await writeFile(place!.replace(/[^/]+$/, '000000000000003-bbbbbbbbbbbb-00000000.json'), JSON.stringify({ ...record('future', 3), version: 3 }));
		await writeFile(place!.replace(/[^/]+$/, 'notes.txt'), 'somebody else\'s');
		const fresh = again();
		assert.deepEqual((await fresh.list(key)).map(({ id }) => id), ['good']);
		assert.deepEqual((await fresh.list(key)).map(({ id }) => id), ['good']);
		assert.equal(log.length, 2);
	}));

	it('writes whole files only, readable by nobody else', () => withStore(async (store, _, folder) => {
		await Promise.all(Array.from({ length: 5 }, (_each, at) => store.put(record(`r${at}`, at + 1))));
		const written = await files(folder);
		assert.equal(written.filter(path => !path.endsWith('.json')).length, 0);
		for (const path of written) {
			JSON.parse(await readFile(path, 'utf8'));
		}
	}));

	it('tells of what it wrote', () => withStore(async store => {
		const told: unknown[] = [];
		store.onDidChange(changed => { told.push(changed); });
		await store.put(record('one', 1));
		assert.deepEqual(told, [key]);
	}));

	it('has nothing where nothing was written', () => withStore(async store => {
		assert.deepEqual([await store.list(key), await store.latest(key), await store.listEngine('engine'), await store.latestOf('/p/Dockerfile')], [[], undefined, [], undefined]);
	}));
});

async function withStore(use: (store: RecordStore, again: () => RecordStore, folder: string, log: readonly string[]) => Promise<void>): Promise<void> {
	await withFolder({}, async root => {
		const log: string[] = [];
		const folder = join(root, 'records');
		const open = (): RecordStore => new RecordStore({ folder, mostKept: 5, log: message => { log.push(message); } });
		await use(open(), open, folder, log);
	});
}

async function files(folder: string): Promise<readonly string[]> {
	const found = await readdir(folder, { recursive: true, withFileTypes: true });
	return found.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name));
}

function record(id: string, startedAt: number, outcome: Outcome = 'ran'): BuildRecord {
	return {
		version: 2, id, engineId: 'engine', builder: 'buildkit', dockerfilePath: '/p/Dockerfile', contextPath: '/p',
		options: { tags: [], buildArgs: {}, noCache: false } as unknown as BuildRecord['options'],
		image: { totalBytes: 9, baseBytes: 4 }, warnings: [{ message: 'FromAsCasing: x', detail: [], startLine: 1, endLine: 1 }],
		state: 'succeeded', startedAt, durationMs: 5, contextBytes: 1, contextFiles: 1, text: 'FROM x\n',
		instructions: [{ line: 1, endLine: 1, stage: 0, keyword: 'FROM', text: 'FROM x', outcome }],
	} as unknown as BuildRecord;
}
