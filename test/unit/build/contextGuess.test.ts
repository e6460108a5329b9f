import assert from 'node:assert/strict';
import { guessContext } from '../../../src/core/build/contextGuess';
import { parseDockerfile } from '../../../src/core/dockerfile/parse';
import { resolveDockerfile } from '../../../src/core/dockerfile/resolve';

const guess = (text: string, files: readonly string[], path = '/ws/app/docker/Dockerfile') =>
	guessContext(path, '/ws', resolveDockerfile(parseDockerfile(text), {}), file => Promise.resolve(files.includes(file)));

describe('guessContext', () => {
	it('leaves the own folder where it has what is copied', async () => {
		assert.equal(await guess('FROM a\nCOPY x y /\n', ['/ws/app/docker/x', '/ws/app/docker/y', '/ws/app/x', '/ws/app/y']), undefined);
	});

	it('finds the nearest folder above that has everything', async () => {
		assert.equal(await guess('FROM a\nCOPY x /\nADD src/main.c /\n', ['/ws/app/docker/x', '/ws/app/x', '/ws/app/src/main.c', '/ws/x', '/ws/src/main.c']), '/ws/app');
	});

	it('does not leave the workspace', async () => {
		assert.equal(await guess('FROM a\nCOPY x /\n', ['/x']), undefined);
	});

	it('is no guess where nothing plain is copied from the context', async () => {
		assert.equal(await guess('FROM a AS b\nFROM a\nCOPY --from=b /x /\nCOPY *.txt /\nADD https://example.org/x /\nCOPY $UNSET /\n', []), undefined);
	});

	it('follows arguments', async () => {
		assert.equal(await guess('FROM a\nARG F=x\nCOPY $F /\n', ['/ws/app/x']), '/ws/app');
	});
});
