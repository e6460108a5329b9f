import assert from 'node:assert/strict';
import { linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { ContextError } from '../../../src/core/build/contextError';
import { listContext, type ContextEntry, type ContextFilter } from '../../../src/core/build/contextFiles';
import { withFolder } from './withFolder';

const everything: ContextFilter = { includes: () => true, mayIncludeBelow: () => true };
const running = new AbortController().signal;

describe('listContext', () => {
	it('tells folders before what is in them, in order', () => withFolder({ 'b/z.txt': '12', 'b/a/x': '', 'a.txt': '1', 'ü': '123' }, async root => {
		assert.deepEqual(await drawn(root), ['file a.txt 1', 'directory b', 'directory b/a', 'file b/a/x 0', 'file b/z.txt 2', 'file ü 3']);
	}));

	it('keeps links as links, to folders and to nowhere', () => withFolder({ 'dir/file': 'x' }, async root => {
		symlinkSync('dir', join(root, 'toDir'));
		symlinkSync('../gone', join(root, 'toNowhere'));
		linkSync(join(root, 'dir/file'), join(root, 'same'));
		assert.deepEqual(await drawn(root), ['directory dir', 'file dir/file 1', 'hardlink same -> dir/file', 'symlink toDir -> dir', 'symlink toNowhere -> ../gone']);
	}));

	it('takes the first included name of a file for the file itself', () => withFolder({ 'a/file': 'x' }, async root => {
		linkSync(join(root, 'a/file'), join(root, 'b'));
		linkSync(join(root, 'a/file'), join(root, 'c'));
		const filter = { includes: (path: string) => !path.startsWith('a'), mayIncludeBelow: () => true };
		assert.deepEqual(await drawn(root, filter), ['file b 1', 'hardlink c -> b']);
	}));

	it('gives permission bits, and on Windows what the CLI gives', () => withFolder({ run: '', none: '' }, async root => {
		const { chmodSync } = await import('node:fs');
		chmodSync(join(root, 'run'), 0o4751);
		chmodSync(join(root, 'none'), 0);
		const modes = async (platform: NodeJS.Platform): Promise<readonly string[]> =>
			(await entries(root, everything, platform)).map(entry => `${entry.path} ${entry.mode.toString(8)}`);
		assert.deepEqual(await modes('linux'), ['none 0', 'run 4751']);
		assert.deepEqual(await modes('win32'), ['none 755', 'run 755']);
	}));

	it('does not walk what is excluded for good', () => withFolder({ 'node_modules/a/b': '', 'src/x': '' }, async root => {
		const asked: string[] = [];
		const filter: ContextFilter = { includes: path => { asked.push(path); return !path.startsWith('node_modules'); }, mayIncludeBelow: folder => !folder.startsWith('node_modules') };
		assert.deepEqual(await drawn(root, filter), ['directory src', 'file src/x 0']);
		assert.deepEqual(asked.filter(path => path.startsWith('node_modules/')), []);
	}));

	it('brings an excluded folder along with what is included in it, and only then', () => withFolder({ 'a/b/keep': '', 'a/b/other': '', 'a/c/other': '', 'd/other': '' }, async root => {
		const filter: ContextFilter = { includes: path => path.endsWith('keep'), mayIncludeBelow: () => true };
		assert.deepEqual(await drawn(root, filter), ['directory a', 'directory a/b', 'file a/b/keep 0']);
	}));

	it('knows what no builder takes', () => withFolder({ file: '' }, async root => {
		const server = createServer();
		await new Promise<void>(resolve => { server.listen(join(root, 'socket'), resolve); });
		try {
			assert.deepEqual(await drawn(root), ['file file 0', 'other socket']);
		} finally {
			server.close();
		}
	}));

	it('says which folder or file cannot be read', () => withFolder({ 'open/a': '', 'shut/b': '' }, async root => {
		const { chmodSync } = await import('node:fs');
		chmodSync(root, 0o755);
		chmodSync(join(root, 'shut'), 0);
		await asNobody(async () => {
			await assert.rejects(drawn(root), (error: unknown) => error instanceof ContextError && error.kind === 'unreadable' && error.path === 'shut');
		});
	}));

	it('says that the folder itself is missing, or is none', () => withFolder({ file: '' }, async root => {
		for (const path of [join(root, 'gone'), join(root, 'file')]) {
			await assert.rejects(drawn(path), (error: unknown) => error instanceof ContextError && error.kind === 'missingContext' && error.path === path);
		}
	}));

	it('stops when aborted', () => withFolder({}, async root => {
		for (let index = 0; index < 300; index++) {
			mkdirSync(join(root, `d${index}`));
			writeFileSync(join(root, `d${index}`, 'f'), '');
		}
		const abort = new AbortController();
		let seen = 0;
		await assert.rejects(async () => {
			for await (const entry of listContext(root, everything, abort.signal)) {
				seen += entry.path === '' ? 0 : 1;
				abort.abort();
			}
		}, { name: 'AbortError' });
		assert.ok(seen < 200, `went on to ${seen} entries`);
	}));
});

async function entries(root: string, filter: ContextFilter = everything, platform: NodeJS.Platform = 'linux'): Promise<readonly ContextEntry[]> {
	const found: ContextEntry[] = [];
	for await (const entry of listContext(root, filter, running, platform)) {
		found.push(entry);
	}
	return found;
}

async function drawn(root: string, filter: ContextFilter = everything): Promise<readonly string[]> {
	return (await entries(root, filter)).map(entry =>
		`${entry.kind} ${entry.path}${entry.kind === 'file' ? ` ${entry.size}` : ''}${entry.link === undefined ? '' : ` -> ${entry.link}`}`);
}

/** Root reads everything; so this is tried as a user who is not. */
async function asNobody(run: () => Promise<void>): Promise<void> {
	const root = process.geteuid?.() === 0;
	if (root) {
		process.seteuid?.(65534);
	}
	try {
		await run();
	} finally {
		if (root) {
			process.seteuid?.(0);
		}
	}
}
