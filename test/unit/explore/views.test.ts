import assert from 'node:assert/strict';
import { archiveRows, layerInstructions } from '../../../src/core/archiveRows';
import { copyOrigins } from '../../../src/core/copyOrigins';
import { differenceTree, type DifferenceNode } from '../../../src/core/differenceTree';
import { parseDockerfile } from '../../../src/core/dockerfile/parse';
import { resolveDockerfile } from '../../../src/core/dockerfile/resolve';
import { exploreImage, type ExploredImage } from '../../../src/core/exploredImage';
import { readSource, sourceKey } from '../../../src/core/layerFile';
import { compareImages } from '../../../src/core/layers/compare';
import type { LayeredImage } from '../../../src/core/layers/layeredImage';
import { childrenOf, rootOf, totalsOf, type TreeNode } from '../../../src/core/layers/tree';
import { imageWasteOf, wasteThreshold, withWaste } from '../../../src/core/lineWaste';
import { filterPaths, matcherOf, ordered, type PathTree } from '../../../src/core/pathTree';
import { pictureOf } from '../../../src/core/picture';
import type { PictureNode } from '../../../src/core/pictureMessages';
import { projectLines } from '../../../src/core/projectLines';
import { stackOfTars } from '../../support/layerStack';
import { layerTar } from '../../support/layerTar';

describe('a filter over files', () => {
	it('means names, or paths where it has a slash', () => {
		const tree = filesOf(exploredOf(['usr/lib/libc.so', 'usr/bin/sh', 'etc/lib.conf']));
		const shown = (filter: string): string => [...filterPaths(tree, filter, 10).shown].join(' ');
		assert.equal(shown('lib'), '/etc /etc/lib.conf /usr /usr/lib /usr/lib/libc.so');
		assert.equal(shown('*.SO'), '/usr /usr/lib /usr/lib/libc.so');
		assert.equal(shown('/usr/b'), '/usr /usr/bin /usr/bin/sh');
		assert.equal(shown('bin/*'), '/usr /usr/bin /usr/bin/sh');
		assert.equal(shown('nothing'), '');
	});

	it('ends after so many matches, and says so', () => {
		const tree = filesOf(exploredOf(['a1', 'a2', 'a3']));
		const { matches, more } = filterPaths(tree, 'a', 2);
		assert.deepEqual([matches, more], [2, true]);
	});

	it('takes signs of patterns as they are, and is quick whatever it is', () => {
		assert.equal(matcherOf('a+(b)')({ name: 'xa+(b)y', path: '/xa+(b)y' }), true);
		assert.equal(matcherOf(`${'*'.repeat(40)}x`)({ name: 'a'.repeat(5000), path: '' }), false);
	});
});

describe('files in order', () => {
	it('are the largest first, or as they are named', () => {
		const tree = filesOf(exploredOf(['a * 5', 'b * 500', 'c/d * 50']));
		const names = (order: 'size' | 'name'): string => ordered(tree, tree.children(tree.root), order).map(({ name }) => name).join(' ');
		assert.equal(names('size'), 'b c a');
		assert.equal(names('name'), 'a b c');
	});
});

describe('the picture of an image', () => {
	it('shows wasted bytes where they were, and who holds what', () => {
		const explored = exploredOf(['app/server * 4000', 'var/lists * 3000'], ['app/server * 4000', '-var/lists']);
		assert.equal(drawn(pictureOf(explored, '/')!), `
/ 11000 wastes 7000
  /app 8000 wastes 4000
    /app/server 4000 in 1
    /app/server 4000 in 0 wasted
  /var 3000 wastes 3000
    /var/lists 3000 in 0 wasted`);
	});

	it('keeps a folder that only waste remembers', () => {
		const explored = exploredOf(['tmp/x/big * 100', 'keep * 100'], ['-tmp']);
		assert.equal(drawn(pictureOf(explored, '/')!), `
/ 200 wastes 100
  /keep 100 in 0
  /tmp 100 wastes 100
    /tmp/x 100 wastes 100
      /tmp/x/big 100 in 0 wasted`);
		assert.equal(drawn(pictureOf(explored, '/tmp/x')!), `
/tmp/x 100 wastes 100
  /tmp/x/big 100 in 0 wasted`);
		assert.equal(pictureOf(explored, '/nothing'), undefined);
	});

	it('puts what is too small to see together', () => {
		const explored = exploredOf(['big * 900000', ...Array.from({ length: 50 }, (_, at) => `small-${String(at)} * 10`)]);
		assert.equal(drawn(pictureOf(explored, '/')!), `
/ 900500
  /big 900000 in 0
  50 others in / 500 in 0`);
	});
});

