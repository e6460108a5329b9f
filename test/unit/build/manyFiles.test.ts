import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseIgnore } from '../../../src/core/dockerfile/dockerignore';
import { contextFilter } from '../../../src/services/buildContext';
import { listContext } from '../../../src/core/build/contextFiles';
import { packContext } from '../../../src/core/build/packContext';

const running = new AbortController().signal;

describe('a build context of 100,000 files', function () {
	this.timeout(300_000);
	let root: string;

	before(() => {
		root = mkdtempSync(join(tmpdir(), 'strata-many-'));
		for (let folder = 0; folder < 100; folder++) {
			const path = join(root, `${folder % 2 === 0 ? 'kept' : 'ignored'}-${folder}`);
			mkdirSync(path);
			for (let file = 0; file < 1000; file++) {
				writeFileSync(join(path, `file-${file}`), 'x');
			}
		}
	});

	after(() => { rmSync(root, { recursive: true, force: true }); });

	async function pack(ignore: string): Promise<{ readonly files: number; readonly bytes: number; readonly sent: number }> {
		const { tar, summary } = packContext(listContext(root, contextFilter(parseIgnore(ignore), []), running), { root, contents: new Map(), compress: false, signal: running });
		let sent = 0;
		for await (const chunk of tar) {
			sent += (chunk as Buffer).length;
		}
		const { files, bytes } = summary();
		return { files, bytes, sent };
	}

	it('is packed whole', async () => {
		const { files, bytes, sent } = await pack('');
		assert.deepEqual([files, bytes], [100_000, 100_000]);
		// A header and a block for each file, a header for each folder, two blocks at the end.
		assert.ok(sent >= 512 * (2 * 100_000 + 100 + 2), String(sent));
	});

	it('sends only the half that is not ignored', async () => {
		const { files, bytes } = await pack('ignored-*\n');
		assert.deepEqual([files, bytes], [50_000, 50_000]);
	});
});
