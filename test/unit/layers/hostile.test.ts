import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { ArchiveError } from '../../../src/core/layers/archiveError';
import { openArchive } from '../../../src/core/layers/archiveFile';
import { readImage } from '../../../src/core/layers/imagePlan';
import { readImageStream } from '../../../src/core/layers/imageStream';
import { compressionOf } from '../../../src/core/layers/inflater';
import { stackOf } from '../../../src/core/layers/layeredImage';
import { LayerScanner } from '../../../src/core/layers/layerScanner';
import { defaultLimits, type ArchiveLimits } from '../../../src/core/layers/limits';
import { findNode, resolveNode } from '../../../src/core/layers/tree';
import { describeArchiveError } from '../../../src/words/archiveError';
import { english } from '../../../src/words/translate';
import { archiveTar, hex, inPieces, newArchive, ociLayout, oldArchive, zstdOf, type ArchiveEntries, type ImageDescription } from '../../support/imageOf';
import { entryBytes, octal, type LayerEntry } from '../../support/layerTar';

/** What a person is told about an image of one layer with these entries. */
function ofLayer(...entries: readonly (LayerEntry | string)[]): Promise<string> {
	return ofArchive(newArchive({ layers: [entries] }));
}

function ofArchive(entries: ArchiveEntries, limits: Partial<ArchiveLimits> = {}): Promise<string> {
	return ofBytes(archiveTar(entries), limits);
}

/** The same from a stream and from a file. */
async function ofBytes(bytes: Buffer, limits: Partial<ArchiveLimits> = {}): Promise<string> {
	const all = { ...defaultLimits, ...limits };
	const streamed = await said(readImageStream(inPieces(bytes, 64 << 10), { limits: all }));
	const path = join(folder, 'hostile.tar');
	await writeFile(path, bytes);
	if (compressionOf(bytes) !== undefined) {
		return streamed;
	}
	const sought = await said((async () => {
		const archive = await openArchive(path, { limits: all });
		try {
			return await readImage(archive, {}, all);
		} finally {
			await archive.close();
		}
	})());
	assert.equal(sought.replace(path, 'This'), streamed, 'said of a file and of a stream');
	return streamed;
}

async function said(reading: Promise<unknown>): Promise<string> {
	try {
		await reading;
	} catch (error) {
		assert.ok(error instanceof ArchiveError, String(error));
		return describeArchiveError(error, english).replace(/blobs\/sha256\/[0-9a-f]{64}/g, 'BLOB').replace(/sha256:[0-9a-f]{64}/g, 'DIGEST').replace(/[0-9a-f]{64}/g, 'HEX');
	}
	return 'read';
}

const image: ImageDescription = { layers: [['etc/', 'etc/os * 2000'], ['-etc/os', 'b * 700']] };
let folder = '';

