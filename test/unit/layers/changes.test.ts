import assert from 'node:assert/strict';
import { changesOf, type ChangeNode, type LayerChanges } from '../../../src/core/layers/changes';
import { childrenOf, rootOf, totalsOf } from '../../../src/core/layers/tree';
import { touchesOf } from '../../../src/core/layers/touch';
import { drawTree, stackOfEntries } from '../../support/layerStack';
import { assertLinear } from '../../support/assertLinear';

const letters = { added: 'A', modified: 'M', removed: 'D' } as const;

/** Each path with its letter, what its subtree adds in bytes and hides below. */
function drawChanges(changes: LayerChanges, node: ChangeNode = changes.root, indent = ''): string {
	return changes.children(node).map(child => {
		const { bytes, removedBytes } = changes.totals(child);
		const numbers = `${bytes > 0 ? ` +${bytes}` : ''}${removedBytes > 0 ? ` -${removedBytes}` : ''}`;
		return `${indent}${child.change === undefined ? ' ' : letters[child.change]} ${child.name}${child.entry.kind === 'directory' ? '/' : ''}${numbers}\n${drawChanges(changes, child, `${indent}  `)}`;
	}).join('');
}

describe('changes of a layer', () => {
	const base = ['etc/', 'etc/os * 10', 'etc/old * 20', 'opt/', 'opt/a/', 'opt/a/x * 30', 'opt/b * 40', 'run/', 'run/pid * 5'];

	it('are all additions in the lowest', () => {
		const [index] = stackOfEntries(['a/', 'a/b * 7', 'c -> a']);
		assert.equal(drawChanges(changesOf([index!], 0)), 'A a/ +7\n  A b +7\nA c\n');
	});

	it('are what was added, modified and removed, with folders on the way', () => {
		const stack = stackOfEntries(base, ['etc/', 'etc/os * 11', '-etc/old', 'etc/new * 3']);
		assert.equal(drawChanges(changesOf(stack, 1)), '  etc/ +14 -30\n  A new +3\n  D old -20\n  M os +11 -10\n');
	});

	it('remove a folder with everything in it', () => {
		const stack = stackOfEntries(base, ['-opt']);
		assert.equal(drawChanges(changesOf(stack, 1)), 'D opt/ -70\n  D a/ -30\n    D x -30\n  D b -40\n');
	});

	for (const [how, entries] of [['an opaque mark', ['opt/', '-opt/', 'opt/b * 1']], ['a whiteout beside it', ['-opt', 'opt/', 'opt/b * 1']], ['a whiteout for each entry', ['opt/', '-opt/a', 'opt/b * 1']]] as const) {
		it(`empty a folder by ${how}, all the same`, () => {
			const stack = stackOfEntries(base, entries);
			assert.equal(drawChanges(changesOf(stack, 1)), '  opt/ +1 -70\n  D a/ -30\n    D x -30\n  M b +1 -40\n');
			assert.equal(drawTree(stack).split('\n').filter(line => line.startsWith('/opt')).join(' '), '/opt/ /opt/b 1');
		});
	}

	it('replace a folder by a file and back', () => {
		const stack = stackOfEntries(base, ['opt * 2'], ['opt/', 'opt/new * 3']);
		assert.equal(drawChanges(changesOf(stack, 1)), 'M opt +2 -70\n  D a/ -30\n    D x -30\n  D b -40\n');
		assert.equal(drawChanges(changesOf(stack, 2)), 'M opt/ +3 -2\n  A new +3\n');
	});

	it('modify a folder where its mode or owner changed, not where only its time did', () => {
		const stack = stackOfEntries(base, [{ path: 'etc/', mtime: 99 }, { path: 'opt/', mode: 0o700 }, { path: 'run/', uid: 5 }]);
		assert.equal(drawChanges(changesOf(stack, 1)), '  etc/\nM opt/\nM run/\n');
	});

	it('modify a file that was written again as it was', () => {
		const stack = stackOfEntries(['a * 5'], ['a * 5']);
		assert.equal(drawChanges(changesOf(stack, 1)), 'M a +5 -5\n');
	});

	it('tell which layers touched a path', () => {
		const stack = stackOfEntries(base, ['etc/', 'etc/os = x'], ['-etc/os'], ['true'], ['etc/', 'etc/os = y'], ['-etc']);
		const draw = (path: string): string => touchesOf(stack, path).map(({ layer, change }) => `${layer}${letters[change]}`).join(' ');
		assert.equal(draw('/etc/os'), '0A 1M 2D 4A 5D');
		assert.equal(draw('/etc'), '0A 5D');
		assert.equal(draw('/opt/a/x'), '0A');
		assert.equal(draw('/nowhere'), '');
	});

	it('take in proportion to the entries of a folder', () => {
		const stackOf = (count: number): ReturnType<typeof stackOfEntries> => stackOfEntries(Array.from({ length: count }, (_, at) => `d/f${at} = x`), ['-d/f7', 'd/f8 = yy', 'd/new = z']);
		const stacks = new Map([3000, 48_000].map(count => [count, stackOf(count)]));
		assertLinear(3000, count => {
			const stack = stacks.get(count)!;
			const [directory] = childrenOf(stack, rootOf(stack));
			assert.equal(childrenOf(stack, directory!).length, count);
			assert.deepEqual(totalsOf(stack, directory!), { bytes: count + 1, files: count, entries: count + 1 });
		});
		const stack = stacks.get(48_000)!;
		assert.equal(drawChanges(changesOf(stack, 1)), '  d/ +3 -2\n  D f7 -1\n  M f8 +2 -1\n  A new +1\n');
	});
});
