import assert from 'node:assert/strict';
import { appendFileSync, chmodSync, linkSync, rmSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { createGunzip } from 'node:zlib';
import fc from 'fast-check';
import { extract } from 'tar-stream';
import { ContextError } from '../../../src/core/build/contextError';
import { listContext, type ContextEntry } from '../../../src/core/build/contextFiles';
import { packContext, type ContextSummary, type PackOptions } from '../../../src/core/build/packContext';
import { tarEnd, tarHeader } from '../../../src/core/build/tarHeader';
import { withFolder } from './withFolder';

const running = new AbortController().signal;

describe('packContext', () => {
	it('packs files, folders and links, owned by nobody in particular', () => withFolder({ 'b/x.txt': 'hello', a: '' }, async root => {
		chmodSync(join(root, 'b/x.txt'), 0o4750);
		chmodSync(join(root, 'a'), 0);
		chmodSync(join(root, 'b'), 0o700);
		utimesSync(join(root, 'a'), 0, new Date(Date.UTC(2040, 0, 1)));
		symlinkSync('../somewhere', join(root, 'link'));
		linkSync(join(root, 'b/x.txt'), join(root, 'other'));
		const { entries, summary } = await packed(root);
		assert.deepEqual(entries.map(entry => `${entry.type} ${entry.name} ${entry.mode.toString(8)} ${entry.body}${entry.link ? ` -> ${entry.link}` : ''}`), [
			'file a 0 ', 'directory b/ 700 ', 'file b/x.txt 4750 hello', 'symlink link 777  -> ../somewhere', 'link other 4750  -> b/x.txt',
		]);
		assert.deepEqual([...new Set(entries.map(entry => entry.owner))], ['0:0::']);
		assert.equal(entries[0]?.mtime, Date.UTC(2040, 0, 1));
		assert.deepEqual({ ...summary, sentBytes: 0 }, { files: 3, bytes: 5, unpackedBytes: 5 + '../somewhere'.length, sentBytes: 0, skipped: [] });
	}));

	it('keeps names that are long or not ASCII', async () => {
		const long = `${'d'.repeat(90)}/${'e'.repeat(120)}/file`;
		const target = 'ü'.repeat(80);
		await withFolder({ [long]: '1', 'grün/日本語 🙂': '2' }, async root => {
			symlinkSync(target, join(root, 'z'));
			const { entries } = await packed(root);
			assert.deepEqual(entries.map(entry => entry.name), [`${'d'.repeat(90)}/`, `${'d'.repeat(90)}/${'e'.repeat(120)}/`, long, 'grün/', 'grün/日本語 🙂', 'z']);
			assert.equal(entries.at(-1)?.link, target);
		});
	});

	it('gives any name, time and size back to a reader', async () => {
		const name = fc.stringMatching(/^[a-z0-9ü日 ._-]{1,140}$/u).filter(text => !/^\.*$/.test(text));
		await fc.assert(fc.asyncProperty(name, fc.integer({ min: 0, max: 8 ** 11 - 1 }), fc.integer({ min: 0, max: 0o7777 }), async (path, seconds, mode) => {
			const header = tarHeader({ path, kind: 'directory', mode, size: 0, link: undefined, mtimeMs: seconds * 1000 });
			const [entry] = await read(Readable.from([header, tarEnd]));
			assert.deepEqual([entry?.name, entry?.mtime, entry?.mode], [`${path}/`, seconds * 1000, mode]);
		}));
	});

	it('writes a size beyond what the plain header holds', () => {
		const size = 9 * 1024 ** 3;
		const header = tarHeader({ path: 'big', kind: 'file', mode: 0o644, size, link: undefined, mtimeMs: 0 });
		assert.ok(header.includes(`size=${size}\n`));
	});

	it('packs the contents given instead of the file\'s, and adds those that are not there', () => withFolder({ Dockerfile: 'old', x: '1' }, async root => {
		const { entries } = await packed(root, { contents: new Map([['Dockerfile', Buffer.from('new text')], ['.extra', Buffer.from('e')]]) });
		assert.deepEqual(entries.map(entry => `${entry.name} ${entry.body}`), ['Dockerfile new text', 'x 1', '.extra e']);
	}));

	it('packs large files piece by piece', () => withFolder({ big: Buffer.alloc(3_000_001, 'ab'), small: '1' }, async root => {
		const { entries, summary } = await packed(root);
		assert.deepEqual(entries.map(entry => [entry.name, entry.body.length]), [['big', 3_000_001], ['small', 1]]);
		assert.equal(summary.bytes, 3_000_002);
	}));

	it('compresses', () => withFolder({ zeros: Buffer.alloc(1_000_000) }, async root => {
		const { tar, summary } = packContext(listed(root), options(root, { compress: true }));
		const entries = await read(tar.pipe(createGunzip()));
		assert.equal(entries[0]?.body.length, 1_000_000);
		assert.ok(summary().sentBytes > 0 && summary().sentBytes < 50_000);
	}));

	it('leaves sockets and fifos out and says so', () => withFolder({ x: '' }, async root => {
		const entry: ContextEntry = { ...(await firstOf(root)), path: 'pipe', kind: 'other' };
		const { tar, summary } = packContext(from([entry]), options(root));
		assert.deepEqual(await read(tar), []);
		assert.deepEqual(summary().skipped, ['pipe']);
	}));

	for (const [size, name] of [[10, 'small'], [200_000, 'large']] as const) {
		it(`cuts a ${name} file that grew at the size it was listed with`, () => withFolder({ log: Buffer.alloc(size, 'a') }, async root => {
			const entry = await firstOf(root);
			appendFileSync(join(root, 'log'), 'more');
			const entries = await read(packContext(from([entry]), options(root)).tar);
			assert.equal(entries[0]?.body.length, size);
		}));

		it(`names a ${name} file that shrank`, () => withFolder({ log: Buffer.alloc(size, 'a') }, async root => {
			const entry = await firstOf(root);
			truncateSync(join(root, 'log'), size - 1);
			await assert.rejects(read(packContext(from([entry]), options(root)).tar), contextError('changedSize', 'log'));
		}));

		it(`names a ${name} file that vanished, also when compressed`, () => withFolder({ log: Buffer.alloc(size, 'a') }, async root => {
			const entry = await firstOf(root);
			rmSync(join(root, 'log'));
			for (const compress of [false, true]) {
				const { tar } = packContext(from([entry]), options(root, { compress }));
				await assert.rejects(async () => { for await (const chunk of tar) { assert.ok(chunk); } }, contextError('vanished', 'log'));
			}
		}));
	}

	it('does not follow a file that became a link', () => withFolder({ plain: 'x', secret: 's' }, async root => {
		const entry = await firstOf(root);
		rmSync(join(root, 'plain'));
		symlinkSync('secret', join(root, 'plain'));
		await assert.rejects(read(packContext(from([entry]), options(root)).tar), contextError('vanished', 'plain'));
	}));

	it('stops when aborted', () => withFolder({ big: Buffer.alloc(20_000_000) }, async root => {
		const abort = new AbortController();
		const { tar, summary } = packContext(listed(root), options(root, { signal: abort.signal }));
		await assert.rejects(async () => { for await (const chunk of tar) { assert.ok(chunk); abort.abort(); } }, { name: 'AbortError' });
		assert.ok(summary().sentBytes < 5_000_000);
	}));

	it('reads nothing where nobody reads it, also when compressed', () => withFolder({}, async root => {
		const listing = listed(root);
		let isListed = false;
		async function* watched(): AsyncGenerator<ContextEntry> {
			isListed = true;
			yield* listing;
		}
		for (const compress of [false, true]) {
			packContext(watched(), options(root, { compress })).tar.destroy();
			await setImmediate();
			assert.equal(isListed, false);
		}
	}));

	it('reads no further than it is asked for', () => withFolder({}, async root => {
		for (let index = 0; index < 200; index++) {
			writeFileSync(join(root, `f${index}`), Buffer.alloc(60_000));
		}
		const { tar, summary } = packContext(listed(root), options(root));
		let taken = 0;
		for await (const chunk of tar as AsyncIterable<Buffer>) {
			taken += chunk.length;
			assert.ok(summary().bytes - taken < 1_000_000, `${summary().bytes} bytes packed when ${taken} were taken`);
			await setImmediate();
		}
	}));
});

interface Entry {
	readonly name: string;
	readonly type: string;
	readonly mode: number;
	readonly mtime: number;
	readonly link: string;
	readonly owner: string;
	readonly body: string;
}

function options(root: string, given: Partial<PackOptions> = {}): PackOptions {
	return { root, contents: new Map(), compress: false, signal: running, ...given };
}

function listed(root: string): AsyncIterable<ContextEntry> {
	return listContext(root, { includes: () => true, mayIncludeBelow: () => true }, running);
}

async function firstOf(root: string): Promise<ContextEntry> {
	for await (const entry of listed(root)) {
		return entry;
	}
	throw new Error('an empty folder');
}

async function* from(entries: readonly ContextEntry[]): AsyncGenerator<ContextEntry> {
	await Promise.resolve();
	yield* entries;
}

async function packed(root: string, given: Partial<PackOptions> = {}): Promise<{ readonly entries: readonly Entry[]; readonly summary: ContextSummary }> {
	const { tar, summary } = packContext(listed(root), options(root, given));
	return { entries: await read(tar), summary: summary() };
}

async function read(tar: Readable): Promise<readonly Entry[]> {
	const reader = extract();
	const entries: Entry[] = [];
	tar.on('error', error => { reader.destroy(error); });
	tar.pipe(reader);
	for await (const entry of reader) {
		const chunks: Buffer[] = [];
		for await (const chunk of entry as AsyncIterable<Buffer>) {
			chunks.push(chunk);
		}
		const { header } = entry;
		entries.push({
			name: header.name, type: header.type ?? '', mode: header.mode ?? 0, mtime: header.mtime?.getTime() ?? 0, link: header.linkname ?? '',
			owner: `${header.uid}:${header.gid}:${header.uname ?? ''}:${header.gname ?? ''}`, body: Buffer.concat(chunks).toString(),
		});
	}
	return entries;
}

function contextError(kind: string, path: string): (error: unknown) => boolean {
	return error => error instanceof ContextError && error.kind === kind && error.path === path;
}
