import assert from 'node:assert/strict';
import { bytesIn, changeTree, type ChangeNode } from '../../../src/core/changeTree';
import type { Engine, PathStat } from '../../../src/core/engine/engine';
import { ChangedFileSizes } from '../../../src/services/changedFileSizes';
import { changedPathRow } from '../../../src/words/containers';
import { english } from '../../../src/words/translate';

const stat = (kind: PathStat['kind'], sizeBytes: number): PathStat => ({ kind, sizeBytes, mode: 0o644, link: undefined });
const container: Readonly<Record<string, PathStat>> = { '/srv/a.html': stat('file', 1500), '/srv/b.html': stat('file', 500), '/srv/link': stat('symlink', 7) };

const world = () => {
	const asked: string[] = [];
	const engine: Pick<Engine, 'statInContainer'> = {
		statInContainer: async (_, path) => {
			asked.push(path);
			await Promise.resolve();
			return container[path];
		},
	};
	let isThere = true;
	const sizes = new ChangedFileSizes({ get: async () => isThere ? { kind: 'ready', engine: engine as Engine, info: {} as never } : Promise.reject(new Error('gone')) });
	return { asked, sizes, lose: () => { isThere = false; } };
};

describe('the sizes of files that changed in a container', () => {
	it('are asked for once, until the files may be others', async () => {
		const { asked, sizes } = world();
		assert.equal(await sizes.measure('c', ['/srv/a.html', '/srv/link']), true);
		assert.equal(await sizes.measure('c', ['/srv/a.html', '/srv/link']), false);
		assert.deepEqual(asked, ['/srv/a.html', '/srv/link']);
		assert.deepEqual([sizes.of('c', '/srv/a.html'), sizes.of('c', '/srv/link'), sizes.of('c', '/srv/b.html'), sizes.of('other', '/srv/a.html')], [1500, 0, undefined, undefined]);
		sizes.forget('c');
		assert.equal(sizes.of('c', '/srv/a.html'), undefined);
		assert.equal(await sizes.measure('c', ['/srv/a.html']), true);
	});

	it('are not those from before, where the files became others meanwhile', async () => {
		const { sizes } = world();
		const measuring = sizes.measure('c', ['/srv/a.html', '/srv/b.html']);
		sizes.forget('c');
		assert.equal(await measuring, false);
		assert.equal(sizes.of('c', '/srv/a.html'), undefined);
	});

	it('stay unknown without an engine, and are asked for again', async () => {
		const { sizes, lose } = world();
		lose();
		assert.equal(await sizes.measure('c', ['/srv/a.html']), false);
		assert.equal(sizes.of('c', '/srv/a.html'), undefined);
	});
});

describe('the row of a path that changed in a container', () => {
	const { roots: [srv] } = changeTree([
		{ path: '/srv', change: 'modified' }, { path: '/srv/a.html', change: 'added' }, { path: '/srv/b.html', change: 'modified' }, { path: '/srv/old', change: 'removed' },
	], 100);
	const row = (node: ChangeNode, known: Readonly<Record<string, number>>) => changedPathRow(node, bytesIn(node, path => known[path]), english);

	it('has the size of a file, and of all files in a folder once each is known', () => {
		assert.equal(row(srv!, { '/srv/a.html': 1500 }).description, '3 changes');
		const { description, accessible, tooltip } = row(srv!, { '/srv/a.html': 1500, '/srv/b.html': 500 });
		assert.deepEqual([description, accessible], ['2 kB · 3 changes', 'srv, folder, changed, 2 kB, 3 changes inside']);
		assert.match(tooltip, /File content that is new or changed in it: 2 kB/);
		const [a, , old] = srv!.children;
		assert.deepEqual([row(a!, { '/srv/a.html': 1500 }).accessible, row(a!, {}).accessible], ['a.html, added, 1.5 kB', 'a.html, added']);
		assert.deepEqual([row(old!, {}).description, row(old!, {}).accessible], ['', 'old, removed']);
	});
});
