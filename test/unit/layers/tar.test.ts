import assert from 'node:assert/strict';
import { contentBytes, fileContent } from '../../../src/core/layers/content';
import { linkOf, nameOf, nodeFlag, xattrsOf, type LayerIndex } from '../../../src/core/layers/layerIndex';
import { defaultLimits } from '../../../src/core/layers/limits';
import { nameBytes } from '../../../src/core/layers/nameBytes';
import { contentOf, findNode, rootOf, walkTree, type TreeNode } from '../../../src/core/layers/tree';
import { inPieces } from '../../support/imageOf';
import { layerTar, octal, type LayerEntry } from '../../support/layerTar';
import { drawTree, indexOfTar } from '../../support/layerStack';
import { assertLinear } from '../../support/assertLinear';

describe('the tar of a layer', () => {
	it('has files, directories, links, devices and pipes', () => {
		assert.equal(draw([
			'dir/', 'dir/file * 700', 'dir/soft -> ../other', 'dir/hard => dir/file',
			{ path: 'dev/null', type: 'character', device: [1, 3] }, { path: 'dev/sda', type: 'block', device: [8, 0] }, { path: 'pipe', type: 'fifo' },
		]), '/dev/\n/dev/null character 1:3\n/dev/sda block 8:0\n/dir/\n/dir/file 700\n/dir/hard => /dir/file 700\n/dir/soft -> ../other\n/pipe fifo');
	});

	it('is the same whether paths start with ./, / or nothing', () => {
		for (const prefix of ['', './', '/', '//./']) {
			assert.equal(draw([{ path: `${prefix}a/` }, { path: `${prefix}a/b`, data: 'x' }, { path: `${prefix}a/c`, type: 'link', link: `${prefix}a/b` }]), '/a/\n/a/b 1\n/a/c => /a/b 1');
		}
	});

	for (const gnu of [false, true]) {
		it(`has long names and links as ${gnu ? 'GNU' : 'PAX'} writes them`, () => {
			const long = `${'d'.repeat(90)}/${'f'.repeat(200)}`;
			assert.equal(draw([{ path: long, data: 'x', gnu }, { path: 'soft', type: 'symlink', link: long, gnu }, { path: 'hard', type: 'link', link: long, gnu }]),
				`/${'d'.repeat(90)}/\n/${long} 1\n/hard => /${long} 1\n/soft -> ${long}`);
		});
	}

	it('has names split by ustar into prefix and name', () => {
		assert.equal(draw([{ path: 'name', data: 'x', patch: { 345: 'some/folder' } }]), '/some/\n/some/folder/\n/some/folder/name 1');
	});

	it('has PAX sizes, owners and times before those of the header', () => {
		const node = find(layerTar([{ path: 'a', data: 'x'.repeat(600), size: 0, pax: { size: '600', uid: '70000', gid: '2147483648', mtime: '1700000000.123456' } }, 'b']), '/a');
		assert.deepEqual([node.size, node.uid, node.gid, node.modifiedAt], [600, 70000, 2147483648, 1700000000123]);
	});

	it('has GNU base-256 numbers', () => {
		const size = Buffer.alloc(12);
		size[0] = 0x80;
		size.writeUInt32BE(600, 8);
		assert.equal(draw([{ path: 'a', data: 'x'.repeat(600), size }, 'b']), '/a 600\n/b 1');
	});

	it('keeps names apart that are not UTF-8, and gives their bytes back', () => {
		const names = [Buffer.from('caf\u00e9'), Buffer.from('caf\xe9', 'latin1'), Buffer.from('caf\xe8', 'latin1'), Buffer.from('\uefe9'), Buffer.from([0xc3]), Buffer.from('\ufffd'), Buffer.from([0xf0, 0x9f, 0x90, 0xb3])];
		const index = indexOfTar(layerTar(names.map(path => ({ path, data: 'x' }))));
		const seen = Array.from({ length: names.length }, (_, at) => nameOf(index, at + 1));
		assert.equal(new Set(seen).size, names.length);
		assert.deepEqual(seen.map(nameBytes).sort(Buffer.compare), names.sort(Buffer.compare));
		for (const name of seen) {
			assert.equal(findNode([index], `/${name}`)?.name, name);
			// Fit for a URI, which lone surrogates are not.
			assert.equal(decodeURIComponent(encodeURIComponent(name)), name);
		}
	});

	it('notes extended attributes, and sees when they differ', () => {
		const [one, same, other, none] = [{ cap: 'a' }, { cap: 'a' }, { cap: 'b' }, undefined].map(attributes => {
			const pax: Record<string, string> = attributes === undefined ? {} : { 'SCHILY.xattr.security.capability': attributes.cap };
			const index = indexOfTar(layerTar(['before', { path: 'ping', data: 'x', pax }]));
			return xattrsOf(index, findNode([index], '/ping')!.node);
		});
		assert.equal(one, same);
		assert.notEqual(one, other);
		assert.equal(none, undefined);
	});

	it('tells extended attributes quickly where every file has some', () => {
		assertLinear(4000, count => {
			const index: LayerIndex = {
				...indexOfTar(layerTar(['a'])),
				flags: new Uint8Array(count).fill(nodeFlag.xattrs), xattrNode: Uint32Array.from({ length: count }, (_, node) => node),
				xattrHash: Buffer.alloc(16 * count, 'the same sixteen'),
			};
			for (let node = 0; node < count; node++) {
				assert.equal(xattrsOf(index, node), '7468652073616d65207369787465656e');
			}
		});
	});

	it('lets the last entry of a path stand', () => {
		assert.equal(draw(['a = one', 'a = three', 'd/x', 'd = file', 'e', 'e/below']), '/a 5\n/d 4\n/e/\n/e/below 7');
	});

	it('says nothing of AUFS book-keeping', () => {
		assert.equal(draw(['.wh..wh.plnk/1.2', '.wh..wh.aufs', 'a']), '/a 1');
	});

	describe('with sparse files', () => {
		const data = [Buffer.alloc(512, 'a'), Buffer.alloc(100, 'b')];
		const whole = Buffer.concat([Buffer.alloc(1024), data[0]!, Buffer.alloc(2048), data[1]!, Buffer.alloc(316)]);
		const map = [[1024, 512], [3584, 100]] as const;
		const flat = map.flat().join(',');
		const written: Readonly<Record<string, LayerEntry>> = {
			'old GNU': {
				path: 's', flag: 'S', data: Buffer.concat(data),
				patch: { 386: map.map(([offset, bytes]) => octal(offset, 12) + octal(bytes, 12)).join(''), 483: octal(whole.length, 12) },
			},
			'PAX 0.1': { path: 's', data: Buffer.concat(data), pax: { 'GNU.sparse.map': flat, 'GNU.sparse.size': String(whole.length), 'GNU.sparse.numblocks': '2' } },
			'PAX 1.0': {
				path: 'GNUSparseFile.1/s', data: Buffer.concat([Buffer.from(`2\n${map.flat().join('\n')}\n`.padEnd(512, '\0')), ...data]),
				pax: { 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0', 'GNU.sparse.name': 's', 'GNU.sparse.realsize': String(whole.length) },
			},
		};
		for (const [form, entry] of Object.entries(written)) {
			it(`of ${form}`, async () => {
				const tar = layerTar(['before', entry, 'zafter']);
				const index = indexOfTar(tar);
				assert.equal(drawTree([index]), `/before 6\n/s ${whole.length}\n/zafter 6`);
				assert.ok((await contentAt(tar, index, '/s')).equals(whole));
			});
		}

		it('of more segments than one header holds', async () => {
			const segments = Array.from({ length: 30 }, (_, at) => [at * 1024, 512] as const);
			const fields = segments.map(([offset, bytes]) => octal(offset, 12) + octal(bytes, 12));
			const more = (from: number, isLast: boolean): Buffer => Buffer.from(fields.slice(from, from + 21).join('').padEnd(504, '\0') + (isLast ? '\0' : '\x01') + '\0'.repeat(7), 'latin1');
			const body = Buffer.alloc(30 * 512, 'd');
			const header = layerTar([{ path: 's', flag: 'S', size: body.length, patch: { 386: fields.slice(0, 4).join(''), 482: '\x01', 483: octal(30 * 1024, 12) } }]).subarray(0, 512);
			const tar = Buffer.concat([header, more(4, false), more(25, true), body, layerTar(['z'])]);
			const index = indexOfTar(tar);
			assert.equal(drawTree([index]), `/s ${30 * 1024}\n/z 1`);
			const content = await contentAt(tar, index, '/s');
			assert.equal(content.length, 30 * 1024);
			assert.equal(content.filter(byte => byte === 0x64).length, body.length);
		});
	});

	it('gives every file its own bytes back, wherever it stands', async () => {
		const long = 'n'.repeat(150);
		const tar = layerTar([{ path: long, data: 'pax' }, { path: `${long}g`, data: 'gnu', gnu: true }, 'empty = ', 'a * 100000', 'hard => a']);
		const index = indexOfTar(tar);
		assert.equal(String(await contentAt(tar, index, `/${long}`)), 'pax');
		assert.equal(String(await contentAt(tar, index, `/${long}g`)), 'gnu');
		assert.equal((await contentAt(tar, index, '/hard')).length, 100000);
		assert.equal((await contentAt(tar, index, '/empty')).length, 0);
	});

	it('links to a file of a lower layer', () => {
		const stack = [indexOfTar(layerTar(['a * 9'])), indexOfTar(layerTar(['-a', 'b => a']))];
		assert.equal(drawTree(stack), '/b => /a 9');
		assert.deepEqual(contentOf(stack, findNode(stack, '/b')!), { layer: 0, content: 0 });
	});

	it('is one index, whatever the pieces it comes in', () => {
		const tar = layerTar(['b/', 'b/x', 'a', { path: 'l'.repeat(300), data: 'x' }, '-gone', 'c -> a', 'd => a']);
		const index = indexOfTar(tar);
		assert.deepEqual([...walkTree([index], rootOf([index]))].map(({ name }) => name), ['a', 'b', 'x', 'c', 'd', 'l'.repeat(300)]);
		assert.equal(linkOf(index, findNode([index], '/d')!.node), '/a');
		assert.equal(index.flags[findNode([index], '/d')!.node]! & nodeFlag.hardLink, nodeFlag.hardLink);
	});
});

function draw(entries: readonly (LayerEntry | string)[]): string {
	return drawTree([indexOfTar(layerTar(entries))]);
}

function find(tar: Buffer, path: string): TreeNode {
	return findNode([indexOfTar(tar)], path)!;
}

async function contentAt(tar: Buffer, index: LayerIndex, path: string): Promise<Buffer> {
	const { content } = contentOf([index], findNode([index], path)!)!;
	return contentBytes(fileContent(inPieces(tar.subarray(index.contentOffset[content])), defaultLimits), defaultLimits);
}
