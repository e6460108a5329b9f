import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ignoreFilesFor, parseIgnore } from '../../../src/core/dockerfile/dockerignore';

describe('parseIgnore', () => {
	const table: readonly (readonly [patterns: string, ignored: readonly string[], taken: readonly string[]])[] = [
		['docs', ['docs', 'docs/a', 'docs/a/b'], ['docs2', 'a/docs']],
		['/docs/', ['docs', 'docs/a'], ['a/docs']],
		['./a/../b//c/', ['b/c'], ['a', 'b']],
		['*', ['a', 'a/b', '.x'], []],
		['*/x', ['a/x', 'a/x/y'], ['x', 'a/b/x']],
		['*.md', ['a.md'], ['a/b.md', 'amd']],
		['**/*.md', ['a.md', 'a/b.md', 'a/b/c.md'], ['a/b.mdx']],
		['**', ['a', 'a/b'], []],
		['**/', ['a', 'a/b'], []],
		['a/**', ['a/b', 'a/b/c'], ['a', 'ab']],
		['a**/*.txt', ['a/f.txt', 'a/b/f.txt'], ['b/f.txt']],
		['**file', ['file', 'xfile', 'd/xfile'], ['filex']],
		['**/file', ['file', 'd/file', 'd/file/x'], ['xfile', 'd/xfile']],
		['a/**/b', ['a/b', 'a/x/b', 'a/x/y/b'], ['a', 'b']],
		['a?c', ['abc', 'a☺c'], ['ac', 'a/c']],
		['a[b-d]e', ['ace'], ['ae', 'aae']],
		['a[^b-d]e', ['aze'], ['ace']],
		['a\\*b', ['a*b'], ['axb']],
		['a.|)$(}+{bc', ['a.|)$(}+{bc'], []],
		['  x  \r\n# c\n\n y', ['x', 'y'], ['# c']],
		[' # x', ['# x'], ['x']],
		['\uFEFFx', ['x'], []],
		['.', [], ['a']],
		['*\n!a', ['b', 'ab'], ['a', 'a/b']],
		['*\n! /a/b', ['a', 'b', 'a/c'], ['a/b', 'a/b/c']],
		['!a\n*', ['a'], []],
		['docs\n!docs/README.md', ['docs', 'docs/x'], ['docs/README.md']],
		['**\n!d\nd/f', ['d/f', 'x'], ['d', 'd/g']],
		['*.md\n!README*.md\nREADME-secret.md', ['x.md', 'README-secret.md'], ['README.md', 'README-a.md']],
		// An exception is not asked for a directory that nothing ignores, and so does not hold below it.
		['*/b\n!a', ['a/b'], ['a']],
	];
	for (const [patterns, ignored, taken] of table) {
		it(JSON.stringify(patterns), () => {
			const { ignores } = parseIgnore(patterns);
			assert.deepEqual(ignored.filter(path => !ignores(path)), []);
			assert.deepEqual(taken.filter(ignores), []);
		});
	}

	it('never ignores the context itself', () => {
		assert.equal(parseIgnore('**').ignores('.'), false);
	});

	it('names the line that decided', () => {
		const { decides } = parseIgnore('# c\nnode_modules\n*.log\n!keep.log\n');
		const line = (path: string): string | undefined => {
			const pattern = decides(path);
			return pattern && `${pattern.line} ${pattern.text}`;
		};
		assert.equal(line('node_modules/a/b.js'), '2 node_modules');
		assert.equal(line('a.log'), '3 *.log');
		assert.equal(line('keep.log'), '4 !keep.log');
		assert.equal(line('src'), undefined);
	});

	it('names the lines that the engine refuses', () => {
		const { invalid, patterns } = parseIgnore('!\na[\n[]a]\n[-x]\n[a-b-c]\nx\\\n[z-a]\ngood');
		assert.deepEqual(invalid.map(({ line }) => line), [1, 2, 3, 4, 5, 6, 7]);
		assert.deepEqual(patterns.map(({ text }) => text), ['good']);
	});

	it('skips a directory only where no later exception reaches into it', () => {
		const skips = (patterns: string, path: string): boolean => parseIgnore(patterns).canSkipDirectory(path);
		assert.equal(skips('node_modules', 'node_modules'), true);
		assert.equal(skips('node_modules', 'src'), false);
		assert.equal(skips('node_modules\n!src/x', 'node_modules'), true);
		assert.equal(skips('*\n!a/b/c', 'a'), false);
		assert.equal(skips('*\n!a/b/c', 'a/b'), false);
		assert.equal(skips('*\n!a/b/c', 'a/x'), true);
		assert.equal(skips('docs\n!**/README.md', 'docs'), false);
		assert.equal(skips('!**/README.md\ndocs', 'docs'), true);
		assert.equal(skips('docs\n!d*/x', 'docs'), false);
		assert.equal(skips('*\n!a', 'b'), true);
	});

	it('never skips a directory that holds something that is taken', () => {
		const name = fc.constantFrom('a', 'b', 'ab', 'x.md');
		const path = fc.array(name, { minLength: 1, maxLength: 4 }).map(names => names.join('/'));
		const wild = fc.array(fc.constantFrom('a', 'b', '*', '**', 'a*', '?', '*.md', '[ab]'), { minLength: 1, maxLength: 4 }).map(names => names.join('/'));
		const pattern = fc.tuple(fc.constantFrom('', '!'), fc.oneof(path, wild)).map(parts => parts.join(''));
		fc.assert(fc.property(fc.array(pattern, { maxLength: 5 }), path, (patterns, file) => {
			const { ignores, canSkipDirectory } = parseIgnore(patterns.join('\n'));
			for (let slash = file.indexOf('/'); slash > 0; slash = file.indexOf('/', slash + 1)) {
				assert.ok(!canSkipDirectory(file.slice(0, slash)) || ignores(file));
			}
		}), { numRuns: 2_000 });
	});
});

describe('ignoreFilesFor', () => {
	it('prefers the one that carries the Dockerfile\'s name', () => {
		assert.deepEqual(ignoreFilesFor('docker/prod.Dockerfile'), ['docker/prod.Dockerfile.dockerignore', '.dockerignore']);
	});
});