describe('hostile archives', () => {
	before(async () => { folder = await mkdtemp(join(tmpdir(), 'strata-hostile-')); });
	after(() => rm(folder, { recursive: true }));

	it('with paths out of the image', async () => {
		assert.equal(await ofLayer('../evil'), 'The path BLOB: ../evil leads out of the image. Engines refuse such an image, and so does Strata.');
		assert.equal(await ofLayer('a/../../evil'), 'The path BLOB: a/../../evil leads out of the image. Engines refuse such an image, and so does Strata.');
		assert.equal(await ofLayer({ path: 'a', type: 'link', link: '../../etc/passwd' }), 'The path BLOB: ../../etc/passwd leads out of the image. Engines refuse such an image, and so does Strata.');
		assert.equal(await ofLayer('.wh...'), 'The path BLOB: .wh... leads out of the image. Engines refuse such an image, and so does Strata.');
		assert.equal(await ofLayer({ path: 'x', data: 'x', pax: { path: 'a\0b' } }), 'The path BLOB: a b leads out of the image. Engines refuse such an image, and so does Strata.');
		const manifest = [{ Config: '../../../etc/passwd', RepoTags: [], Layers: [] }];
		assert.equal(await ofArchive({ 'manifest.json': JSON.stringify(manifest) }), 'The path ../../../etc/passwd leads out of the image. Engines refuse such an image, and so does Strata.');
	});

	it('with absolute paths, which mean the image\'s own root', async () => {
		assert.equal(await ofLayer('/etc/passwd', 'a/../b'), 'read');
	});

	it('with links that lead out or in circles', async () => {
		const stack = stackOf(await readImageStream(inPieces(archiveTar(newArchive({ layers: [['a -> b', 'b -> a', 'out -> ../../../etc/passwd', 'etc/passwd = ours', 'self -> self/x']] })))));
		assert.equal(resolveNode(stack, '/out')?.path, '/etc/passwd');
		assert.throws(() => resolveNode(stack, '/a'), { kind: 'linkLoop' });
		assert.throws(() => resolveNode(stack, '/self'), { kind: 'linkLoop' });
		assert.equal(findNode(stack, '/a/b'), undefined);
		const old = oldArchive({ layers: [['a']] });
		const layer = Object.keys(old).find(path => path.endsWith('layer.tar'))!;
		assert.equal(await ofArchive({ ...old, [layer]: '->../x/layer.tar', 'x/layer.tar': `->../${layer}` }), 'HEX/layer.tar leads in a circle of links.');
		assert.equal(await ofArchive({ ...old, [layer]: '->../../../../etc/passwd' }), 'The path HEX/layer.tar/../../../../../etc/passwd leads out of the image. Engines refuse such an image, and so does Strata.');
		assert.equal(await ofArchive({ ...old, [layer]: '->../gone' }), 'HEX/layer.tar is missing in the archive.');
	});

	it('that decompress without end', async function () {
		this.timeout(60_000);
		const zeros = gzipSync(Buffer.alloc(64 << 20), { level: 9 });
		// 160 members of 64 MiB: 10 GiB of zeros in 10 MB.
		const endless = Buffer.concat(Array.from({ length: 160 }, () => zeros));
		const entries = newArchive({ layers: [['x']] });
		const blob = Object.keys(entries).find(path => Buffer.isBuffer(entries[path]) && path.startsWith('blobs') && entries[path].length === 2048 && !String(entries[path]).startsWith('{'))!;
		const archive = archiveTar({ ...entries, [blob]: endless });
		const before = process.memoryUsage().rss;
		let most = before;
		const reading = readImageStream(inPieces(archive, 64 << 10), { onProgress: () => { most = Math.max(most, process.memoryUsage().rss); } });
		assert.equal(await said(reading), 'BLOB: Strata’s bound is reached: it decompresses to more than 200 times its size.');
		assert.ok(most - before < 300e6, `${Math.round((most - before) / 1e6)} MB for the 2 GiB that came out`);
		assert.equal(await ofArchive({ ...entries, [blob]: endless }, { inflationFreeBytes: 64 << 20 }), 'BLOB: Strata’s bound is reached: it decompresses to more than 200 times its size.');
		assert.equal(await ofBytes(endless, { inflationFreeBytes: 64 << 20 }), 'Strata’s bound is reached: it decompresses to more than 200 times its size.');
		const small = { inflationFreeBytes: 1 << 20 };
		assert.equal(await ofArchive({ ...entries, [blob]: zstdRun(64) }, small), 'BLOB: Strata’s bound is reached: it decompresses to more than 200 times its size.');
	});

	it('with a million entries', async function () {
		this.timeout(60_000);
		const many = Buffer.concat(Array.from({ length: 110_000 }, (_, at) => entryBytes({ path: `f${at}`, data: '' })));
		assert.equal(await ofArchive(newArchive({ layers: [Buffer.concat([many, Buffer.alloc(1024)])] }), { layerEntries: 100_000 }), 'BLOB: Strata’s bound is reached: a layer has more than 100000 entries.');
		assert.match(await ofLayer({ path: Array.from({ length: 1100 }, () => 'd').join('/'), data: 'x' }), /^BLOB: d[/d]+…: Strata’s bound is reached: a path is deeper than 1024 folders\.$/);
		assert.equal(await ofArchive(newArchive({ layers: [Array.from({ length: 100 }, (_, at) => `${at}${'n'.repeat(90)}`)] }), { layerNameBytes: 4000 }), 'BLOB: Strata’s bound is reached: the names in a layer take more than 4 kB.');
		assert.equal(await ofArchive(newArchive(image), { archiveEntries: 3 }), 'Strata’s bound is reached: the archive has more than 3 entries.');
	});

	it('with a million entries that are within bounds: read, in bounded memory', function () {
		this.timeout(60_000);
		const before = process.memoryUsage().arrayBuffers;
		const scanner = new LayerScanner(defaultLimits);
		for (const folder of thousandFolders()) {
			scanner.write(folder);
		}
		assert.equal(scanner.finish().nodeCount, 1 + 1000 + 1_000_000);
		assert.ok(process.memoryUsage().arrayBuffers - before < 400_000_000);
	});

	it('with sizes that are negative, huge, or no numbers', async () => {
		const base256 = (...bytes: readonly number[]): Buffer => Buffer.from([...bytes, ...Array.from({ length: 12 - bytes.length }, () => 0xff)]);
		assert.equal(await ofLayer({ path: 'a', size: base256(0xff) }), 'BLOB is damaged: a tar header does not make sense (size -1).');
		assert.match(await ofLayer({ path: 'a', size: base256(0x80, 0xff) }), /^BLOB is damaged: a tar header does not make sense \(size \d+(\.\d+e\+\d+)?\)\.$/);
		assert.equal(await ofLayer({ path: 'a', size: Buffer.from('hello world!') }), 'BLOB is damaged: a tar header does not make sense (size).');
		assert.equal(await ofLayer({ path: 'a', data: 'x', pax: { size: '-5' } }), 'BLOB is damaged: a tar header does not make sense (size -5).');
		assert.equal(await ofLayer({ path: 'a', data: 'x', pax: { size: '99999999999999999999' } }), 'BLOB is damaged: a tar header does not make sense (size 100000000000000000000).');
		assert.equal(await ofLayer({ path: 'a', size: 2 ** 33 - 1 }), 'BLOB is cut off: it ends in the middle.');
		assert.equal(await ofLayer({ path: 'a', data: 'x', pax: { size: String(2 ** 45) } }), 'BLOB: a: Strata’s bound is reached: a file claims to be larger than 1.1 TB.');
		assert.equal(await ofLayer({ path: 's', flag: 'S', patch: { 483: '\x80\0\0\0\0\0\x40\0\0\0\0\0' } }), 'BLOB: s: Strata’s bound is reached: a file claims to be larger than 1.1 TB.');
	});

	it('with extension headers that lie', async () => {
		assert.equal(await ofLayer({ path: 'x', flag: 'x', size: 2 ** 30 }), 'BLOB: Strata’s bound is reached: an extension header is larger than 1.05 MB.');
		assert.equal(await ofLayer({ path: 'x', flag: 'x', data: '12 path=abc\n13' }), 'BLOB is damaged: a tar header does not make sense (PAX record).');
		assert.equal(await ofLayer({ path: 'x', flag: 'x', data: '999999999 path=abc\n' }), 'BLOB is damaged: a tar header does not make sense (PAX record).');
		assert.equal(await ofLayer({ path: 'x', flag: 'L', data: 'name' }), 'BLOB is damaged: a tar header does not make sense (extension without entry).');
		assert.equal(await ofLayer({ path: 'x', data: 'x', pax: { 'GNU.sparse.major': '1', 'GNU.sparse.realsize': 'many' } }), 'BLOB is damaged: a tar header does not make sense (sparse map).');
		assert.equal(await ofLayer({ path: 'x', data: 'x', pax: { 'GNU.sparse.map': '1,'.repeat(300_000), 'GNU.sparse.size': '9' } }), 'BLOB: Strata’s bound is reached: a sparse file has more than 100000 segments.');
		assert.equal(await ofLayer({ path: 'x', flag: 'S', patch: { 386: octal(8, 12), 398: 'rubbish' } }), 'BLOB is damaged: a tar header does not make sense (size NaN).');
	});

	const cut: ImageDescription = { layers: [['a * 600', 'b/'], ['-a', 'c = x']] };
	for (const [form, archive] of [
		['of the old layout', archiveTar(oldArchive(cut))],
		['of the new layout', archiveTar(newArchive(cut))],
		['with gzip layers', archiveTar(newArchive(cut, 'gzip'))],
		['with zstd layers', archiveTar(ociLayout([cut], 'zstd'))],
		['that are gzipped', gzipSync(archiveTar(oldArchive(cut)))],
		['that are zstd', zstdOf(archiveTar(newArchive(cut)))],
	] as const) {
		it(`${form}, cut anywhere`, async function () {
			this.timeout(0);
			// Behind the first block of the end mark nothing is missing; compressed, every byte is needed.
			const end = compressionOf(archive) === undefined ? archive.length - 1024 : archive.length - 1;
			for (const length of cutsOf(end)) {
				assert.match(await ofBytes(archive.subarray(0, length)), /is cut off: it ends in the middle\.|is no image archive/, `cut at ${length}`);
			}
		});
	}

	it('whose layers are cut anywhere', async function () {
		this.timeout(0);
		for (const packing of ['plain', 'gzip', 'zstd'] as const) {
			const entries = newArchive({ layers: [['a * 5000']] }, packing);
			for (const [path, data] of Object.entries(entries)) {
				if (Buffer.isBuffer(data) && data[0] !== 0x7b) {
					for (const length of cutsOf(data.length - 1)) {
						assert.match(await ofArchive({ ...entries, [path]: data.subarray(0, length) }), /is cut off|is damaged|is not what the image says/, `${packing} cut at ${length}`);
					}
				}
			}
		}
	});

	it('with wrong digests', async () => {
		const entries = newArchive(image);
		const wrong = `sha256:${'0'.repeat(64)}`;
		assert.equal(await ofArchive(oldArchive({ ...image, config: config => ({ ...config, rootfs: { diff_ids: [wrong, wrong] } }) })), 'HEX/layer.tar is not what the image says it is: its digest is DIGEST.');
		for (const [path, data] of Object.entries(entries)) {
			if (Buffer.isBuffer(data)) {
				const changed = Buffer.from(data);
				const at = data[0] === 0x7b ? changed.indexOf('layer 0') : 512;
				if (at >= 0) {
					changed[at]! ^= 1;
					assert.match(await ofArchive({ ...entries, [path]: changed }), /is not what the image says it is: its digest is DIGEST\.|is damaged/, path);
				}
			}
		}
	});

	it('with manifests that are garbage', async () => {
		const entries = newArchive(image);
		const config = Object.keys(entries).find(path => String(entries[path]).includes('diff_ids'))!;
		assert.equal(await ofArchive({ 'manifest.json': '[{' }), 'manifest.json is damaged: it is not JSON.');
		assert.equal(await ofArchive({ 'manifest.json': '{}' }), 'manifest.json does not describe an image as it should.');
		assert.equal(await ofArchive({ 'manifest.json': '[null]' }), 'manifest.json does not describe an image as it should.');
		assert.equal(await ofArchive({ 'manifest.json': '[]' }), 'There is no image in the archive.');
		assert.equal(await ofArchive({ 'index.json': '{"manifests":[{"digest":"sha256:../../etc/passwd"}]}' }), 'index.json does not describe an image as it should.');
		assert.equal(await ofArchive({ 'manifest.json': JSON.stringify([{ Config: 'c.json', RepoTags: null, Layers: ['a'] }]), 'c.json': '{"rootfs":{"diff_ids":[]}}' }), 'c.json does not describe an image as it should. 1 layers, 0 diffIDs');
		assert.equal(await ofArchive({ 'manifest.json': JSON.stringify([{ Config: 'c.json', RepoTags: null, Layers: [] }]), 'c.json': '{"rootfs":{"diff_ids":["sha256:x"]}}' }), 'c.json does not describe an image as it should.');
		assert.equal(await ofArchive({ 'readme.txt': 'hello' }), 'This is no image archive: no tar, or a tar without manifest.json or index.json.');
		assert.equal(await ofArchive({ ...entries, 'manifest.json': '[' + '{"a":'.repeat(9) }), 'manifest.json is damaged: it is not JSON.');
		const without = Object.fromEntries(Object.entries(entries).filter(([each]) => each !== config));
		assert.equal(await ofArchive(without), 'There is no image in the archive.');
	});

	it('with blobs missing, and layers that are none', async () => {
		const entries = newArchive(image);
		for (const path of Object.keys(entries).filter(each => each.startsWith('blobs') && !String(entries[each]).startsWith('{'))) {
			const without = Object.fromEntries(Object.entries(entries).filter(([each]) => each !== path));
			assert.equal(await ofArchive(without), 'BLOB is missing in the archive.');
			assert.match(await ofArchive({ ...entries, [path]: 'no tar at all'.repeat(100) }), /^BLOB is damaged: a tar header does not make sense/);
		}
	});

	it('with indexes in indexes in indexes', async () => {
		const entries: Record<string, Buffer | string> = {};
		let manifest = { digest: `sha256:${'1'.repeat(64)}` };
		for (let depth = 0; depth < 50; depth++) {
			const index = Buffer.from(JSON.stringify({ manifests: [manifest] }));
			entries[`blobs/sha256/${hex(index)}`] = index;
			manifest = { digest: `sha256:${hex(index)}` };
		}
		assert.equal(await ofArchive({ ...entries, 'index.json': JSON.stringify({ manifests: [manifest] }) }), 'BLOB: Strata’s bound is reached: image indexes stand in each other more than 4 deep.');
	});

	it('with JSON larger than any manifest', async () => {
		assert.equal(await ofArchive({ ...newArchive(image), 'manifest.json': `[${' '.repeat(5000)}]` }, { jsonBytes: 4096 }), 'manifest.json: Strata’s bound is reached: a JSON document is larger than 4.1 kB.');
		assert.equal(await ofArchive({ ...ociLayout([image]) }, { zstdWindowBytes: 1 }), 'read');
		assert.equal(await ofArchive({ ...ociLayout([image], 'zstd') }, { zstdWindowBytes: 1 << 16 }), 'BLOB: Strata’s bound is reached: decompressing it takes more than 65.5 kB of memory.');
	});

	it('in sentences that cannot fool a terminal', async () => {
		const words = await ofLayer('../\x1b]0;owned\x07\u202eevil');
		assert.equal(words, 'The path BLOB: ../ ]0;owned evil leads out of the image. Engines refuse such an image, and so does Strata.');
	});
});

