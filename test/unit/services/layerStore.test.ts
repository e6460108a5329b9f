import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { stackOf, type LayeredImage } from '../../../src/core/layers/layeredImage';
import { LayerStore } from '../../../src/services/layerStore';
import { SharedLoads } from '../../../src/services/sharedLoads';
import { StoredIndexes } from '../../../src/services/storedIndexes';
import { archiveTar, newArchive, type ArchiveEntries, type ImageDescription } from '../../support/imageOf';
import { drawTree, stackOfEntries } from '../../support/layerStack';

const noEngine = (): Promise<never> => Promise.reject(new Error('No engine is needed.'));
const image: ImageDescription = { layers: [['etc/', 'etc/os * 2000'], ['b * 700']] };
let folder = '';

beforeEach(async () => { folder = await mkdtemp(join(tmpdir(), 'strata-store-')); });
afterEach(() => rm(folder, { recursive: true }));

describe('indexes on disk', () => {
	const storeOf = (mostBytes = 1 << 30, said: string[] = []): StoredIndexes => new StoredIndexes({ folder: join(folder, 'kept'), mostBytes: () => mostBytes, log: message => { said.push(message); } });

	it('come back whole, in another store too', async () => {
		const [index] = stackOfEntries(['a/', 'a/b * 9', 'c => a/b', 'd -> a', { path: 'x', data: 'x', pax: { 'SCHILY.xattr.user.a': 'v' } }]);
		await storeOf().put(index!);
		assert.deepEqual(await storeOf().get(index!.diffId), index);
	});

	it('are one object for all who ask while somebody holds it', async () => {
		const [index] = stackOfEntries(['a']);
		const store = storeOf();
		await store.put(index!);
		assert.equal(await store.get(index!.diffId), index);
	});

	it('are not kept unless they were verified', async () => {
		const [index] = stackOfEntries(['a']);
		await storeOf().put({ ...index!, verified: false });
		assert.equal(await storeOf().get(index!.diffId), undefined);
	});

	it('are dropped when damaged or of another version, and it is said', async () => {
		const [index] = stackOfEntries(['a']);
		await storeOf().put(index!);
		const [name] = await readdir(join(folder, 'kept'));
		const path = join(folder, 'kept', name!);
		const bytes = await readFile(path);
		for (const damage of [bytes.subarray(0, 50), Buffer.alloc(0), Buffer.concat([bytes, Buffer.from('x')]), withByte(bytes, 8, 99), withByte(bytes, 60, 1)]) {
			await writeFile(path, damage);
			const said: string[] = [];
			assert.equal(await storeOf(1 << 30, said).get(index!.diffId), undefined);
			assert.equal(said.length, 1);
			assert.deepEqual(await readdir(join(folder, 'kept')), []);
		}
	});

	it('go when there are too many, the least recently used first', async () => {
		const indexes = stackOfEntries(['a'], ['b'], ['c']);
		const store = storeOf();
		for (const [at, index] of indexes.entries()) {
			await store.put(index);
			const path = join(folder, 'kept', `${index.diffId.replace(':', '-')}.layer`);
			await utimes(path, 1000 + at, 1000 + at);
		}
		const { size } = await stat(join(folder, 'kept', (await readdir(join(folder, 'kept')))[0]!));
		const small = storeOf(size * 2 + 10);
		await small.get(indexes[0]!.diffId);
		await small.trim();
		const known = await Promise.all(indexes.map(async ({ diffId }) => await storeOf().get(diffId) !== undefined));
		assert.deepEqual(known, [true, false, true]);
	});

	it('are cleared of what writers left that were killed, an hour later', async () => {
		const [index] = stackOfEntries(['a']);
		await storeOf().put(index!);
		const [name] = await readdir(join(folder, 'kept'));
		for (const [tail, age] of [['aaaa.tmp', 2 * 3600], ['bbbb.tmp', 60]] as const) {
			const path = join(folder, 'kept', `${name!}.${tail}`);
			await writeFile(path, 'half of an ind');
			await utimes(path, Date.now() / 1000 - age, Date.now() / 1000 - age);
		}
		await storeOf().trim();
		assert.deepEqual((await readdir(join(folder, 'kept'))).sort(), [name, `${name!}.bbbb.tmp`]);
		assert.deepEqual(await storeOf().get(index!.diffId), index);
	});

	it('leave nothing half-written where many write at once', async () => {
		const [index] = stackOfEntries(Array.from({ length: 500 }, (_, at) => `f${at}`));
		await Promise.all(Array.from({ length: 20 }, () => storeOf().put(index!)));
		assert.equal((await readdir(join(folder, 'kept'))).length, 1);
		assert.deepEqual(await storeOf().get(index!.diffId), index);
	});

	it('are not needed: a folder that cannot be written to only says so', async () => {
		await writeFile(join(folder, 'kept'), 'a file in the way');
		const said: string[] = [];
		await storeOf(1 << 30, said).put(stackOfEntries(['a'])[0]!);
		assert.equal(said.length > 0, true);
	});
});

