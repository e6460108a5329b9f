import assert from 'node:assert/strict';
import type { CacheRecord, ImageSummary } from '../../../src/core/engine/engine';
import { recordRow } from '../../../src/words/buildCache';
import { imageRow } from '../../../src/words/rows';
import { transferLayerRow } from '../../../src/words/transfer';
import { english } from '../../../src/words/translate';

const digest = `sha256:${'0123456789ab'.padEnd(64, 'c')}`;

describe('rows that are read aloud', () => {
	it('name a layer under way by its place, not by its digest', () => {
		const layer = { id: '0123456789ab', phase: 'downloading', bytes: 1_000_000, totalBytes: 3_000_000, movedBytes: undefined } as const;
		assert.equal(transferLayerRow(layer, { at: 2, of: 3 }, english).accessible, 'Layer 2 of 3, downloading, 1 MB of 3 MB');
	});

	it('begin with what an image is where it has no name', () => {
		const image = { id: digest, references: [], digests: [], createdAt: 1, sizeBytes: 2_000_000, sharedBytes: undefined, platforms: [], parentId: undefined, labels: {} } as ImageSummary;
		assert.equal(imageRow(image, '0123456789ab', 1, english).accessible, 'Untagged image, 2 MB, just now, 0123456789ab');
		assert.equal(imageRow({ ...image, createdAt: 0 }, '0123456789ab', 1, english).accessible, 'Untagged image, 2 MB, 0123456789ab', 'the epoch is no age');
	});

	it('have no digest in full', () => {
		const record = { id: 'r', type: 'regular', description: `pulled from docker.io/library/web@${digest}`, sizeBytes: 0, shared: false, inUse: false, parents: [], createdAt: undefined, lastUsedAt: undefined, usageCount: undefined } satisfies CacheRecord;
		const { label, accessible } = recordRow(record, undefined, 0, english);
		assert.equal(label, '0 B · pulled from docker.io/library/web@sha256:0123456789ab');
		assert.doesNotMatch(accessible, /[0-9a-f]{13}/);
	});
});
