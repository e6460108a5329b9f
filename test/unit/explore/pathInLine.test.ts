import assert from 'node:assert/strict';
import { parseDockerfile } from '../../../src/core/dockerfile/parse';
import { resolveDockerfile } from '../../../src/core/dockerfile/resolve';
import { pathsOfWord } from '../../../src/core/pathInLine';

describe('a path in a line', () => {
	for (const [line, word, paths] of [
		['COPY conf/app.conf /etc/', 'conf/app.conf', ['/etc/app.conf', '/etc']],
		['COPY conf/app.conf settings', 'settings', ['/work/settings', '/work/settings/app.conf']],
		['COPY a b ./', './', ['/work', '/work/a', '/work/b']],
		['RUN cat /etc/passwd > list', '/etc/passwd', ['/etc/passwd']],
		['RUN cat /etc/passwd > list', 'list', ['/work/list']],
		['CMD ["bin/server"]', 'bin/server', ['/work/bin/server']],
	] as const) {
		it(`of ${line}: ${word} is ${paths.join(' or ')}`, () => {
			assert.deepEqual(pathsOfWord(resolveDockerfile(parseDockerfile(`FROM a\nWORKDIR /work\n${line}\n`), {}).instructions[2]!, word), paths);
		});
	}
});
