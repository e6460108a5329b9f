import assert from 'node:assert/strict';
import { readImageStream } from '../../src/core/layers/imageStream';
import { stackOf, type LayerStack } from '../../src/core/layers/layeredImage';
import { wasteOf } from '../../src/core/layers/waste';
import { baseImage, forEachEngine } from '../support/engines';
import { findInContainer, isOfImage, seenIn } from '../support/findInContainer';
import { archiveTar, inPieces, newArchive } from '../support/imageOf';
import { oracleOf } from '../support/layerOracle';
import { layerTar, type LayerEntry } from '../support/layerTar';
import { loadArchive } from '../support/loadArchive';
import { layersInArchive } from '../support/savedLayers';

const same = { data: 'the same bytes'.repeat(200) };
const mode = 'm'.repeat(5000);
/** 10 bytes at 512 of 2048 (GNU tar manual, PAX 1.0). */
const sparse: LayerEntry = {
	path: 'GNUSparseFile.0/holes', data: `1\n512\n10\n${'\0'.repeat(503)}0123456789`,
	pax: { 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0', 'GNU.sparse.name': 'holes', 'GNU.sparse.realsize': '2048' },
};
const duplicate = [{ path: 'copy4', ...same }, 'twice * 600'];

/** Layers that no Dockerfile makes in this form, and engines take all the same. */
const layers: readonly (readonly (LayerEntry | string)[])[] = [
	[
		'd/', 'd/keep = kept', 'd/sub/', 'd/sub/x * 3000', 'opq/', 'opq/old * 4000', 'opq/deep/', 'opq/deep/y * 100', { path: 'copy1', ...same },
		'target * 7000', 'alias => target', { path: 'mode', data: mode }, 'folder/', 'folder/in * 900', 'file * 800', { path: 'soft', type: 'symlink', link: 'd/keep', mode: 0o777 },
		{ path: `${'p'.repeat(90)}/${'q'.repeat(120)}`, data: 'a long PAX name' }, 'ünï ⛴ * 20', 'gone * 1234', 'gone2 => gone',
	],
	[{ path: 'copy2', ...same }, '-target', 'opq/', '-opq/', 'opq/new = new', 'folder = a file now', 'file/', 'file/in * 50', '-gone'],
	[{ path: 'copy3', ...same }, { path: 'mode', data: mode, mode: 0o600 }, '-d/keep', '-gone2', { path: 'd/', mode: 0o700 }],
	[],
	duplicate,
	duplicate,
	// Written out: of a folder that a layer only implies one image store makes a new one, the other keeps the lower one's mode.
	[{ path: 'copy5', ...same }, { path: 'd/', mode: 0o700 }, 'd/keep => copy5', 'folder/', 'folder/again = a folder again', sparse, '-p'],
	[],
];

describe('generated layers', function () {
	this.timeout(120_000);

	forEachEngine((engine, test) => {
		const reference = `strata-test/generated:${process.pid}`;
		let base: readonly Buffer[] = [];
		let stack: LayerStack = [];
		before(async () => {
			base = await layersInArchive(await engine().saveImage(baseImage, new AbortController().signal));
			const archive = archiveTar(newArchive({ reference, layers: [...base, ...layers] }));
			// Engines unpack sparse files, but cannot save such a layer again: what they were given is what is read.
			stack = stackOf(await readImageStream(inPieces(archive)));
			await loadArchive(engine(), archive);
		});
		after(() => engine().removeImage(reference, { force: true }));

		it('show what `find` sees in a container', async () => {
			assert.equal(stack.length, base.length + layers.length);
			const seen = seenIn(stack).filter(isOfImage);
			assert.deepEqual([...seen].sort(), (await findInContainer(test, reference)).filter(isOfImage).sort());
			for (const line of ['/d/keep|file|644|2800|', '/holes|file|644|2048|', '/mode|file|600|5000|', '/alias|file|644|7000|', '/folder/again|file|644|14|', '/d|directory|700||']) {
				assert.ok(seen.includes(line), line);
			}
		});

		it('waste what an independent calculation from the tars says', async () => {
			const oracle = await oracleOf([...base, ...layers.map(layerTar)]);
			const waste = wasteOf(stack);
			const line = ({ path, bytes, addedIn, buriedIn }: { readonly path: string; readonly bytes: number; readonly addedIn: number; readonly buriedIn: number }): string =>
				`${path} ${bytes} ${addedIn} ${buriedIn}`;
			assert.deepEqual(waste.files.map(line).sort(), oracle.waste.map(line).sort());
			assert.equal(waste.totalBytes, oracle.totalBytes);
			// Of a content with two names the bytes are wasted from the layer on that takes the last one away.
			assert.ok(waste.files.map(line).includes(`/gone 1234 ${base.length} ${base.length + 2}`));
			assert.ok(!waste.files.some(({ path }) => path === '/target'));
		});
	});
});
