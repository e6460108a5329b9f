import assert from 'node:assert/strict';
import { historyMeasure } from '../../../src/core/engine/historyMeasure';
import type { ImageRow } from '../../../src/core/image/historyRows';
import { sharingLines } from '../../../src/words/imageFamily';
import { historyRow } from '../../../src/words/rows';
import { english } from '../../../src/words/translate';

const row: ImageRow = {
	index: 0, builder: undefined, keyword: undefined, instruction: '', args: '', raw: '', createdBy: '', createdAt: 0,
	comment: '', sizeBytes: 1_990_000, empty: false, layer: 0, diffId: 'sha256:d', imageId: undefined,
};

describe('a history row without an instruction', () => {
	for (const [what, given, label] of [
		['an import of ours', { comment: 'Imported from rootfs.tar' }, '1.99 MB · Imported from rootfs.tar'],
		['an import of the Docker CLI', { comment: 'Imported from -' }, '1.99 MB · Imported file system'],
		['an import with a message', { comment: 'the old server\u202E' }, '1.99 MB · Imported: the old server'],
		['a commit of a container without a command', { index: 3, comment: 'fixed it' }, '1.99 MB · (no command): fixed it'],
		['one of which nothing is known', {}, '1.99 MB · (no command)'],
	] as const satisfies readonly (readonly [string, Partial<ImageRow>, string])[]) {
		it(`says what it is: ${what}`, () => { assert.equal(historyRow({ ...row, ...given }, 0, english).label, label); });
	}
});

describe('the size of a history row', () => {
	for (const [what, info, words] of [
		['overlay2', { kind: 'docker', imageStore: 'overlay2' }, 'Size in history, bytes of its files: 1.99 MB'],
		['the containerd store', { kind: 'docker', imageStore: 'containerd' }, 'Size in history, on disk unpacked, in whole blocks of 4 KiB: 1.99 MB'],
		['Podman', { kind: 'podman', imageStore: 'overlay' }, 'Size in history, its tar: 1.99 MB'],
	] as const) {
		it(`says what it measures with ${what}`, () => { assert.equal(historyRow(row, 0, english, historyMeasure(info)).tooltip.split('\n')[1], words); });
	}

	it('is not told where a containerd store has the layer compressed only', () => {
		const packed = historyRow({ ...row, sizeBytes: 0, instruction: 'COPY a /' }, 0, english, 'blocks');
		assert.deepEqual([packed.label, packed.tooltip.split('\n')[1]], ['not unpacked · COPY a /', 'Not unpacked: the engine has it compressed, and does not tell its size.']);
		assert.match(historyRow({ ...row, sizeBytes: 0 }, 0, english, 'files').label, /^0 B/);
		assert.match(historyRow({ ...row, sizeBytes: 0, empty: true }, 0, english, 'blocks').description, /^no layer/);
	});

	it('is told of shared layers too', () => {
		const sharing = { ownBytes: 4096, ownLayers: 1, sharedBytes: undefined, sharedLayers: 0, sharedWith: [] };
		assert.deepEqual(sharingLines(sharing, english), ['Layers of its own: 1 (4.1 kB)', 'Shares no layer with another image']);
		assert.equal(sharingLines(sharing, english, 'blocks').at(-1), 'Layers are measured on disk, unpacked, in whole blocks of 4 KiB.');
	});
});