describe('the layer store', () => {
	const storeOf = (): LayerStore => new LayerStore({ folder: join(folder, 'kept'), log: message => { assert.fail(message); } });

	it('does not read a compressed archive twice', async () => {
		const path = join(folder, 'image.tar.gz');
		await writeFile(path, gzipSync(archiveTar(newArchive(image))));
		const read: number[] = [];
		const onProgress = (bytes: number): void => { read.push(bytes); };
		const first = await storeOf().load({ kind: 'archive', path }, noEngine, { onProgress });
		assert.ok(read.splice(0).length > 0);
		const again = await storeOf().load({ kind: 'archive', path }, noEngine, { onProgress });
		assert.deepEqual(read, []);
		assert.deepEqual(again, first);
	});

	it('reads an archive again that was changed', async () => {
		const path = join(folder, 'image.tar');
		await writeFile(path, archiveTar(newArchive(image)));
		await storeOf().load({ kind: 'archive', path }, noEngine);
		await writeFile(path, archiveTar(newArchive({ layers: [['other = x']] })));
		assert.equal(drawTree(stackOf(await storeOf().load({ kind: 'archive', path }, noEngine))), '/other 1');
	});

	describe('with a layer that is only sought through', () => {
		const large: ImageDescription = { layers: [['etc/', 'etc/os * 2000'], [{ path: 'large', data: Buffer.alloc(17 << 20, 'large ') }]] };
		const openLarge = async (entries = newArchive(large)): Promise<{ readonly kind: 'archive'; readonly path: string }> => {
			const path = join(folder, 'large.tar');
			await writeFile(path, archiveTar(entries));
			return { kind: 'archive', path };
		};
		const verified = ({ layers }: LayeredImage): readonly boolean[] => layers.map(({ index }) => index.verified);

		it('verifies it when asked, keeps it, and does so once', async () => {
			const source = await openLarge();
			const sought = await storeOf().load(source, noEngine);
			assert.deepEqual(verified(sought), [true, false]);
			const proved = await storeOf().verify(source);
			assert.deepEqual(verified(proved), [true, true]);
			// Rows that a person has open already mean the same in it.
			assert.deepEqual({ ...proved.layers[1]!.index, verified: false, contentHash: undefined }, { ...sought.layers[1]!.index, contentHash: undefined });
			const read: number[] = [];
			assert.deepEqual(await storeOf().verify(source, { onProgress: bytes => { read.push(bytes); } }), proved);
			assert.deepEqual(await storeOf().load(source, noEngine), proved);
			assert.deepEqual(read, []);
		});

		it('verifies it at once for who asks for that', async () => {
			const source = await openLarge();
			assert.deepEqual(verified(await storeOf().load(source, noEngine, { verified: true })), [true, true]);
		});

		it('verifies it in a layout folder too, every time', async () => {
			const path = join(folder, 'layout');
			await writeEntries(path, newArchive(large));
			const source = { kind: 'layout', path } as const;
			assert.deepEqual(verified(await storeOf().load(source, noEngine)), [true, false]);
			const read: number[] = [];
			assert.deepEqual(verified(await storeOf().verify(source, { onProgress: bytes => { read.push(bytes); } })), [true, true]);
			assert.equal(read.at(-1), (17 << 20) + 1536 + 4096, 'over all layers');
			await writeEntries(path, newArchive(large), bytes => { bytes[5000]! ^= 1; });
			// Its true self was proved before, elsewhere.
			await storeOf().load(source, noEngine);
			await assert.rejects(storeOf().verify(source), { kind: 'digestMismatch' });
			await assert.rejects(storeOf().load(source, noEngine, { verified: true }), { kind: 'digestMismatch' });
		});

		it('does not take it for verified because another image had the true one', async () => {
			const good = await openLarge();
			await storeOf().verify(good);
			const entries = newArchive(large);
			const [path] = Object.entries(entries).find(([, data]) => data.length > 17 << 20)!;
			const changed = Buffer.from(entries[path]!);
			changed[5000]! ^= 1;
			const source = await openLarge({ ...entries, [path]: changed });
			await storeOf().load(source, noEngine);
			await assert.rejects(storeOf().verify(source), { kind: 'digestMismatch', subject: path });
			await assert.rejects(storeOf().verify(source), { kind: 'digestMismatch' });
		});

		it('stops when nobody wants it any more, and keeps nothing', async () => {
			const source = await openLarge();
			const abort = new AbortController();
			let read = 0;
			await assert.rejects(storeOf().verify(source, { signal: abort.signal, onProgress: bytes => {
				read = bytes;
				abort.abort();
			} }), { name: 'AbortError' });
			assert.ok(read < 2 << 20);
			await assert.rejects(readdir(join(folder, 'kept')), { code: 'ENOENT' });
		});
	});

	it('gives up a compressed archive, and keeps nothing of it', async () => {
		const path = join(folder, 'image.tar.gz');
		await writeFile(path, gzipSync(archiveTar(newArchive({ layers: [[{ path: 'noise', data: randomBytes(8 << 20) }]] })), { level: 1 }));
		const abort = new AbortController();
		let read = 0;
		const onProgress = (bytes = 0): void => {
			read = bytes;
			abort.abort();
		};
		await assert.rejects(storeOf().load({ kind: 'archive', path }, noEngine, { signal: abort.signal, onProgress }), { name: 'AbortError' });
		assert.ok(read < 2 << 20);
		await assert.rejects(readdir(join(folder, 'kept')), { code: 'ENOENT' });
	});

	it('forgets a failure', async () => {
		const path = join(folder, 'image.tar');
		await writeFile(path, 'no archive');
		const store = storeOf();
		await assert.rejects(store.load({ kind: 'archive', path }, noEngine), { kind: 'notArchive' });
		await writeFile(path, archiveTar(newArchive(image)));
		assert.equal((await store.load({ kind: 'archive', path }, noEngine)).layers.length, 2);
	});
});

