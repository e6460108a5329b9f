import assert from 'node:assert/strict';
import { causesOf } from '../../../src/core/layers/causes';
import type { LayeredImage } from '../../../src/core/layers/layeredImage';
import { wasteOf } from '../../../src/core/layers/waste';
import type { LayerEntry } from '../../support/layerTar';
import { stackOfEntries } from '../../support/layerStack';

function draw(layers: readonly (readonly (LayerEntry | string)[])[], createdBy: readonly string[] = []): string {
	const stack = stackOfEntries(...layers);
	const image: LayeredImage = {
		references: [], configDigest: undefined, os: 'linux', architecture: 'amd64', variant: undefined, history: [],
		layers: stack.map((index, layer) => ({ diffId: index.diffId, createdBy: createdBy[layer], createdAt: undefined, comment: undefined, path: undefined, index })),
	};
	return causesOf(image, wasteOf(stack)).map(({ kind, layer, bytes, wastedBytes, files, paths, firstLayer, packages }) =>
		`${kind} ${layer}${firstLayer === undefined ? '' : `=${firstLayer}`}: ${bytes}${wastedBytes > 0 ? ` (${wastedBytes} wasted)` : ''} in ${files}, ${paths.join(' ')}${packages.length === 0 ? '' : ` of ${packages.join(' ')}`}`).join('\n');
}

