import assert from 'node:assert/strict';
import fc from 'fast-check';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { ArchiveError } from '../../../src/core/layers/archiveError';
import { openArchive } from '../../../src/core/layers/archiveFile';
import { causesOf } from '../../../src/core/layers/causes';
import { changesOf, walkChanges } from '../../../src/core/layers/changes';
import { compareImages } from '../../../src/core/layers/compare';
import { contentBytes, fileContent } from '../../../src/core/layers/content';
import { decodeLayerIndex, encodeLayerIndex } from '../../../src/core/layers/layerIndexFile';
import { readImage } from '../../../src/core/layers/imagePlan';
import { readImageStream } from '../../../src/core/layers/imageStream';
import type { LayerStack } from '../../../src/core/layers/layeredImage';
import { LayerScanner } from '../../../src/core/layers/layerScanner';
import { defaultLimits } from '../../../src/core/layers/limits';
import { childrenOf, contentOf, rootOf, walkTree } from '../../../src/core/layers/tree';
import { wasteOf } from '../../../src/core/layers/waste';
import { archiveTar, inPieces, newArchive, ociLayout, oldArchive } from '../../support/imageOf';
import { layerTar, octal } from '../../support/layerTar';
import { indexOfTar } from '../../support/layerStack';

/** How many mutated inputs: few in every run, a hundred thousand and more with STRATA_FUZZ. */
const runs = Number(process.env['STRATA_FUZZ'] ?? 0) || 600;

const limits = { ...defaultLimits, layerEntries: 10_000, contentBytes: 1 << 20, inflationFreeBytes: 8 << 20, fileBytes: 1 << 20 };

