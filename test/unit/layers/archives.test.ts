import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { openArchive, openLayout, packingOf } from '../../../src/core/layers/archiveFile';
import { contentBytes, fileContent } from '../../../src/core/layers/content';
import { offeredImages, readImage } from '../../../src/core/layers/imagePlan';
import { archiveOfStream, readImageStream } from '../../../src/core/layers/imageStream';
import { layerInStream } from '../../../src/core/layers/layerInStream';
import { stackOf, type LayeredImage } from '../../../src/core/layers/layeredImage';
import { defaultLimits } from '../../../src/core/layers/limits';
import { contentOf, findNode } from '../../../src/core/layers/tree';
import { archiveTar, diffIdsOf, inOneMemory, inPieces, newArchive, ociLayout, oldArchive, zstdOf, type ArchiveEntries, type ImageDescription } from '../../support/imageOf';
import { drawTree } from '../../support/layerStack';

const image: ImageDescription = {
	reference: 'web:1',
	layers: [
		['etc/', 'etc/os = debian', 'var/', 'var/log/', 'var/log/a * 3000'],
		['var/', '-var/log', 'bin/', 'bin/sh = #!', 'bin/ash => bin/sh'],
		['etc/', 'etc/os = debian'],
		[],
		['etc/', 'etc/os = debian'],
	],
	createdBy: ['ADD rootfs', 'RUN rm -r /var/log', 'RUN touch', 'RUN true', 'RUN touch'],
};

const tree = '/bin/\n/bin/ash => /bin/sh 2\n/bin/sh 2\n/etc/\n/etc/os 6\n/var/';

const forms: Readonly<Record<string, ArchiveEntries>> = {
	'docker save before 25': oldArchive(image),
	'docker save since 25': newArchive(image),
	'docker save of a containerd store, gzip': newArchive(image, 'gzip'),
	'docker save of a containerd store, zstd': newArchive(image, 'zstd'),
	'OCI layout, plain': ociLayout([image]),
	'OCI layout, gzip': ociLayout([image], 'gzip'),
	'OCI layout, zstd': ociLayout([image], 'zstd'),
};

