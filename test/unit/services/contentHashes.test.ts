import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { lstat, mkdtemp, readdir, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ContentHashes, type FileStat } from '../../../src/services/contentHashes';

const never = new AbortController().signal;
const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('ContentHashes', () => {
	let folder = '';
	let root = '';
	const logged: string[] = [];
	const open = (): ContentHashes => new ContentHashes({ storageFolder: join(folder, 'hashes'), log: message => { logged.push(message); } });

	beforeEach(async () => {
		folder = await mkdtemp(join(tmpdir(), 'strata-hashes-'));
		root = folder;
		logged.length = 0;
	});
	afterEach(() => rm(folder, { recursive: true }));

	/** A file, and what listing it gave; `settled`: as if it had been written long ago. */
	async function file(path: string, text: string, settled = true): Promise<FileStat> {
		await writeFile(join(root, path), text);
		const about = await lstat(join(root, path), { bigint: true });
		const ctimeMs = settled ? Number(about.ctimeMs) - 60_000 : Number(about.ctimeMs);
		return { path, size: Number(about.size), mtimeMs: ctimeMs, ctimeMs, inode: about.ino };
	}

	it('hashes content, whatever its length', async () => {
		const long = 'x'.repeat(600_000);
		const files = [await file('short', 'abc'), await file('empty', ''), await file('long', long)];
		assert.deepEqual(Object.fromEntries(await open().hash(root, files, never)), { short: hashOf('abc'), empty: hashOf(''), long: hashOf(long) });
	});

	it('reads no file again that looks as before, also after a restart', async () => {
		const one = await file('a', 'first');
		await open().hash(root, [one], never);
		await writeFile(join(root, 'a'), 'other');
		assert.equal((await open().hash(root, [one], never)).get('a'), hashOf('first'));
		assert.equal((await open().hash(root, [{ ...one, ctimeMs: one.ctimeMs + 1 }], never)).get('a'), hashOf('other'));
	});

	it('does not keep the hash of a file that was changed a moment ago', async () => {
		const one = await file('a', 'first', false);
		await open().hash(root, [one], never);
		await writeFile(join(root, 'a'), 'other');
		assert.equal((await open().hash(root, [one], never)).get('a'), hashOf('other'));
	});

	it('leaves out what is gone, shorter than listed or a link', async () => {
		const [gone, shorter] = [await file('gone', 'x'), await file('shorter', 'long text')];
		await rm(join(root, 'gone'));
		await truncate(join(root, 'shorter'), 2);
		assert.deepEqual([...await open().hash(root, [gone, shorter], never)], []);
	});

	it('keeps what was hashed until it was aborted', async () => {
		const files = await Promise.all(Array.from({ length: 40 }, (_, at) => file(`f${at}`, String(at))));
		const abort = new AbortController();
		await assert.rejects(open().hash(root, files, abort.signal, ({ files: done }) => { if (done === 3) { abort.abort(); } }), { name: 'AbortError' });
		assert.ok((await open().recall(root, files)).size >= 3);
	});

	it('tells how far it is', async () => {
		const files = [await file('a', 'a'), await file('b', 'b')];
		const told: string[] = [];
		await open().hash(root, files, never, ({ files: done, of }) => { told.push(`${done}/${of}`); });
		assert.deepEqual(told, ['1/2', '2/2']);
	});

	it('begins anew where its list is damaged, and says so', async () => {
		const one = await file('a', 'first');
		await open().hash(root, [one], never);
		const [name] = await readdir(join(folder, 'hashes'));
		await writeFile(join(folder, 'hashes', name!), 'no list');
		await utimes(join(root, 'a'), 1, 1);
		assert.equal((await open().hash(root, [one], never)).get('a'), hashOf('first'));
		assert.equal(logged.length, 1);
	});
});