const below = ['a/', 'a/b = one', 'a/c -> b', 'd => a/b', 'e/f/g * 600'];
const tar = layerTar([
	'a/', '-a/b', '-e/', 'e/new', { path: 'p'.repeat(120), data: 'x', pax: { mtime: '1.5', 'SCHILY.xattr.user.a': 'v' } },
	{ path: `${'q'.repeat(120)}`, data: 'y', gnu: true }, 'h * 700', 'i => h', { path: 'n', type: 'character', device: [1, 3] },
	{ path: 's', flag: 'S', data: 'z'.repeat(512), patch: { 386: octal(1024, 12) + octal(512, 12), 483: octal(4096, 12) } },
	{ path: 't', data: `1\n512\n10\n${'\0'.repeat(503)}0123456789`, pax: { 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0', 'GNU.sparse.name': 'u', 'GNU.sparse.realsize': '2048' } },
]);
const image = { layers: [below, tar] };
const archives = [
	archiveTar(oldArchive(image)), archiveTar(newArchive(image)), archiveTar(newArchive(image, 'gzip')), archiveTar(ociLayout([image], 'zstd')),
	gzipSync(archiveTar(ociLayout([image, { ...image, platform: { os: 'linux', architecture: 'arm64' } }]))),
];

type Mutation = (bytes: Buffer) => Buffer;

const interesting = fc.constantFrom('\0', '\xff', '\x80', '/', '..', '../', '.wh.', '.wh..wh..opq', '77777777777\0', '00000000000\0', '-1', '0', '5', 'x', 'L', 'S', 'K', 'g', '{', '"', ']', '\x1f\x8b', '\x28\xb5\x2f\xfd', ' path=', '\n');
const place = fc.nat(1 << 20);
const mutation: fc.Arbitrary<Mutation> = fc.oneof(
	fc.tuple(place, fc.nat(255)).map(([at, byte]) => changed(bytes => { bytes[at % bytes.length] = byte; })),
	fc.tuple(place, interesting).map(([at, text]) => changed(bytes => { bytes.write(text, at % bytes.length, 'latin1'); })),
	// At the fields of a header, with its checksum made good again, so that what is behind it is reached.
	fc.tuple(place, fc.constantFrom(0, 100, 108, 124, 136, 156, 157, 257, 329, 345, 386, 398, 482, 483), interesting).map(([block, field, text]) => changed(bytes => {
		const at = block % Math.max(1, Math.floor(bytes.length / 512)) * 512;
		if (bytes.length < 512) {
			return;
		}
		bytes.write(text, at + field, 'latin1');
		bytes.fill(' ', at + 148, at + 156);
		bytes.write(`${bytes.subarray(at, at + 512).reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, '0')}\0 `, at + 148, 'latin1');
	})),
	fc.tuple(place, fc.nat(2000)).map(([at, length]) => (bytes: Buffer) => Buffer.concat([bytes.subarray(0, at % bytes.length), bytes.subarray(at % bytes.length + length)])),
	fc.tuple(place, place, fc.nat(4)).map(([from, to, blocks]) => (bytes: Buffer) => {
		const copy = bytes.subarray(from % bytes.length & ~511, (from % bytes.length & ~511) + blocks * 512);
		const at = to % bytes.length & ~511;
		return Buffer.concat([bytes.subarray(0, at), copy, bytes.subarray(at)]);
	}),
	place.map(length => (bytes: Buffer) => bytes.subarray(0, length % bytes.length)),
);
const mutations = fc.array(mutation, { minLength: 1, maxLength: 4 });

describe('readers, given archives that were tampered with', () => {
	it('index a layer or say what is wrong, and everything computed from it holds', async function () {
		this.timeout(0);
		const lowest = indexOfTar(layerTar(below));
		await fc.assert(fc.asyncProperty(mutations, async steps => {
			const bytes = steps.reduce((before, step) => before.length === 0 ? before : step(before), tar);
			const index = await soundly(() => {
				const scanner = new LayerScanner(limits);
				scanner.write(bytes);
				return Promise.resolve(scanner.finish());
			});
			if (index !== undefined) {
				await explore([lowest, index], bytes);
			}
		}), { numRuns: runs });
	});

	it('read an image or say what is wrong', async function () {
		this.timeout(0);
		await fc.assert(fc.asyncProperty(fc.constantFrom(...archives), mutations, fc.constantFrom(512, 777, 1 << 16), async (archive, steps, piece) => {
			const bytes = steps.reduce((before, step) => before.length === 0 ? before : step(before), archive);
			await soundly(() => readImageStream(inPieces(bytes, piece), { limits }));
		}), { numRuns: Math.ceil(runs / 4) });
	});

	it('read an image by seeking, or say what is wrong', async function () {
		this.timeout(0);
		const folder = await mkdtemp(join(tmpdir(), 'strata-fuzz-'));
		try {
			const path = join(folder, 'image.tar');
			await fc.assert(fc.asyncProperty(fc.constantFrom(...archives.slice(0, 4)), mutations, async (archive, steps) => {
				await writeFile(path, steps.reduce((before, step) => before.length === 0 ? before : step(before), archive));
				await soundly(async () => {
					const files = await openArchive(path, { limits, verifyBytes: 0 });
					try {
						return await readImage(files, {}, limits);
					} finally {
						await files.close();
					}
				});
			}), { numRuns: Math.ceil(runs / 4) });
		} finally {
			await rm(folder, { recursive: true });
		}
	});

	it('never take a damaged index for one', async () => {
		const encoded = encodeLayerIndex(indexOfTar(tar));
		await fc.assert(fc.asyncProperty(mutations, steps => {
			const bytes = steps.reduce((before, step) => before.length === 0 ? before : step(before), encoded);
			assert.equal(decodeLayerIndex(bytes)?.diffId, bytes.equals(encoded) ? indexOfTar(tar).diffId : undefined);
			return Promise.resolve();
		}), { numRuns: Math.ceil(runs / 4) });
	});
});

/** What is read; undefined where it is refused with a reason. Anything else is a defect. */
async function soundly<T>(read: () => Promise<T>): Promise<T | undefined> {
	const startedAt = Date.now();
	try {
		return await read();
	} catch (error) {
		if (error instanceof ArchiveError) {
			return undefined;
		}
		throw error;
	} finally {
		assert.ok(Date.now() - startedAt < 20_000, 'in bounded time');
	}
}

async function explore(stack: LayerStack, top: Buffer): Promise<void> {
	const root = rootOf(stack);
	const nodes = [...walkTree(stack, root)];
	assert.equal(new Set(nodes.map(({ path }) => path)).size, nodes.length);
	const changes = changesOf(stack, 1);
	const { added, modified, removed } = changes.totals(changes.root);
	assert.equal([...walkChanges(changes)].length, added + modified + removed);
	const waste = wasteOf(stack);
	assert.ok(waste.wastedBytes <= waste.totalBytes && waste.efficiency >= 0);
	causesOf({ references: [], configDigest: undefined, os: '', architecture: '', variant: undefined, history: [], layers: stack.map(index => ({ diffId: index.diffId, createdBy: 'COPY . .', createdAt: 0, comment: '', path: undefined, index })) }, waste);
	assert.equal((await compareImages(stack, stack, () => Promise.resolve(''))).files.length, 0);
	assert.equal(childrenOf(stack, root).length, nodes.filter(({ path }) => path.lastIndexOf('/') === 0).length);
	assert.deepEqual(decodeLayerIndex(encodeLayerIndex(stack[1]!))?.names, stack[1]!.names);
	for (const node of nodes) {
		const place = contentOf(stack, node);
		if (place?.layer === 1) {
			const content = await soundly(() => contentBytes(fileContent(inPieces(top.subarray(stack[1]!.contentOffset[place.content])), limits), limits));
			assert.ok(content === undefined || content.length === node.size);
		}
	}
}

function changed(change: (bytes: Buffer) => void): Mutation {
	return bytes => {
		const copy = Buffer.from(bytes);
		change(copy);
		return copy;
	};
}
