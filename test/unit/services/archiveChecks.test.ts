import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ArchiveChecks, type ArchiveCheck } from '../../../src/services/archiveChecks';
import { ExploredImages } from '../../../src/services/exploredImages';
import { createLayerReader } from '../../../src/services/layerReader';
import { LayerStore } from '../../../src/services/layerStore';
import { OpenArchives } from '../../../src/services/openArchives';
import { english } from '../../../src/words/translate';
import { notVerifiedWords, verifiedWords, verifyingWords } from '../../../src/words/archiveCheck';
import { archiveTar, newArchive, type ImageDescription } from '../../support/imageOf';

const image: ImageDescription = { layers: [['etc/', 'etc/os * 2000'], [{ path: 'large', data: Buffer.alloc(17 << 20, 'large ') }, { path: 'twin', data: Buffer.alloc(9000, 'x') }, { path: 'twin2', data: Buffer.alloc(9000, 'x') }]] };

describe('checks of archives that are looked into', () => {
	let folder = '';
	let path = '';
	const made: { dispose(): void }[] = [];
	beforeEach(async () => {
		folder = await mkdtemp(join(tmpdir(), 'strata-checks-'));
		path = join(folder, 'image.tar');
	});
	afterEach(async () => {
		made.splice(0).forEach(one => { one.dispose(); });
		await rm(folder, { recursive: true });
	});

	const open = async () => {
		const noEngine = (): Promise<never> => Promise.reject(new Error('No engine is needed.'));
		const layers = new LayerStore({ folder: join(folder, 'kept'), log: message => { assert.fail(message); } });
		const explored = new ExploredImages(createLayerReader(layers, noEngine), (_, work) => work(new AbortController().signal, () => undefined));
		const values = new Map<string, unknown>();
		const archives = new OpenArchives({ get: (key: string) => values.get(key), update: (key: string, value: unknown) => Promise.resolve(void values.set(key, value)) });
		const checks = new ArchiveChecks(layers, explored, archives);
		made.push(checks, archives, explored);
		const done = new Promise<ArchiveCheck>(resolve => { checks.onDidChange(({ check }) => { if (check !== undefined && check.kind !== 'running') { resolve(check); } }); });
		const named = (await archives.open(path))[0]!;
		return { explored, archives, checks, done, named };
	};

	it('begin behind the first rows, and end in what is then known of it', async () => {
		await writeFile(path, archiveTar(newArchive(image)));
		const { explored, checks, done, named } = await open();
		assert.deepEqual(checks.of(path), []);
		const sought = await explored.get(named);
		assert.equal(sought.stack[1]!.verified, false);
		assert.deepEqual(checks.of(path), [{ kind: 'running', bytes: 0 }]);
		assert.deepEqual(await done, { kind: 'verified' });
		assert.deepEqual(checks.of(path), [{ kind: 'verified' }]);
		assert.equal((await explored.get(named)).stack[1]!.verified, true);
		assert.equal((await readdir(join(folder, 'kept'))).filter(name => name.endsWith('.layer')).length, 2);
	});

	it('say what does not match', async () => {
		const entries = newArchive(image);
		const [large] = Object.entries(entries).find(([, data]) => data.length > 17 << 20)!;
		(entries[large] as Buffer)[5000]! ^= 1;
		await writeFile(path, archiveTar(entries));
		const { explored, checks, done, named } = await open();
		await explored.get(named);
		const check = await done;
		assert.ok(check.kind === 'failed');
		assert.match(String(check.error), /digestMismatch: blobs\/sha256/);
		assert.deepEqual(checks.of(path), [check]);
		assert.equal((await explored.get(named)).stack[1]!.verified, false);
	});

	it('stop when the archive is closed, and keep nothing', async () => {
		await writeFile(path, archiveTar(newArchive(image)));
		const { explored, archives, checks, done, named } = await open();
		await explored.get(named);
		const kept = await readdir(join(folder, 'kept'));
		const told: (string | undefined)[] = [];
		checks.onDidChange(({ check }) => { told.push(check?.kind); });
		await archives.close(path);
		assert.deepEqual(told, [undefined]);
		assert.deepEqual(checks.of(path), []);
		// Another one that is opened now waits for nothing.
		await archives.open(path);
		explored.refresh();
		await explored.get(named);
		assert.deepEqual(await done, { kind: 'verified' });
		assert.equal(kept.length, 1);
	});

	it('are told in a sentence', () => {
		assert.equal(verifyingWords(64e6, 2e9, english), 'Verifying that every layer is what the image says: 64 MB of 2 GB. Removing the archive from the Images view stops it.');
		assert.equal(verifiedWords(english), 'Verified: every layer is what the image says, by its SHA-256 digest.');
		assert.equal(notVerifiedWords('image.tar', 'It is cut off.', english), 'image.tar does not hold what it says. It is cut off. What the Images view shows of it may be wrong.');
	});
});
