import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseIgnore } from '../../../src/core/dockerfile/dockerignore';
import { patternFor, reportContext } from '../../../src/services/contextReport';

describe('a build context\'s report', () => {
	it('says what is sent, which line takes it, and which pattern keeps the rest out', async () => {
		const folder = await mkdtemp(join(tmpdir(), 'strata-context-'));
		try {
			const files: Readonly<Record<string, string>> = {
				'Dockerfile': 'FROM scratch AS a\nCOPY src /src\nFROM a\nCOPY --from=a /src /x\nCOPY *.json src/a.txt /\n',
				'.dockerignore': '# big\nnode_modules\n*.log\n!keep.log\n',
				'src/a.txt': 'aa', 'src/b.txt': 'b', 'package.json': '{}{}', 'big.bin': 'x'.repeat(1000),
				'node_modules/x/index.js': 'x', 'debug.log': 'l', 'keep.log': 'lll',
			};
			for (const [path, text] of Object.entries(files)) {
				await mkdir(join(folder, path, '..'), { recursive: true });
				await writeFile(join(folder, path), text);
			}
			const { sent, leftOut, bytes, ignorePath } = await reportContext(folder, join(folder, 'Dockerfile'), new AbortController().signal);
			assert.deepEqual(sent.filter(({ path }) => !/ockerfile|ignore/.test(path)).map(({ path, bytes: size, takenBy }) => `${path} ${String(size)} by ${takenBy.join()}`),
				['big.bin 1000 by ', 'package.json 4 by 5', 'keep.log 3 by ', 'src/a.txt 2 by 2,5', 'src/b.txt 1 by 2']);
			assert.deepEqual(sent.filter(({ isForEngine }) => isForEngine).map(({ path }) => path).sort(), ['.dockerignore', 'Dockerfile']);
			assert.deepEqual(leftOut.map(({ path, isFolder, pattern }) => `${path}${isFolder ? '/' : ''} by ${String(pattern.line)} ${pattern.text}`), ['debug.log by 3 *.log', 'node_modules/ by 2 node_modules']);
			assert.equal(bytes, 1010 + files['Dockerfile']!.length + files['.dockerignore']!.length);
			assert.equal(ignorePath, join(folder, '.dockerignore'));
		} finally {
			await rm(folder, { recursive: true });
		}
	});

	it('gives patterns that ignore just the path, whatever it is called', () => {
		for (const path of ['a.txt', 'dir/a[1].txt', '#notes', '!important', 'what?.md', 'star*']) {
			const { ignores } = parseIgnore(`${patternFor(path)}\n`);
			assert.equal(ignores(path), true, path);
			assert.equal(ignores('other'), false, path);
			assert.equal(ignores('starfish'), false, path);
		}
	});
});
