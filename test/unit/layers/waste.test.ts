import assert from 'node:assert/strict';
import { wasteOf } from '../../../src/core/layers/waste';
import type { LayerEntry } from '../../support/layerTar';
import { stackOfEntries } from '../../support/layerStack';

describe('waste', () => {
	const cases: readonly (readonly [string, readonly (readonly (LayerEntry | string)[])[], string])[] = [
		['of a file that is overwritten', [['a * 9'], ['a * 5']], '/a 9 0→1 overwritten'],
		['of a file that is removed', [['a * 9'], ['-a']], '/a 9 0→1 removed'],
		['of files in a folder that is removed', [['d/a * 9', 'd/e/b * 5'], ['-d']], '/d/a 9 0→1 removed; /d/e/b 5 0→1 removed'],
		['of files in a folder that is emptied', [['d/a * 9', 'd/e/b * 5'], ['-d/', 'd/new']], '/d/a 9 0→1 removed; /d/e/b 5 0→1 removed'],
		['of files in a folder that a file replaces', [['d/a * 9'], ['d = x']], '/d/a 9 0→1 hidden'],
		['of a file that a folder replaces', [['d * 9'], ['d/a']], '/d 9 0→1 overwritten'],
		['of a file in a folder that is removed and made again with it', [['d/a * 9', 'd/b * 5'], ['-d', 'd/', 'd/a * 9']], '/d/a 9 0→1 overwritten; /d/b 5 0→1 removed'],
		['once for each copy that is buried, not for the one that is seen', [['a * 9'], ['a * 9'], ['a * 9']], '/a 9 0→1 overwritten; /a 9 1→2 overwritten'],
		['buried by the first that buries it', [['d/a * 9'], ['-d/a'], ['-d'], ['d = x']], '/d/a 9 0→1 removed'],
		['of nothing where another name is still seen', [['a * 9', 'b => a'], ['-a']], ''],
		['of a file all of whose names are gone, from the last one on', [['a * 9', 'b => a'], ['-a'], ['b = x']], '/a 9 0→2 overwritten'],
		['of nothing where a link of a higher layer leads to it', [['a * 9'], ['b => a'], ['-a']], ''],
		['of nothing for folders, links and empty files', [['d/', 'l -> x', 'e = '], ['-d', '-l', '-e']], ''],
		['of nothing for whiteouts of what never was', [['a * 9'], ['-b', '-d/']], ''],
		['of a folder seen through to the layers below', [['d/a * 9', 'd/b * 5'], ['d/c * 3'], ['-d/b']], '/d/b 5 0→2 removed'],
		['of a sparse file by what it reads as', [[{ path: 's', flag: 'S', data: 'x'.repeat(10), patch: { 386: '00000000000\0' + '00000000012\0', 483: '00000010000\0' } }], ['-s']], '/s 4096 0→1 removed'],
		['of the same layer twice', [['a * 9'], ['-a'], ['a * 9'], ['-a']], '/a 9 0→1 removed; /a 9 2→3 removed'],
	];
	for (const [name, layers, expected] of cases) {
		it(name, () => {
			const { files } = wasteOf(stackOfEntries(...layers));
			assert.equal(files.map(({ path, bytes, addedIn, buriedIn, how }) => `${path} ${bytes} ${addedIn}→${buriedIn} ${how}`).join('; '), expected);
		});
	}

	it('adds up, by layer and as efficiency', () => {
		const { totalBytes, wastedBytes, efficiency, wastedByLayer } = wasteOf(stackOfEntries(['a * 60', 'b * 20'], ['a * 10', '-b'], ['c * 10']));
		assert.deepEqual([totalBytes, wastedBytes, efficiency, wastedByLayer], [100, 80, 1 - 0.8, [80, 0, 0]]);
		assert.equal(wasteOf(stackOfEntries([], ['d/'])).efficiency, 1);
	});
});
