import assert from 'node:assert/strict';
import { chainId, isDigest, sha256Of, shortDigest } from '../../../src/core/image/digest';
import { formatCanonical, formatFamiliar, parseReference, sameReference } from '../../../src/core/image/reference';

const digest = `sha256:${'a'.repeat(64)}`;

describe('image references', () => {
	const spellings: readonly (readonly [string, string, string])[] = [
		['ubuntu', 'docker.io/library/ubuntu', 'ubuntu'],
		['ubuntu:24.04', 'docker.io/library/ubuntu:24.04', 'ubuntu:24.04'],
		['library/ubuntu', 'docker.io/library/ubuntu', 'ubuntu'],
		['docker.io/library/ubuntu:1', 'docker.io/library/ubuntu:1', 'ubuntu:1'],
		['docker.io/ubuntu', 'docker.io/library/ubuntu', 'ubuntu'],
		['index.docker.io/ubuntu', 'docker.io/library/ubuntu', 'ubuntu'],
		['user/app', 'docker.io/user/app', 'user/app'],
		['localhost/app', 'localhost/app', 'localhost/app'],
		['localhost:5000/a/b:1', 'localhost:5000/a/b:1', 'localhost:5000/a/b:1'],
		['ghcr.io/o/p@' + digest, 'ghcr.io/o/p@' + digest, 'ghcr.io/o/p@' + digest],
		['a__b/c-d.e:T_1.2-x', 'docker.io/a__b/c-d.e:T_1.2-x', 'a__b/c-d.e:T_1.2-x'],
		['[::1]:5000/a', '[::1]:5000/a', '[::1]:5000/a'],
	];
	for (const [written, canonical, familiar] of spellings) {
		it(`${written} is ${canonical}`, () => {
			const reference = parseReference(written)!;
			assert.equal(formatCanonical(reference), canonical);
			assert.equal(formatFamiliar(reference), familiar);
			assert.deepEqual(parseReference(canonical), reference);
			assert.deepEqual(parseReference(familiar), reference);
		});
	}

	for (const written of ['', 'UPPER', 'a/UPPER', 'a:', 'a:.b', 'a@sha256:short', '-a', 'a//b', 'a b', 'a/', '/a', 'a'.repeat(300), 'f'.repeat(64), `a:${'t'.repeat(129)}`]) {
		it(`${JSON.stringify(written.slice(0, 30))} is none`, () => { assert.equal(parseReference(written), undefined); });
	}

	it('name the same image however they are written', () => {
		assert.ok(sameReference('ubuntu', 'docker.io/library/ubuntu:latest'));
		assert.ok(!sameReference('ubuntu:1', 'ubuntu:2'));
	});
});

describe('digests', () => {
	it('are shortened as docker images shows them', () => {
		assert.equal(shortDigest(digest), 'a'.repeat(12));
		assert.equal(shortDigest('ubuntu'), 'ubuntu');
		assert.ok(isDigest(digest) && !isDigest('sha256:x') && !isDigest(`md5:${'a'.repeat(32)}`));
	});

	it('chain the layers of a stack', () => {
		const [first, second, third] = ['1', '2', '3'].map(text => sha256Of(Buffer.from(text))) as [string, string, string];
		assert.equal(chainId([]), undefined);
		assert.equal(chainId([first]), first);
		assert.equal(chainId([first, second, third]), sha256Of(Buffer.from(`${sha256Of(Buffer.from(`${first} ${second}`))} ${third}`)));
	});
});