describe('an image from every kind of archive', () => {
	let folder = '';
	before(async () => { folder = await mkdtemp(join(tmpdir(), 'strata-archives-')); });
	after(() => rm(folder, { recursive: true }));

	for (const [form, entries] of Object.entries(forms)) {
		describe(form, () => {
			it('from a stream', async () => { isWhole(await readImageStream(inOneMemory(archiveTar(entries)))); });

			it('from a stream that is gzipped', async () => { isWhole(await readImageStream(inOneMemory(gzipSync(archiveTar(entries))))); });

			it('from a stream that is zstd', async () => { isWhole(await readImageStream(inOneMemory(zstdOf(archiveTar(entries))))); });

			it('from a file, verified and by its headers alone', async () => {
				const path = join(folder, 'image.tar');
				await writeFile(path, archiveTar(entries));
				for (const verifyBytes of [undefined, 0]) {
					const archive = await openArchive(path, { verifyBytes });
					try {
						isWhole(await readImage(archive, {}, defaultLimits));
					} finally {
						await archive.close();
					}
				}
			});

			it('from a folder', async () => {
				const path = join(folder, form);
				for (const [name, data] of Object.entries(entries)) {
					await mkdir(dirname(join(path, name)), { recursive: true });
					await (typeof data === 'string' && data.startsWith('->') ? symlink(data.slice(2), join(path, name)) : writeFile(join(path, name), data));
				}
				const layout = openLayout(path);
				try {
					isWhole(await readImage(layout, {}, defaultLimits));
				} finally {
					await layout.close();
				}
			});

			it('and the bytes of one file in it', async () => {
				const read = await readImageStream(inPieces(archiveTar(entries)));
				const { layer, content } = contentOf(stackOf(read), findNode(stackOf(read), '/bin/ash')!)!;
				const { index, path } = read.layers[layer]!;
				const tar = layerInStream(inPieces(archiveTar(entries)), path!, index.contentOffset[content]!, defaultLimits);
				assert.equal(String(await contentBytes(fileContent(tar, defaultLimits), defaultLimits)), '#!');
			});
		});
	}

	it('from nothing but a regular file: others are refused without waiting for them', async () => {
		const [pipe, socket] = [join(folder, 'pipe'), join(folder, 'socket')];
		await promisify(execFile)('mkfifo', [pipe]);
		const server = createServer().listen(socket);
		await once(server, 'listening');
		try {
			for (const [path, found] of [[pipe, 'fifo'], [socket, 'socket'], ['/dev/zero', 'character device'], [folder, 'directory']] as const) {
				await assert.rejects(packingOf(path), { kind: 'notFile', subject: path, found });
				await assert.rejects(openArchive(path), { kind: 'notFile' });
			}
			const layout = join(folder, 'with-pipe');
			await mkdir(layout);
			await promisify(execFile)('mkfifo', [join(layout, 'index.json')]);
			await assert.rejects(readImage(openLayout(layout), {}, defaultLimits), { kind: 'notFile', found: 'fifo' });
		} finally {
			server.close();
		}
	});

	it('with layers that do not compress, whatever ends in the same piece after them', async () => {
		const noise = createHash('shake256', { outputLength: 300_000 }).update('noise').digest();
		const large: ImageDescription = { ...image, layers: [[{ path: 'a', data: noise }], [{ path: 'b', data: noise }], ...image.layers] };
		for (const packing of ['gzip', 'zstd'] as const) {
			const tar = archiveTar(newArchive(large, packing));
			for (const size of [100_000, 250_000, 350_000, 590_000]) {
				assert.deepEqual((await readImageStream(inOneMemory(tar, size))).layers.map(({ diffId }) => diffId), diffIdsOf(large), `${packing} in pieces of ${size} bytes`);
			}
		}
	});

	it('chooses the platform of an index, and skips attestations', async () => {
		const arm: ImageDescription = { ...image, platform: { os: 'linux', architecture: 'arm64', variant: 'v8' }, layers: [['arm = 1']] };
		const tar = archiveTar(ociLayout([image, arm], 'gzip'));
		assert.equal(drawTree(stackOf(await readImageStream(inPieces(tar), { platform: 'linux/arm64' }))), '/arm 1');
		assert.equal(drawTree(stackOf(await readImageStream(inPieces(tar), { platform: 'linux/amd64' }))), tree);
		const offered = await offeredImages(await archiveOfStream(inPieces(tar)), defaultLimits);
		assert.deepEqual(offered.map(({ platform }) => platform), ['linux/amd64', 'linux/arm64/v8']);
		await assert.rejects(readImageStream(inPieces(tar), { platform: 'windows/amd64' }), { kind: 'noImage', subject: 'windows/amd64' });
	});

	it('chooses one of several images by any spelling of its name', async () => {
		const other: ImageDescription = { reference: 'docker.io/library/db:2', layers: [['db = 1']] };
		const both = { ...newArchive(image), ...newArchive(other) };
		const manifests = [newArchive(image), newArchive(other)].flatMap(entries => JSON.parse(String(entries['manifest.json'])) as unknown[]);
		const tar = archiveTar({ ...both, 'manifest.json': JSON.stringify(manifests) });
		assert.equal(drawTree(stackOf(await readImageStream(inPieces(tar), { image: 'db:2' }))), '/db 1');
		assert.deepEqual((await readImageStream(inPieces(tar))).references, ['web:1']);
	});

	it('follows a layer that is a link, whichever comes first', async () => {
		const entries = Object.entries(oldArchive(image));
		for (const order of [entries, entries.reverse()]) {
			isWhole(await readImageStream(inPieces(archiveTar(Object.fromEntries(order)))));
		}
	});
});

function isWhole(read: LayeredImage): void {
	assert.deepEqual(read.layers.map(({ diffId }) => diffId), diffIdsOf(image));
	assert.deepEqual(read.layers.map(({ createdBy }) => createdBy), image.createdBy);
	assert.equal(drawTree(stackOf(read)), tree);
	assert.equal(read.layers[2]!.index, read.layers[4]!.index);
}
