import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { createDockerEngine } from '../../../src/core/engine/dockerEngine';
import { saveArchive } from '../../../src/services/archiveTransfers';
import { writeWholeTar } from '../../../src/services/writeWholeTar';
import { startFakeEngine } from '../../support/fakeEngine';
import { layerTar } from '../../support/layerTar';

const never = new AbortController().signal;
const tar = layerTar(['a * 5000', 'b = hello']);

describe('a tar is written whole or not at all', () => {
	let folder: string;
	let path: string;
	const left = async (): Promise<string> => `${(await readdir(folder)).join(' ')}: ${await readFile(path, 'utf8')}`;

	beforeEach(async () => {
		folder = await mkdtemp(join(tmpdir(), 'strata-whole-'));
		path = join(folder, 'a.tar');
		await writeFile(path, 'what was there');
	});

	afterEach(async () => { await rm(folder, { recursive: true, force: true }); });

	it('whole: it takes the place of what was there', async () => {
		const told: number[] = [];
		assert.equal(await writeWholeTar(path, Readable.from([tar.subarray(0, 700), tar.subarray(700)]), bytes => told.push(bytes), never), tar.length);
		assert.deepEqual(told, [700, tar.length]);
		assert.deepEqual([await readdir(folder), (await readFile(path)).equals(tar)], [['a.tar'], true]);
	});

	it('cancelled under way', async () => {
		const abort = new AbortController();
		const reason = new Error('enough');
		const writing = writeWholeTar(path, Readable.from(async function* () {
			yield tar.subarray(0, 700);
			abort.abort(reason);
			yield await new Promise<Buffer>(() => undefined);
		}()), () => undefined, abort.signal);
		await assert.rejects(writing, reason);
		assert.equal(await left(), 'a.tar: what was there');
	});

	it('broken off by the engine, which appends its words and ends well', async () => {
		for (const words of ['write /var/lib: no space', `write /var/lib/${'long/'.repeat(400)}: no space`]) {
			const broken = [tar.subarray(0, 1500), ...JSON.stringify({ errorDetail: { message: words }, error: words }).match(/.{1,700}/g)!.map(piece => Buffer.from(piece)), Buffer.from('\r\n')];
			await assert.rejects(writeWholeTar(path, Readable.from(broken), () => undefined, never), { reason: 'failed', message: words });
		}
		await assert.rejects(writeWholeTar(path, Readable.from([tar.subarray(0, 1500)]), () => undefined, never), { reason: 'failed', message: 'the archive ended too soon' });
		await assert.rejects(writeWholeTar(path, Readable.from([]), () => undefined, never), { message: 'the archive ended too soon' });
		assert.equal(await left(), 'a.tar: what was there');
	});

	it('by an engine that is killed under way', async () => {
		const fake = await startFakeEngine();
		fake.on('GET /images/get', (_request, response) => {
			response.writeHead(200, { 'content-type': 'application/x-tar' });
			response.write(tar.subarray(0, 1500));
		});
		const engine = await createDockerEngine(fake.endpoint);
		const plan = { references: ['x'], totalBytes: undefined, savedBytes: 0 };
		let dying: Promise<void> | undefined;
		await assert.rejects(saveArchive(engine, plan, path, () => { dying = fake.die(); }, never), { name: 'EngineError', reason: 'unreachable' });
		await dying;
		await fake[Symbol.asyncDispose]();
		assert.equal(await left(), 'a.tar: what was there');
	});

	it('where there is no place for it', async () => {
		await assert.rejects(writeWholeTar(join(folder, 'none', 'a.tar'), Readable.from([tar]), () => undefined, never), { name: 'FileError', reason: 'missing' });
		await assert.rejects(writeWholeTar(folder, Readable.from([tar]), () => undefined, never), { name: 'FileError' });
		assert.equal(await left(), 'a.tar: what was there');
	});

	it('on a disk that is full', async function () {
		// A disk of 1 MB that only this process has: mounted in a namespace of its own, it goes with it.
		const script = `const { saveFileSystem } = require('./src/services/archiveTransfers'); const { readdirSync } = require('node:fs'); const { describeFileError } = require('./src/words/fileError');
			const engine = { exportContainer: async () => require('node:stream').Readable.from(async function* () { for (;;) { yield Buffer.alloc(65536, 1); } }()) };
			saveFileSystem(engine, 'c', process.argv[1] + '/a.tar', () => undefined, new AbortController().signal)
				.then(() => console.log('written'), failure => console.log(failure.reason, failure.cause.code, readdirSync(process.argv[1]).length, describeFileError(failure, text => text)))`;
		const isRoot = process.getuid?.() === 0;
		const mounted = ['--mount', 'bash', '-c', 'mount -t tmpfs -o size=1m none "$1" && exec "$0" --require tsx/cjs -e "$2" "$1"', process.execPath, folder, script];
		const ran = await promisify(execFile)('unshare', [...isRoot ? [] : ['--user', '--map-root-user'], ...mounted], { cwd: resolve(__dirname, '../../..') }).catch((cause: unknown) => cause as Error & { readonly stdout?: string });
		if (ran instanceof Error && !ran.stdout) {
			process.stdout.write(`      Without a full disk, because none can be mounted here: ${ran.message.split('\n').at(-2) ?? ran.message}\n`);
			this.skip();
		}
		assert.equal(ran.stdout, 'full ENOSPC 0 The disk of {0} is full, so nothing was written. Make room there, or choose another place.\n');
		assert.equal(await left(), 'a.tar: what was there');
	});

	it('where the room ends', async () => {
		// A limit to the size of files stands for a full disk: nobody need be root for it.
		const script = `require('./src/services/writeWholeTar').writeWholeTar(${JSON.stringify(path)}, require('node:stream').Readable.from([Buffer.alloc(400_000)]), () => undefined, new AbortController().signal)
			.then(() => console.log('written'), failure => console.log(failure.name, failure.reason))`;
		const { stdout } = await promisify(execFile)('bash', ['-c', `trap "" XFSZ; ulimit -f 100; exec "$0" --require tsx/cjs -e "$1"`, process.execPath, script], { cwd: resolve(__dirname, '../../..') });
		assert.equal(stdout, 'FileError full\n');
		assert.equal(await left(), 'a.tar: what was there');
	});
});