describe('causes of a large layer', () => {
	const caches: readonly (readonly [string, string, string])[] = [
		['aptLists', 'var/lib/apt/lists/deb_Packages', '/var/lib/apt/lists'],
		['aptArchives', 'var/cache/apt/archives/gcc.deb', '/var/cache/apt'],
		['apkCache', 'var/cache/apk/APKINDEX.tar.gz', '/var/cache/apk'],
		['dnfCache', 'var/cache/dnf/base/repo.solv', '/var/cache/dnf'],
		['dnfCache', 'var/cache/yum/x/primary.sqlite', '/var/cache/yum'],
		['pipCache', 'root/.cache/pip/http/a', '/root/.cache/pip'],
		['npmCache', 'home/node/.npm/_cacache/index', '/home/node/.npm'],
		['yarnCache', 'usr/local/share/.cache/yarn/v6/x', '/usr/local/share/.cache/yarn'],
		['goCache', 'go/pkg/mod/cache/x', '/go/pkg/mod'],
		['goCache', 'root/go/pkg/mod/example.org/x@v1/x.go', '/root/go/pkg/mod'],
		['goCache', 'root/.cache/go-build/00/x', '/root/.cache/go-build'],
		['cargoCache', 'usr/local/cargo/registry/cache/x', '/usr/local/cargo/registry'],
		['cargoCache', 'root/.cargo/registry/src/x/lib.rs', '/root/.cargo/registry'],
		['cargoCache', 'root/.cargo/git/db/x', '/root/.cargo/git'],
		['mavenCache', 'root/.m2/repository/org/x.jar', '/root/.m2/repository'],
		['gradleCache', 'root/.gradle/caches/x', '/root/.gradle/caches'],
		['gitFolder', 'app/.git/objects/pack/x', '/app/.git'],
	];
	for (const [kind, path, directory] of caches) {
		it(`is ${kind} in ${directory}, in bytes`, () => {
			assert.equal(draw([[`${path} * 500`, 'other * 700']]), `${kind} 0: 500 in 1, ${directory}`);
		});
	}

	it('says what of it is buried already', () => {
		assert.equal(draw([['var/lib/apt/lists/a * 500', 'var/lib/apt/lists/b * 300'], ['-var/lib/apt/lists/a']]), 'aptLists 0: 800 (500 wasted) in 2, /var/lib/apt/lists');
	});

	it('is nothing that has a name outside of the cache too', () => {
		assert.equal(draw([['root/.cache/uv/a * 500', 'app/venv/a => root/.cache/uv/a', 'root/.cache/uv/b * 40']]), 'pipCache 0: 40 in 2, /root/.cache/uv');
		assert.equal(draw([['root/.local/share/pnpm/store/a * 500', 'app/node_modules/a => root/.local/share/pnpm/store/a']], ['RUN pnpm install # buildkit']), '');
	});

	it('is nothing where a cache is empty, or only looks like one', () => {
		assert.equal(draw([['var/lib/apt/lists/', 'srv/var/lib/apt/lists/x', 'app/npm/_cacache/x', 'app/git/x', 'var/cache/debconf/templates.dat', 'app/pkg/mod/x']]), '');
	});

	it('is node_modules that were copied, not installed', () => {
		const layer = ['app/node_modules/a/index.js * 90', 'app/node_modules/b/node_modules/c/index.js * 10'];
		assert.equal(draw([layer], ['COPY . /app # buildkit']), 'nodeModules 0: 100 in 2, /app/node_modules');
		assert.equal(draw([layer], ['/bin/sh -c #(nop) COPY dir:0123 in /app ']), 'nodeModules 0: 100 in 2, /app/node_modules');
		assert.equal(draw([layer], ['RUN npm ci # buildkit']), '');
	});

	it('is build tools that are still there', () => {
		const tools = ['usr/bin/x86_64-linux-gnu-gcc-12 * 1000', 'usr/bin/gcc -> x86_64-linux-gnu-gcc-12', 'usr/lib/gcc/x86_64-linux-gnu/12/cc1 * 5000', 'usr/include/stdio.h * 100', 'usr/bin/env * 40'];
		assert.equal(draw([tools]), 'buildTools 0: 6100 in 3, /usr/lib/gcc /usr/bin/x86_64-linux-gnu-gcc-12 /usr/include');
		assert.equal(draw([tools, ['-usr/bin/x86_64-linux-gnu-gcc-12', '-usr/lib/gcc', '-usr/include']]), '');
		assert.equal(draw([['usr/include/python3/Python.h * 100']]), '');
	});

	it('is what packages for building brought, by their names in dpkg\'s database', () => {
		const installed = ['zlib1g-dev:amd64', 'make', 'zlib1g:amd64', 'gcc-12-base:amd64', 'libmakefile-perl'].map(name => `var/lib/dpkg/info/${name}.list * 10`);
		const files = ['usr/include/zlib.h * 100', 'usr/lib/x86_64-linux-gnu/libz.a * 900', 'usr/lib/x86_64-linux-gnu/libz.so.1 * 700'];
		assert.equal(draw([[...files, ...installed]]), 'buildTools 0: 1000 in 2, /usr/lib/x86_64-linux-gnu/libz.a /usr/include of make zlib1g-dev');
		assert.equal(draw([[...files, ...installed.slice(2)]]), '');
		assert.equal(draw([[...files, ...installed], ['-var/lib/dpkg/info/zlib1g-dev:amd64.list', '-var/lib/dpkg/info/make.list']]), '');
	});

	it('is what packages for building brought, by their names in apk\'s database', () => {
		const database = (...names: readonly string[]): LayerEntry => ({ path: 'lib/apk/db/installed', data: names.map(name => `C:Q1x=\nP:${name}\nV:1-r0\nF:usr/lib\nR:P:liar\n`).join('\n') });
		const base = [database('musl', 'musl-dev', 'busybox')];
		const added = [database('musl', 'musl-dev', 'busybox', 'build-base', 'zlib-dev', 'zlib', '.build-deps'), 'usr/lib/libz.a * 900', 'usr/include/zlib.h * 100', 'usr/lib/libz.so.1 * 700'];
		assert.equal(draw([base, added]), 'buildTools 1: 1000 in 2, /usr/lib/libz.a /usr/include of build-base zlib-dev');
		assert.equal(draw([base, added, ['etc/x']]), 'buildTools 1: 1000 in 2, /usr/lib/libz.a /usr/include of build-base zlib-dev');
		assert.equal(draw([base, added, [database('musl', 'busybox', 'zlib')]]), '', 'removed later');
		assert.equal(draw([base, added.map(entry => typeof entry === 'string' ? entry : { ...entry, path: './usr/lib/apk/db/installed' })]), 'buildTools 1: 1000 in 2, /usr/lib/libz.a /usr/include of build-base zlib-dev');
		assert.equal(draw([base, [{ ...database('zlib-dev'), path: 'srv/lib/apk/db/installed' }, ...added.slice(1)]]), '', 'not the database of this system');
	});

	it('is a copy that only chmod or chown asked for', () => {
		const layers = [[{ path: 'bin/tool', data: 'x'.repeat(9000) }, 'other * 50'], [{ path: 'bin/tool', data: 'x'.repeat(9000), mode: 0o755 }]];
		assert.equal(draw(layers), 'metadataCopy 1=0: 9000 (9000 wasted) in 1, /bin/tool');
		assert.equal(draw([['bin/tool * 9000'], [{ path: 'bin/tool', data: 'y'.repeat(9000) }]]), '');
	});

	it('is the same content in several layers', () => {
		const same = 'z'.repeat(5000);
		assert.equal(draw([[{ path: 'a', data: same }], [{ path: 'b', data: same }], [{ path: 'c', data: same }, { path: 'd', data: same }]]),
			'duplicateContent 2=0: 10000 in 2, /c /d\nduplicateContent 1=0: 5000 in 1, /b');
		assert.equal(draw([[{ path: 'a', data: same }, { path: 'b', data: same }], ['small = x'], ['small2 = x']]), '');
	});

	it('is many layers near the most that engines take', () => {
		assert.equal(draw(Array.from({ length: 99 }, () => [])), '');
		assert.equal(draw(Array.from({ length: 120 }, () => [])), 'manyLayers 119: 0 in 120, ');
	});
});
