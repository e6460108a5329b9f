import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { archiveTar, diffIdsOf, newArchive, ociLayout, oldArchive, type ImageDescription } from '../../support/imageOf';

const root = resolve(__dirname, '../../..');
const image: ImageDescription = {
	createdBy: ['COPY app /app # buildkit', 'RUN /bin/sh -c rm /app/big && sed -i s/1/2/ /app/config # buildkit'],
	layers: [['app/', 'app/big * 3000', 'app/config = one\n', 'app/link -> config'], ['app/config = two\n', '-app/big']],
};
const other: ImageDescription = { ...image, reference: 'test/image:2', layers: [image.layers[0]!, ['app/config = three\n', 'app/new * 7', '-app/big']] };

interface Answer {
	readonly code: number;
	readonly out: string;
	readonly err: string;
}

describe('the command line, as it is bundled', function () {
	this.timeout(60_000);
	let folder: string;
	const at = (name: string): string => join(folder, name);
	const strata = (...argv: readonly string[]): Promise<Answer> => new Promise(done => {
		execFile(process.execPath, [at('dist/cli.js'), ...argv], { cwd: folder, env: { ...process.env, STRATA_HOME: at('home') } },
			(error, out, err) => { done({ code: typeof error?.code === 'number' ? error.code : 0, out, err }); });
	});
	const json = async (...argv: readonly string[]): Promise<unknown> => {
		const { code, out, err } = await strata(...argv, '--json');
		assert.deepEqual([code, err], [0, '']);
		return JSON.parse(out);
	};

	before(async () => {
		folder = await mkdtemp(join(tmpdir(), 'strata-bundle-'));
		for (const name of ['src', 'node_modules', 'package.json']) {
			await symlink(join(root, name), at(name));
		}
		await new Promise<void>((done, fail) => {
			execFile(process.execPath, [join(root, 'esbuild.mjs')], { cwd: folder }, error => { if (error === null) { done(); } else { fail(error); } });
		});
		await writeFile(at('old.tar'), archiveTar(oldArchive(image)));
		await writeFile(at('new.tar'), archiveTar(newArchive(other, 'gzip')));
		await writeFile(at('cut.tar'), archiveTar(oldArchive(image)).subarray(0, 3000));
		await writeFile(at('text.tar'), 'no archive at all');
		await writeFile(at('wide.json'), '{ "totalBytes": "1 MB" }');
		await writeFile(at('narrow.json'), '{ "wastedBytes": "1 kB", "layerBytes": 5000, "lines": { "COPY app": 100 } }');
		await writeFile(at('wrong.json'), '{ "totalBites": 1 }');
	});

	after(() => rm(folder, { recursive: true, force: true }));

	it('reads a compressed archive in a thread of its own, and without one where there is none', async () => {
		const plain = await json('analyze', 'old.tar') as { readonly layers: unknown };
		await writeFile(at('old.tar.gz'), gzipSync(archiveTar(oldArchive(image))));
		const { layers } = await json('analyze', 'old.tar.gz') as { readonly layers: unknown };
		assert.deepEqual(layers, plain.layers);
		const thread = await readFile(at('dist/layers.js'));
		try {
			await writeFile(at('dist/layers.js'), 'throw new Error("broken");');
			await writeFile(at('again.tar.gz'), gzipSync(archiveTar(oldArchive(image))));
			const { code, out, err } = await strata('analyze', 'again.tar.gz', '--json');
			assert.deepEqual([code, err], [0, 'Layers are read without a thread: Error: broken\n']);
			assert.deepEqual((JSON.parse(out) as typeof plain).layers, plain.layers);
		} finally {
			await writeFile(at('dist/layers.js'), thread);
		}
	});

	it('analyzes an archive', async () => {
		const [first, second] = diffIdsOf(image);
		assert.deepEqual(await json('analyze', 'old.tar'), {
			image: 'old.tar',
			layers: [
				{ index: 0, diffId: first, createdBy: image.createdBy![0], bytes: 3004, files: 3, added: 4, modified: 0, removed: 0, wastedBytes: 3004 },
				{ index: 1, diffId: second, createdBy: image.createdBy![1], bytes: 4, files: 1, added: 0, modified: 1, removed: 1, wastedBytes: 0 },
			],
			totalBytes: 3008, wastedBytes: 3004, efficiency: 1 - 3004 / 3008,
			waste: [{ path: '/app/big', bytes: 3000, addedIn: 0, buriedIn: 1, how: 'removed' }, { path: '/app/config', bytes: 4, addedIn: 0, buriedIn: 1, how: 'overwritten' }],
		});
		assert.match((await strata('analyze', 'old.tar')).out, /^old\.tar: 3\.01 kB in 2 layers, 3 kB wasted, efficiency 0\.1 %\n/);
	});

	it('says which layers hold what nobody needs, and why', async () => {
		await writeFile(at('left.tar'), archiveTar(oldArchive({
			createdBy: ['RUN /bin/sh -c apt-get update # buildkit', '/bin/sh -c #(nop) COPY file:1 in /app '],
			layers: [['var/lib/apt/lists/deb_Packages * 9000'], ['app * 700', 'root/.npm/x * 20']],
		})));
		assert.equal((await strata('analyze', 'left.tar')).out, `left.tar: 9.72 kB in 2 layers, 0 B wasted, efficiency 100.0 %

layer   size  added  modified  removed  wasted  made by
    0   9 kB     +5        ~0       -0          RUN apt-get update
    1  720 B     +4        ~0       -0          COPY file:1 in /app

layer  what it need not hold
    0  9 kB of apt's package lists stay in this layer: /var/lib/apt/lists.
`);
	});

	it('lists what a layer did, and gives the bytes of a file at any layer', async () => {
		const meta = { kind: 'file', mode: 0o644, uid: 0, gid: 0, link: null };
		assert.deepEqual(await json('files', 'old.tar', '--layer', '1'), [
			{ ...meta, path: '/app/big', change: 'removed', size: 3000 }, { ...meta, path: '/app/config', change: 'modified', size: 4 },
		]);
		const read = await Promise.all([['--layer', '0', '/app/config'], ['/app/link'], ['--layer', '1', '/app/big']].map(argv => strata('cat', 'old.tar', ...argv)));
		assert.deepEqual(read.map(({ code, out }) => [code, out]), [[0, 'one\n'], [0, 'two\n'], [2, '']]);
		assert.match(read[2]!.err, /^There is no “?\/app\/big”? in this view of the image\.\n$/);
	});

	it('compares two images', async () => {
		assert.deepEqual(await json('compare', 'old.tar', 'new.tar'), {
			layers: { shared: [diffIdsOf(image)[0]], onlyA: [diffIdsOf(image)[1]], onlyB: [diffIdsOf(other)[1]] },
			files: [{ path: '/app/config', change: 'modified', sizeA: 4, sizeB: 6 }, { path: '/app/new', change: 'added', sizeA: null, sizeB: 7 }],
		});
	});

	it('checks a budget: exit code 1, and every line that exceeds it', async () => {
		const [wide, narrow] = await Promise.all(['wide.json', 'narrow.json'].map(budget => strata('check', '--budget', budget, 'old.tar', '--json')));
		assert.deepEqual([wide!.code, narrow!.code, narrow!.err], [0, 1, 'old.tar exceeds its budget.\n']);
		assert.deepEqual(JSON.parse(narrow!.out), {
			image: 'old.tar', totalBytes: 3008, wastedBytes: 3004, efficiency: 1 - 3004 / 3008,
			exceeded: [
				{ what: 'wastedBytes', limit: 1000, actual: 3004, layer: null, createdBy: null },
				{ what: 'lines', limit: 100, actual: 3004, layer: 0, createdBy: image.createdBy![0] },
			],
		});
	});

	it('says nothing of an archive or a layout folder before every layer is verified, and takes one file out as it is', async () => {
		// A layer that the editor shows from its headers at once.
		const entries = ociLayout([{ layers: [['etc/os = here\n', { path: 'large', data: Buffer.alloc(17 << 20, 'large ') }]] }]);
		const [large] = Object.entries(entries).find(([, data]) => data.length > 17 << 20)!;
		const write = async (name: string): Promise<void> => {
			await writeFile(at(`${name}.tar`), archiveTar(entries));
			for (const [path, data] of Object.entries(entries)) {
				await mkdir(dirname(at(join(name, path))), { recursive: true });
				await writeFile(at(join(name, path)), data);
			}
		};
		await write('whole');
		(entries[large] as Buffer)[5000]! ^= 1;
		await write('changed');
		for (const source of ['changed.tar', 'changed']) {
			for (const argv of [['analyze', source], ['check', '--budget', 'wide.json', source], ['files', source, '--layer', '0'], ['compare', source, source.replace('changed', 'whole')]]) {
				const { code, out, err } = await strata(...argv, '--json');
				assert.deepEqual([code, out], [2, ''], argv.join(' '));
				assert.match(err, /blobs\/sha256\/\w+ is not what the image says it is: its digest is sha256:/);
			}
			assert.deepEqual(await strata('cat', source, '/etc/os'), { code: 0, out: 'here\n', err: '' });
			assert.equal((await strata('analyze', source.replace('changed', 'whole'))).code, 0);
		}
	});

	it('waits for no pipe', async () => {
		await promisify(execFile)('mkfifo', [at('pipe')]);
		for (const argv of [['analyze', 'pipe'], ['cat', 'pipe', '/etc/os'], ['analyze', '/dev/null']]) {
			const { code, err } = await strata(...argv);
			assert.equal(code, 2);
			assert.match(err, /^“?\/\S+ is no regular file \((?:fifo|character device)\)\.\n$/);
		}
	});

	for (const [argv, code, words] of [
		[['analyze', 'cut.tar'], 2, /cut off: it ends in the middle/],
		[['analyze', 'text.tar'], 2, /no image archive/],
		[['analyze', 'old.tar', '--image', 'none:1'], 2, /There is no image .*none:1.* in the archive\. It has: .*test\/image:1/],
		[['files', 'old.tar'], 2, /--layer is missing/],
		[['files', 'old.tar', '--layer', '9'], 2, /layer/],
		[['check', 'old.tar'], 2, /--budget is missing/],
		[['check', '--budget', 'wrong.json', 'old.tar'], 2, /"totalBites" is none of totalBytes/],
		[['compare', 'old.tar'], 2, /B is missing/],
		[['analyze', 'some/image:1', '--engine', 'unix:///nowhere/none.sock'], 3, /none\.sock/],
	] as const) {
		it(`says what is wrong with "strata ${argv.join(' ')}", with exit code ${String(code)}`, async () => {
			const answer = await strata(...argv);
			assert.deepEqual([answer.code, answer.out], [code, '']);
			assert.match(answer.err, words);
			assert.doesNotMatch(answer.err, /\n {4}at /);
		});
	}
});
