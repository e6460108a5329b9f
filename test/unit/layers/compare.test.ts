import assert from 'node:assert/strict';
import { compareImages } from '../../../src/core/layers/compare';
import type { LayerStack } from '../../../src/core/layers/layeredImage';
import type { LayerEntry } from '../../support/layerTar';
import { stackOfEntries } from '../../support/layerStack';

const base = ['etc/', 'etc/os * 10', 'bin/', 'bin/sh * 20'];

async function draw(a: LayerStack, b: LayerStack): Promise<string> {
	const { files } = await compareImages(a, b, () => Promise.reject(new Error('All fingerprints are known.')));
	return files.map(({ path, change, a: before, b: after }) => `${change} ${path} ${before?.size ?? '-'} ${after?.size ?? '-'}`).join('\n');
}

function compare(a: readonly (readonly (LayerEntry | string)[])[], b: readonly (readonly (LayerEntry | string)[])[]): Promise<string> {
	return draw(stackOfEntries(...a), stackOfEntries(...b));
}

describe('two images', () => {
	it('share layers and have their own, each named once', async () => {
		const [a, b] = [stackOfEntries(base, ['x'], ['x'], []), stackOfEntries(base, ['y'], [])];
		const { layers } = await compareImages(a, b, () => Promise.resolve(''));
		assert.deepEqual(layers, { shared: [a[0]!.diffId, a[3]!.diffId], onlyA: [a[1]!.diffId], onlyB: [b[1]!.diffId] });
	});

	it('differ in files added, removed and modified', async () => {
		assert.equal(await compare([base, ['gone * 3', 'same * 4', 'size * 5']], [base, ['new * 6', 'same * 4', 'size * 7']]),
			'removed /gone 3 -\nadded /new - 6\nmodified /size 5 7');
	});

	it('are the same where the same files came in other layers, at other times', async () => {
		assert.equal(await compare([base], [['etc/', { path: 'etc/os', data: Buffer.alloc(10, 'etc/os'), mtime: 5 }], ['bin/', 'bin/sh * 20', 'x'], ['-x']]), '');
	});

	it('differ in content of the same size, mode, owner, kind, link and attributes', async () => {
		const change = async (before: LayerEntry | string, after: LayerEntry | string): Promise<string> => compare([[before]], [[after]]);
		assert.equal(await change('a = one', 'a = two'), 'modified /a 3 3');
		assert.equal(await change({ path: 'a', data: 'x' }, { path: 'a', data: 'x', mode: 0o755 }), 'modified /a 1 1');
		assert.equal(await change({ path: 'a', data: 'x' }, { path: 'a', data: 'x', uid: 7 }), 'modified /a 1 1');
		assert.equal(await change('a -> b', 'a -> c'), 'modified /a 0 0');
		assert.equal(await change('a', 'a/'), 'modified /a 1 0');
		assert.equal(await change({ path: 'a', type: 'character', device: [1, 3] }, { path: 'a', type: 'character', device: [1, 5] }), 'modified /a 0 0');
		assert.equal(await change({ path: 'a', data: 'x' }, { path: 'a', data: 'x', pax: { 'SCHILY.xattr.user.a': 'b' } }), 'modified /a 1 1');
	});

	it('differ in whole folders', async () => {
		assert.equal(await compare([['d/', 'd/a', 'd/e/b'], ['f = x']], [['f/', 'f/a']]), 'removed /d 0 -\nremoved /d/a 3 -\nremoved /d/e 0 -\nremoved /d/e/b 5 -\nmodified /f 1 0\nadded /f/a - 3');
	});

	it('do not differ where one has a hard link and the other a copy', async () => {
		assert.equal(await compare([['a = x', 'b => a']], [['a = x', 'b = x']]), '');
	});

	it('are compared by their bytes where no fingerprint is known', async () => {
		const unread = (stack: LayerStack): LayerStack => stack.map(index => ({ ...index, verified: false, contentHash: Buffer.alloc(index.contentHash.length) }));
		const asked: string[] = [];
		const { files } = await compareImages(unread(stackOfEntries(['a = one', 'b = two', 'c = x'])), unread(stackOfEntries(['a = ONE', 'b = two', 'c = xx'])), ({ side, content }) => {
			asked.push(`${side}${content}`);
			return Promise.resolve(content === 0 ? side : 'same');
		});
		assert.deepEqual(files.map(({ path }) => path), ['/a', '/c']);
		assert.deepEqual(asked, ['a0', 'b0', 'a1', 'b1']);
	});
});
