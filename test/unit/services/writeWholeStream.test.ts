import assert from 'node:assert/strict';
import fs from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { mock } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { writeWholeStream } from '../../../src/services/writeWholeStream';

describe('a stream is written whole or not at all', () => {
	let folder: string;
	let path: string;
	const left = async (): Promise<string> => `${(await readdir(folder)).join(' ')}: ${await readFile(path, 'utf8')}`;

	beforeEach(async () => {
		folder = await mkdtemp(join(tmpdir(), 'strata-whole-'));
		path = join(folder, 'saved');
		await writeFile(path, 'what was there');
	});

	afterEach(async () => { await rm(folder, { recursive: true, force: true }); });

	it('whole: it takes the place of what was there, also where there is nothing in it', async () => {
		await writeWholeStream(path, [Readable.from([Buffer.from('a'), Buffer.from('b')])], new AbortController().signal);
		assert.equal(await left(), 'saved: ab');
		await writeWholeStream(path, [Readable.from([])], new AbortController().signal);
		assert.equal(await left(), 'saved: ');
	});

	it('cancelled under way, and cancelled before', async () => {
		const abort = new AbortController();
		const reason = new Error('enough');
		const writing = writeWholeStream(path, [Readable.from(async function* () {
			yield Buffer.alloc(200_000);
			assert.equal((await readdir(folder)).length, 2, 'it is under way, beside');
			abort.abort(reason);
			yield await new Promise<Buffer>(() => undefined);
		}())], abort.signal);
		await assert.rejects(writing, reason);
		assert.equal(await left(), 'saved: what was there');
		await assert.rejects(writeWholeStream(path, [Readable.from([Buffer.from('a')])], abort.signal), reason);
		assert.equal(await left(), 'saved: what was there');
	});

	it('failed under way', async () => {
		const broken = new Error('the archive is cut off');
		await assert.rejects(writeWholeStream(path, [Readable.from(async function* () {
			yield await Promise.resolve(Buffer.alloc(200_000));
			throw broken;
		}())], new AbortController().signal), broken);
		assert.equal(await left(), 'saved: what was there');
	});

	it('failed before its file was opened', async () => {
		const broken = new Error('the engine is gone');
		const { open } = fs;
		let opened: Promise<unknown> | undefined;
		const slowly = mock.method(fs, 'open', (file: string, flags: string, mode: number, done: (error: Error | null, fd: number) => void) => {
			opened = sleep(20).then(async () => new Promise((resolve) => {
				open(file, flags, mode, (error, fd) => { done(error, fd); resolve(fd); });
			}));
		});
		try {
			await assert.rejects(writeWholeStream(path, [new Readable({ read() { this.destroy(broken); } })], new AbortController().signal), broken);
		} finally {
			slowly.mock.restore();
		}
		assert.ok(opened, 'the file was being opened');
		await opened;
		assert.equal(await left(), 'saved: what was there');
	});

	it('found not whole at its end', async () => {
		await assert.rejects(writeWholeStream(path, [Readable.from([Buffer.from('a')])], new AbortController().signal, () => { throw new Error('too short'); }), /too short/);
		assert.equal(await left(), 'saved: what was there');
	});
});
