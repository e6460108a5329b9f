import assert from 'node:assert/strict';
import { runWants } from '../../../src/core/dockerfile/runWants';
import type { ResolveOptions } from '../../../src/core/dockerfile/resolved';
import { lines, resolved } from './draw';

/** `line id` of each secret, `!` where it is required; then the line that wants the agent. */
function wants(text: string, options: ResolveOptions = {}): readonly string[] {
	const { secrets, sshLine } = runWants(resolved(text, options));
	return [...secrets.map(({ id, line, isRequired }) => `${line} ${id}${isRequired ? '!' : ''}`), ...sshLine === undefined ? [] : [`${sshLine} ssh`]];
}

describe('runWants', () => {
	it('finds secrets by their id, or by the file they are mounted as', () => {
		assert.deepEqual(wants(lines('FROM a', 'RUN --mount=type=secret,id=token true', 'RUN --mount=type=secret,target=/root/.npmrc,required true', 'RUN --mount=type=secret,id=a,dst=/b,required=false true', 'RUN --mount=type=secret true')),
			['2 token', '3 .npmrc!', '4 a']);
	});

	it('names each once, at its first line, required where any line requires it', () => {
		assert.deepEqual(wants(lines('FROM a', 'RUN --mount=type=secret,id=t true', 'RUN --mount=type=secret,id=t,required=true true')), ['2 t!']);
	});

	it('finds the SSH agent', () => {
		assert.deepEqual(wants(lines('FROM a', 'RUN --mount=type=cache,target=/c true', 'RUN --mount=type=ssh --mount=type=secret,id=t git clone', 'RUN --mount=type=ssh,id=other true')), ['3 t', '3 ssh']);
		assert.deepEqual(wants(lines('FROM a', 'RUN true')), []);
	});

	it('looks only at stages that are built, and at triggers of their bases', () => {
		const text = lines('FROM a AS one', 'RUN --mount=type=secret,id=one true', 'FROM a AS two', 'RUN --mount=type=secret,id=two true');
		assert.deepEqual(wants(text), ['4 two']);
		assert.deepEqual(wants(text, { target: 'one' }), ['2 one']);
		const base = { env: {}, workdir: '', user: '', shell: undefined, onBuild: ['RUN --mount=type=secret,id=hidden true'] };
		assert.deepEqual(wants(lines('FROM a'), { bases: { a: base } }), ['1 hidden']);
	});
});
