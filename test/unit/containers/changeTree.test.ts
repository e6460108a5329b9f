import assert from 'node:assert/strict';
import fc from 'fast-check';
import { changeTree, type ChangeNode } from '../../../src/core/changeTree';
import type { ContainerChange } from '../../../src/core/engine/engine';

const draw = (nodes: readonly ChangeNode[], indent = ''): string => nodes
	.map(({ name, change, count, children }) => `${indent}${name}${change === undefined ? '' : ` ${change}`}${children.length > 0 ? ` (${String(count)})` : ''}\n${draw(children, `${indent}  `)}`)
	.join('');
const tree = (text: string): readonly ContainerChange[] => text.trim().split('\n').map(line => {
	const [letter, path] = line.trim().split(' ');
	return { path: path!, change: ({ A: 'added', C: 'modified', D: 'removed' } as const)[letter as 'A' | 'C' | 'D'] };
});

describe('changeTree', () => {
	it('draws folders first, each with what changed in it', () => {
		const { roots, more } = changeTree(tree(`
			C /etc
			D /etc/motd
			A /etc/app.conf
			A /a.txt
			A /srv/www/index.html
		`), 100);
		assert.equal(more, 0);
		assert.equal(draw(roots), [
			'etc modified (3)', '  app.conf added', '  motd removed', 'srv (1)', '  www (1)', '    index.html added', 'a.txt added', '',
		].join('\n'));
	});

	it('counts what is beyond the limit', () => {
		const { roots, more } = changeTree(tree('A /a\nA /b\nA /c'), 2);
		assert.deepEqual([draw(roots), more], ['a added\nb added\n', 1]);
	});

	it('loses no change', () => {
		fc.assert(fc.property(fc.uniqueArray(fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 4 }).map(parts => `/${parts.join('/')}`)), paths => {
			const { roots } = changeTree(paths.map(path => ({ path, change: 'added' })), 1000);
			assert.equal(roots.reduce((sum, { count }) => sum + count, 0), paths.length);
		}));
	});
});