describe('waste beside lines', () => {
	it('names the line that adds and the line that buries', () => {
		const explored = exploredOf(['base * 10'], ['lists * 3000'], ['-lists']);
		const resolved = resolveDockerfile(parseDockerfile('FROM base\nRUN apt-get update\nRUN rm /lists\n'), {});
		const [, one, other] = explored.image.layers.map(({ diffId }) => diffId);
		const lines = projectLines({ resolved }).map(facts => ({ ...facts, diffId: facts.line === 2 ? one : facts.line === 3 ? other : undefined }));
		const [from, adds, removes] = withWaste(lines, imageWasteOf(explored));
		assert.equal(from?.waste, undefined);
		assert.deepEqual(adds?.waste?.burials, [{ addedIn: 1, buriedIn: 2, how: 'removed', bytes: 3000, files: 1, paths: ['/lists'], line: 3 }]);
		assert.deepEqual([adds.waste.bytes, adds.waste.layerBytes, adds.waste.imageBytes], [3000, 3000, 3010]);
		assert.equal(removes?.waste?.bytes, 0);
	});

	it('is worth a problem from the lesser of a size and a share', () => {
		assert.equal(wasteThreshold(1e9, 5, 5), 5e6);
		assert.equal(wasteThreshold(20e6, 5, 5), 1e6);
	});
});

describe('the differences of two images', () => {
	it('stand in folders with sums', async () => {
		const [a, b] = [exploredOf(['etc/a * 10', 'etc/b * 20', 'old * 5']), exploredOf(['etc/a * 10', 'etc/b * 25', 'new * 7'])];
		const { files } = await compareImages(a.stack, b.stack, () => Promise.reject(new Error('all are known')));
		const tree = differenceTree(files);
		const lines = (node: DifferenceNode, depth: number): string[] => [
			`${'  '.repeat(depth)}${node.path} ${node.difference?.change ?? '-'} ${String(node.totals.bytesA)} ${String(node.totals.bytesB)}`,
			...node.children.flatMap(child => lines(child, depth + 1)),
		];
		assert.equal(`\n${lines(tree.root, 0).join('\n')}`, `
/ - 25 32
  /etc - 20 25
    /etc/b modified 20 25
  /new added 0 7
  /old removed 5 0`);
	});
});

describe('rows of an archive', () => {
	it('read as the instructions that made the layers', () => {
		const { image } = exploredOf(['a * 3'], ['b * 4']);
		const rows = archiveRows({ ...image, layers: image.layers.map((layer, at) => ({ ...layer, createdBy: at === 0 ? '/bin/sh -c #(nop) COPY file:x in / ' : 'RUN /bin/sh -c make # buildkit' })) });
		assert.deepEqual(rows.map(({ keyword, sizeBytes, layer }) => [keyword, sizeBytes, layer]), [['COPY', 3, 0], ['RUN', 4, 1]]);
		assert.equal(rows[1]?.instruction, 'RUN make');
	});

	it('have those that made no layer in their places, where the history is whole', () => {
		const { image } = exploredOf(['a * 3'], ['b * 4']);
		const entry = (createdBy: string, empty = false): LayeredImage['history'][number] => ({ createdBy, empty, createdAt: undefined, comment: undefined });
		const history = [entry('COPY a / # buildkit'), entry('ENV A=b', true), entry('RUN /bin/sh -c make # buildkit'), entry('CMD ["sh"]', true)];
		const drawnRows = (given: LayeredImage['history']): readonly string[] => archiveRows({ ...image, history: given })
			.map(({ index, instruction, empty, layer, sizeBytes }) => [index, instruction, empty === true ? 'empty' : `layer ${String(layer)}`, sizeBytes].join(' '));
		assert.deepEqual(drawnRows(history), ['0 COPY a / layer 0 3', '1 ENV A=b empty 0', '2 RUN make layer 1 4', '3 CMD ["sh"] empty 0']);
		assert.deepEqual(drawnRows(history.slice(1)), ['0  layer 0 3', '1  layer 1 4']);
		assert.deepEqual(layerInstructions({ ...image, history }), ['COPY a /', 'RUN make']);
	});
});

