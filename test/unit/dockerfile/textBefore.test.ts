import assert from 'node:assert/strict';
import { parseDockerfile } from '../../../src/core/dockerfile/parse';
import { textBefore } from '../../../src/core/dockerfile/textBefore';

describe('a Dockerfile before one of its instructions', () => {
	for (const [what, lines, kept] of [
		['ends after the instruction before it', ['FROM a', 'COPY x .', '> RUN y', 'RUN z'], 2],
		['is its base where nothing comes between', ['FROM a', '> RUN y'], 1],
		['has what builds depend on above the first FROM', ['# syntax=docker/dockerfile:1', '# escape=`', 'ARG TAG=1', 'FROM a:$TAG', 'RUN x `', '  y', '> RUN z'], 6],
		['has the stages before, whose files it may copy', ['FROM a AS one', 'RUN x', 'FROM b', 'COPY --from=one /x /', '> RUN y', 'FROM c'], 4],
		['has no later stage, and what copies from one', ['FROM a', '> COPY --from=later /x /', 'RUN y', 'FROM b AS later'], 1],
		['has heredocs whole, whatever they hold', ['FROM a', 'RUN <<EOF', 'FROM b', 'COPY c .', 'EOF', '> RUN z'], 5],
		['ends before a heredoc', ['FROM a', '> COPY <<one <<two /', '1', 'one', '2', 'two', 'RUN z'], 1],
		['keeps comments and blank lines', ['FROM a', '# why', '', '> RUN y'], 3],
		['may be before an instruction of any kind', ['FROM a', 'ENV x=1', '> ONBUILD RUN y'], 2],
		['keeps how its lines end', ['FROM a\r', 'RUN x\r', '> RUN y\r'], 2],
		['is none where a stage begins', ['FROM a', 'RUN x', '> FROM b'], undefined],
		['is none above the first stage', ['> ARG x', 'FROM $x'], undefined],
	] as const) {
		it(what, () => {
			const dockerfile = parseDockerfile(lines.map(line => `${line.replace('> ', '')}\n`).join(''));
			const at = lines.findIndex(line => line.startsWith('> ')) + 1;
			const before = textBefore(dockerfile, dockerfile.instructions.findIndex(({ line }) => line === at));
			assert.equal(before, kept === undefined ? undefined : lines.slice(0, kept).map(line => `${line}\n`).join(''));
			assert.deepEqual(parseDockerfile(before ?? 'FROM a').problems, []);
		});
	}
});
