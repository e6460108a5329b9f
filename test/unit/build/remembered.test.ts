import assert from 'node:assert/strict';
import { hasOurOptions, isPlainBuild, rememberedOptions } from '../../../src/core/build/rememberedOptions';
import { errorText, provenanceText } from '../../../src/core/build/rememberedText';
import type { RememberedBuild } from '../../../src/core/engine/records/rememberedBuilds';
import { protobufOf } from './protobufOf';

const build = (attributes: Readonly<Record<string, string>>): RememberedBuild => ({ ref: 'r', attributes, tags: ['web:1'], startedAt: 1, finishedAt: 2, error: undefined, images: [], provenance: undefined, errorDetails: undefined });

describe('a build that BuildKit remembers', () => {
	it('was asked for with options of ours', () => {
		const asked = build({
			filename: 'Dockerfile', target: 'made', 'build-arg:A': '1', 'build-arg:B': '', 'label:owner': 'me', 'no-cache': '', 'image-resolve-mode': 'pull', platform: 'linux/arm64',
			'force-network-mode': 'host', 'vcs:source': 'git@example:web', 'attest:provenance': 'mode=max',
		});
		const { contextPath, dockerfilePath, tags, target, buildArgs, labels, noCache, pull, platform, network } = rememberedOptions(asked, '/work', '/work/Dockerfile');
		assert.deepEqual({ contextPath, dockerfilePath, tags, target, buildArgs, labels, noCache, pull, platform, network }, {
			contextPath: '/work', dockerfilePath: '/work/Dockerfile', tags: ['web:1'], target: 'made', buildArgs: { A: '1', B: '' }, labels: { owner: 'me' }, noCache: true, pull: true,
			platform: 'linux/arm64', network: 'host',
		});
		assert.ok(hasOurOptions(asked));
	});

	it('asked for nothing in particular', () => {
		const { target, buildArgs, noCache, pull, platform, network } = rememberedOptions(build({ 'image-resolve-mode': 'local', target: '' }), '/', '/Dockerfile');
		assert.deepEqual([target, buildArgs, noCache, pull, platform, network], [undefined, {}, false, false, undefined, undefined]);
	});

	it('may depend on what no build of ours does', () => {
		for (const name of ['context:base', 'cache-imports', 'build-arg:BUILDKIT_SYNTAX', 'build-arg:SOURCE_DATE_EPOCH', 'add-hosts', 'source', 'hostname']) {
			assert.equal(hasOurOptions(build({ filename: 'Dockerfile', [name]: 'x' })), false, name);
		}
		assert.deepEqual([hasOurOptions(build({ 'no-cache': 'one,two' })), rememberedOptions(build({ 'no-cache': 'one,two' }), '/', '/D').noCache], [false, false]);
	});

	it('is none where a Dockerfile was only asked about, or several were built', () => {
		assert.deepEqual([build({}), build({ platform: 'linux/amd64' }), build({ requestid: 'frontend.lint' }), build({ platform: 'linux/amd64,linux/arm64' })].map(isPlainBuild), [true, true, false, false]);
	});
});

describe('provenanceText', () => {
	const source = { source: { infos: [{ filename: 'other', data: 'AAAA' }, { filename: 'deep/Dockerfile', data: Buffer.from('FROM é\r\n').toString('base64') }] } };
	const read = (predicate: unknown, filename = 'deep/Dockerfile'): string | undefined => provenanceText(Buffer.from(JSON.stringify(predicate)), filename);

	it('finds the Dockerfile as it was built, in both versions', () => {
		assert.equal(read({ metadata: { 'https://mobyproject.org/buildkit@v1#metadata': source } }), 'FROM é\r\n');
		assert.equal(read({ runDetails: { metadata: { buildkit_metadata: source } } }), 'FROM é\r\n');
	});

	it('finds nothing where there is none', () => {
		for (const predicate of [null, 7, [], {}, { metadata: null }, { runDetails: { metadata: { buildkit_metadata: { source: { infos: 'x' } } } } }, { runDetails: { metadata: { buildkit_metadata: { source: { infos: [null, { filename: 'deep/Dockerfile', data: 7 }] } } } } }]) {
			assert.equal(read(predicate), undefined);
		}
		assert.equal(read({ runDetails: { metadata: { buildkit_metadata: source } } }, 'Dockerfile'), undefined);
		assert.equal(provenanceText(Buffer.from('{'), 'Dockerfile'), undefined);
	});
});

describe('errorText', () => {
	const detail = (type: string, value: unknown): readonly [number, readonly (readonly [number, string])[]] => [3, [[1, `github.com/moby/buildkit/${type}`], [2, JSON.stringify(value)]]];
	const source = { info: { filename: 'Dockerfile', data: Buffer.from('FROM scratch\n').toString('base64') }, ranges: [] };

	it('finds the Dockerfile that the error is about', () => {
		assert.equal(errorText(protobufOf([[1, 2], [2, 'failed to solve'], detail('errdefs.Solve+json', { info: 1 }), detail('errdefs.Source+json', source)]), 'Dockerfile'), 'FROM scratch\n');
	});

	it('finds nothing where it is about none', () => {
		assert.equal(errorText(protobufOf([detail('errdefs.Source+json', source)]), 'other.Dockerfile'), undefined);
		assert.equal(errorText(protobufOf([detail('errdefs.Vertex+json', source)]), 'Dockerfile'), undefined);
		assert.equal(errorText(protobufOf([[3, [[1, 'errdefs.Source+json'], [2, '{']]], [3, 'x'], [2, 'words']]), 'Dockerfile'), undefined);
	});
});