describe('where a COPY took a file from', () => {
	for (const [instruction, path, origins] of [
		['COPY app.conf /etc/app.conf', '/etc/app.conf', ['app.conf']],
		['COPY conf/app.conf /etc/', '/etc/app.conf', ['conf/app.conf']],
		['COPY src /app/', '/app/lib/a.js', ['src/lib/a.js']],
		['COPY . .', '/work/lib/a.js', ['lib/a.js']],
		['COPY conf/*.conf /etc/', '/etc/a.conf', ['conf/a.conf']],
		['COPY --from=build /out /app', '/app/x', []],
		['RUN make', '/app/x', []],
		['COPY src /app/', '/etc/passwd', []],
	] as const) {
		it(`${instruction} gives ${path}`, () => {
			const { instructions } = resolveDockerfile(parseDockerfile(`FROM a AS build\nFROM b\nWORKDIR /work\n${instruction}\n`), {});
			const found = copyOrigins(instructions[3]!, path);
			assert.deepEqual(origins.length === 0 ? found : found.filter(origin => (origins as readonly string[]).includes(origin)), origins);
		});
	}
});

describe('an address of layers', () => {
	it('is read back only where it is one', () => {
		assert.deepEqual(readSource({ kind: 'engine', reference: 'web:1', more: 1 }), { kind: 'engine', reference: 'web:1' });
		assert.deepEqual(readSource({ kind: 'archive', path: '/a.tar', image: 'web:1', platform: 'linux/arm64' }), { kind: 'archive', path: '/a.tar', image: 'web:1', platform: 'linux/arm64' });
		for (const wrong of [undefined, null, 'engine', {}, { kind: 'engine' }, { kind: 'archive', path: 7 }, { kind: 'layout', path: '/', image: {} }, { kind: 'x', path: '/' }]) {
			assert.equal(readSource(wrong), undefined);
		}
	});

	it('is the same for the same source', () => {
		assert.equal(sourceKey({ kind: 'archive', path: '/a', platform: 'linux/amd64' }), sourceKey({ platform: 'linux/amd64', path: '/a', kind: 'archive' }));
		assert.notEqual(sourceKey({ kind: 'archive', path: '/a', image: 'b' }), sourceKey({ kind: 'archive', path: '/a' }));
	});
});

function exploredOf(...layers: readonly (readonly string[])[]): ExploredImage {
	const stack = stackOfTars(layers.map(entries => layerTar(entries)));
	return exploreImage({
		references: ['test:1'], configDigest: undefined, os: 'linux', architecture: 'amd64', variant: undefined, history: [],
		layers: stack.map(index => ({ diffId: index.diffId, createdBy: undefined, createdAt: undefined, comment: undefined, path: undefined, index })),
	});
}

function filesOf({ stack }: ExploredImage): PathTree<TreeNode> {
	return { root: rootOf(stack), children: node => childrenOf(stack, node), bytes: node => totalsOf(stack, node).bytes };
}

function drawn(node: PictureNode, depth = 0): string {
	const where = node.layer === undefined ? '' : ` in ${String(node.layer)}`;
	const waste = node.kind === 'wasted' ? ' wasted' : node.wastedBytes > 0 ? ` wastes ${String(node.wastedBytes)}` : '';
	const name = node.kind === 'others' ? `${String(node.count)} others in ${node.path}` : node.path;
	return `\n${'  '.repeat(depth)}${name} ${String(node.bytes)}${where}${waste}${node.children.map(child => drawn(child, depth + 1)).join('')}`;
}