describe('one work for all who ask', () => {
	const never = (signal: AbortSignal): Promise<never> => new Promise((_, reject) => { signal.addEventListener('abort', () => { reject(signal.reason as Error); }); });

	it('starts once and tells everybody', async () => {
		const loads = new SharedLoads<number, number>();
		let started = 0;
		const progress: number[] = [];
		const work = (_: AbortSignal, tell: (progress: number) => void): Promise<number> => {
			started++;
			return Promise.resolve().then(() => { tell(5); return 7; });
		};
		const asked = [1, 2].map(() => loads.get('a', work, { onProgress: value => { progress.push(value); } }));
		assert.deepEqual(await Promise.all(asked), [7, 7]);
		assert.equal(started, 1);
		assert.deepEqual(progress, [5, 5]);
		assert.equal(await loads.get('a', work), 7);
		assert.equal(started, 2);
	});

	it('goes on while one still waits, and ends with the last', async () => {
		const loads = new SharedLoads<number, number>();
		let signal: AbortSignal | undefined;
		const work = (given: AbortSignal): Promise<number> => {
			signal = given;
			return never(given);
		};
		const [first, second] = [new AbortController(), new AbortController()];
		const asked = [first, second].map(({ signal: own }) => loads.get('a', work, { signal: own }));
		first.abort();
		await assert.rejects(asked[0]!, { name: 'AbortError' });
		assert.equal(signal?.aborted, false);
		second.abort();
		await assert.rejects(asked[1]!, { name: 'AbortError' });
		assert.equal(signal?.aborted, true);
	});

	it('starts anew for who asks after it was given up', async () => {
		const loads = new SharedLoads<number, number>();
		const abort = new AbortController();
		const asked = loads.get('a', never, { signal: abort.signal });
		abort.abort();
		await assert.rejects(asked);
		assert.equal(await loads.get('a', () => Promise.resolve(3)), 3);
	});
});

/** An archive as a folder, its large layer changed. */
async function writeEntries(folder: string, entries: ArchiveEntries, change?: (bytes: Buffer) => void): Promise<void> {
	for (const [name, data] of Object.entries(entries)) {
		const bytes = Buffer.from(data);
		if (bytes.length > 1 << 20) {
			change?.(bytes);
		}
		await mkdir(dirname(join(folder, name)), { recursive: true });
		await writeFile(join(folder, name), bytes);
	}
}

function withByte(bytes: Buffer, at: number, value: number): Buffer {
	const copy = Buffer.from(bytes);
	copy[at]! ^= value;
	return copy;
}
