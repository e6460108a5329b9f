import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { createDockerEngine } from '../../../src/core/engine/dockerEngine';
import type { Engine } from '../../../src/core/engine/engine';
import { ArchiveError } from '../../../src/core/layers/archiveError';
import { readImageStream } from '../../../src/core/layers/imageStream';
import type { LayeredImage } from '../../../src/core/layers/layeredImage';
import { defaultLimits } from '../../../src/core/layers/limits';
import { layerThread, type ReadStreamOptions } from '../../../src/services/layerThread';
import { refusal, startFakeEngine, type FakeEngine } from '../../support/fakeEngine';
import { layersProgram } from '../../support/layersProgram';
import { archiveTar, diffIdsOf, inPieces, newArchive, ociLayout, oldArchive, type ImageDescription } from '../../support/imageOf';

const image: ImageDescription = {
	layers: [['etc/', 'etc/os * 2000', { path: 'x', data: 'x', pax: { 'SCHILY.xattr.user.a': 'v' } }], ['-etc/os', 'large * 700000', 'link => large'], []],
};

const never = new AbortController().signal;

describe('a thread that reads layers', () => {
	let folder = '';
	let program = '';
	const noLog = (message: string): void => { assert.fail(message); };
	before(async () => {
		folder = await mkdtemp(join(tmpdir(), 'strata-thread-'));
		program = layersProgram(folder);
	});
	after(() => rm(folder, { recursive: true }));

	for (const [form, entries] of Object.entries({ 'old archives': oldArchive(image), 'new ones': newArchive(image), 'zstd layers': ociLayout([image], 'zstd') })) {
		it(`finds what is found without one, in ${form}`, async () => {
			const tar = archiveTar(entries);
			const progress: number[] = [];
			const read = await layerThread(program, noLog)(() => inPieces(tar, 9999), { onProgress: bytes => { progress.push(bytes); } });
			assert.deepEqual(read, await readImageStream(inPieces(tar)));
			assert.equal(progress.at(-1), tar.length);
			assert.deepEqual(await layerThread(program, noLog)(() => inPieces(gzipSync(tar)), {}), read);
		});
	}

	it('leaves the layers that are known to who knows them', async () => {
		const tar = archiveTar(newArchive(image));
		const { index } = (await readImageStream(inPieces(tar))).layers[1]!;
		const read = await layerThread(program, noLog)(() => inPieces(tar), { known: new Map([[index.diffId, index]]) });
		assert.equal(read.layers[1]!.index, index);
		assert.deepEqual(read.layers.map(({ diffId }) => diffId), diffIdsOf(image));
	});

	it('says what is wrong with an archive as it is said without one', async () => {
		const refusal = (reading: Promise<LayeredImage>): Promise<unknown> => reading.then(() => assert.fail('read'), (error: unknown) => {
			assert.ok(error instanceof ArchiveError, String(error));
			const { message, kind, subject, bound, limit, found } = error;
			return { message, kind, subject, bound, limit, found };
		});
		const limits = { ...defaultLimits, layerEntries: 2 };
		for (const [bytes, options] of [[archiveTar(oldArchive(image)).subarray(0, 450_000), {}], [archiveTar(newArchive(image)), { limits }], [archiveTar(newArchive(image)), { platform: 'plan9/mips' }], [Buffer.from('no archive'), {}]] as const) {
			assert.deepEqual(await refusal(layerThread(program, noLog)(() => inPieces(bytes), options)), await refusal(readImageStream(inPieces(bytes), options)));
		}
	});

	it('ends when the reading is given up, and lets go of the stream', async () => {
		const abort = new AbortController();
		let open = true;
		const stream = async function* (): AsyncGenerator<Buffer> {
			try {
				for (let at = 0; ; at++) {
					yield await Promise.resolve(at === 0 ? archiveTar(oldArchive(image)).subarray(0, -1024) : Buffer.alloc(100_000));
				}
			} finally {
				open = false;
			}
		};
		await assert.rejects(layerThread(program, noLog)(stream, { signal: abort.signal, onProgress: bytes => { if (bytes > 1_000_000) { abort.abort(); } } }), { name: 'AbortError' });
		assert.equal(open, false);
	});

	describe('that asks the engine itself', () => {
		let fake: FakeEngine;
		let engine: Engine;
		beforeEach(async () => {
			fake = await startFakeEngine();
			engine = await createDockerEngine(fake.endpoint);
		});
		afterEach(() => fake[Symbol.asyncDispose]());

		const itself = (options: Partial<ReadStreamOptions> = {}): Promise<LayeredImage> =>
			layerThread(program, noLog)(() => engine.saveImage('a:1', options.signal ?? never), { request: engine.saveRequest('a:1'), ...options });
		const saves = (): number => fake.requests.filter(request => request.endsWith('/images/a:1/get')).length;

		it('finds what is found in the engine\'s stream, and tells how far it is', async () => {
			const large = { layers: [[{ path: 'large', data: Buffer.alloc(9_000_000, 'large ') }]] };
			const tar = archiveTar(newArchive(large));
			fake.on('GET /images/*/get', (_request, response) => { Readable.from(inPieces(tar, 333_333)).pipe(response); });
			const progress: number[] = [];
			assert.deepEqual(await itself({ onProgress: bytes => { progress.push(bytes); } }), await readImageStream(inPieces(tar)));
			assert.equal(saves(), 1);
			assert.equal(progress.length, 2);
			assert.ok(progress.every((bytes, at) => bytes >= (at + 1) * 4e6 && bytes <= tar.length), String(progress));
		});

		it('leaves it to the asker to hear why there is no answer', async () => {
			fake.on('GET /images/*/get', refusal(404, 'No such image: a:1'));
			await assert.rejects(itself(), { reason: 'notFound', message: 'No such image: a:1' });
			assert.equal(saves(), 2);
			await fake.die();
			await assert.rejects(itself(), { reason: 'noEngine' });
		});

		it('says that the engine is gone when it dies within its answer', async () => {
			const tar = archiveTar(newArchive(image));
			fake.on('GET /images/*/get', (_request, response) => { response.write(tar.subarray(0, tar.length / 2), () => void fake.die()); });
			await assert.rejects(itself(), { reason: 'unreachable', subject: fake.endpoint.url });
		});

		it('says why the engine could not go on with its answer', async () => {
			const tar = archiveTar(newArchive(image));
			fake.on('GET /images/*/get', (_request, response) => {
				response.write(tar.subarray(0, tar.length / 2));
				response.end('{"errorDetail":{"message":"content sha256:1: not found"},"error":"content sha256:1: not found"}\r\n');
			});
			await assert.rejects(itself(), { reason: 'failed', message: 'content sha256:1: not found' });
		});

		it('hangs up when the reading is given up, before the answer and within', async () => {
			for (const begin of [false, true]) {
				const abort = new AbortController();
				const hungUp = new Promise(resolve => {
					fake.on('GET /images/*/get', (_request, response) => {
						response.once('close', resolve);
						if (begin) {
							response.write(archiveTar(newArchive(image)).subarray(0, 9999));
						}
						setImmediate(() => { abort.abort(); });
					});
				});
				await assert.rejects(itself({ signal: abort.signal }), { name: 'AbortError' });
				await hungUp;
			}
		});
	});

	it('is not needed: without it the asker reads', async () => {
		const tar = archiveTar(newArchive(image));
		const expected = await readImageStream(inPieces(tar));
		assert.deepEqual(await layerThread(join(folder, 'missing.js'), noLog)(() => inPieces(tar), {}), expected);
		const broken = join(folder, 'broken.js');
		await writeFile(broken, 'throw new Error("no thread today");');
		const said: string[] = [];
		assert.deepEqual(await layerThread(broken, message => { said.push(message); })(() => inPieces(tar), {}), expected);
		assert.deepEqual(said, ['Layers are read without a thread: Error: no thread today']);
	});

	it('says so when it dies half-way', async () => {
		const dying = join(folder, 'dying.js');
		await writeFile(dying, 'const { parentPort } = require("node:worker_threads"); parentPort.postMessage({ kind: "ready" }); parentPort.on("message", () => process.exit(3));');
		const endless = async function* (): AsyncGenerator<Buffer> {
			for (;;) {
				yield await Promise.resolve(Buffer.alloc(100_000));
			}
		};
		await assert.rejects(layerThread(dying, noLog)(endless, {}), /thread that reads layers has ended/);
	});
});
