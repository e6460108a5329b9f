import assert from 'node:assert/strict';
import { isSecretName, redactArguments } from '../../../src/core/cache/redactor';
import { CacheWorld } from '../../support/cacheWorld';

describe('secrets in what is recorded', () => {
	it('are known by their names', () => {
		for (const name of ['TOKEN', 'NPM_TOKEN', 'DB_PASSWORD', 'API_KEY', 'apiKey', 'AWS_SECRET_ACCESS_KEY', 'CREDENTIALS', 'SSH_KEY']) {
			assert.ok(isSecretName(name), name);
		}
		for (const name of ['VERSION', 'MONKEY', 'KEYBOARD', 'PATH', 'AUTHOR', 'PATTERN', 'NODE_ENV']) {
			assert.ok(!isSecretName(name), name);
		}
	});

	const text = 'FROM base:1\nARG TOKEN=by-default\nENV COPIED=x-$TOKEN\nRUN echo by-default\nCOPY a.txt /$TOKEN/\nLABEL t=$TOKEN\nWORKDIR /w/$TOKEN\n';
	for (const builder of ['buildkit', 'classic'] as const) {
		it(`stand nowhere, also where they were expanded (${builder})`, () => {
			const { inputs } = new CacheWorld({ builder }).inputs(text, { 'a.txt': 'a' }, { buildArgs: { TOKEN: 'very secret' } });
			const stored = JSON.stringify(inputs);
			assert.doesNotMatch(stored, /very secret|by-default/);
			assert.match(stored, /hmac:[0-9a-f]{32}/);
		});

		it(`stand nowhere either where JSON writes them otherwise (${builder})`, () => {
			const key = '-----BEGIN "KEY"-----\nline of\\the key\n';
			const { inputs } = new CacheWorld({ builder }).inputs(`${text}COPY <<KEY /key\n$TOKEN\nKEY\nRUN ["sh", "-c", "a \\"b c\\" d"]\n`, { 'a.txt': 'a' }, { buildArgs: { TOKEN: key } });
			assert.doesNotMatch(JSON.stringify(inputs), /BEGIN|line of|the key/);
			const quoted = new CacheWorld({ builder }).inputs('FROM base:1\nARG TOKEN\nRUN echo \'a "b c" d\'\n', {}, { buildArgs: { TOKEN: 'a "b c" d' } });
			assert.doesNotMatch(JSON.stringify(quoted.inputs), /b c/);
		});

		it(`show that they changed (${builder})`, () => {
			const run = 'FROM base:1\nARG TOKEN\nRUN a\n';
			const world = new CacheWorld({ builder }).built(run, {}, { buildArgs: { TOKEN: 'first one' } });
			const [, , reason] = world.build(run, {}, { buildArgs: { TOKEN: 'second one' } });
			assert.equal(reason?.kind === 'argumentChanged' && reason.name, 'TOKEN');
			assert.doesNotMatch(JSON.stringify(reason), /first one|second one/);
		});
	}

	it('are hashed with a key, the same each time', () => {
		const one = redactArguments({ TOKEN: 'secret', URL: 'https://secret@host', V: '1' }, 'key');
		assert.deepEqual(one, redactArguments({ TOKEN: 'secret', URL: 'https://secret@host', V: '1' }, 'key'));
		assert.notEqual(one['TOKEN'], redactArguments({ TOKEN: 'secret' }, 'other key')['TOKEN']);
		assert.equal(one['V'], '1');
		assert.equal(one['URL'], `https://${one['TOKEN']!}@host`);
	});
});