/** Where to cut: at every byte in the long mode of the fuzz test, else beside every block's border and now and then between. */
function cutsOf(end: number): readonly number[] {
	const isLong = process.env['STRATA_FUZZ'] !== undefined;
	return Array.from({ length: end + 1 }, (_, at) => at).filter(at => isLong || (at + 1) % 512 < 3 || at % 199 === 0 || at === end);
}

/** A thousand empty files in each. Headers are written over, since a million new ones would take longer than reading them. */
function* thousandFolders(): Generator<Buffer> {
	const headers = Buffer.concat(Array.from({ length: 1000 }, (_, at) => entryBytes({ path: `000/${at}`, data: '' })));
	const sums = Array.from({ length: 1000 }, (_, at) => parseInt(headers.toString('latin1', at * 512 + 148, at * 512 + 154), 8));
	for (let folder = 0; folder < 1000; folder++) {
		const name = String(folder).padStart(3, '0');
		const digits = [...name].reduce((sum, digit) => sum + Number(digit), 0);
		for (let at = 0; at < 1000; at++) {
			headers.write(name, at * 512, 'latin1');
			headers.write((sums[at]! + digits).toString(8).padStart(6, '0'), at * 512 + 148, 'latin1');
		}
		yield headers;
	}
}

/** A zstd frame whose blocks repeat one byte 128 KiB long each. */
function zstdRun(blocks: number): Buffer {
	const head = zstdOf(Buffer.alloc(0)).subarray(0, 6);
	const block = (isLast: boolean): Buffer => {
		const bits = ((128 << 10) << 3) | 2 | (isLast ? 1 : 0);
		return Buffer.from([bits & 0xff, (bits >> 8) & 0xff, bits >> 16, 0]);
	};
	return Buffer.concat([head, ...Array.from({ length: blocks }, (_, at) => block(at === blocks - 1))]);
}
