import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DockerfileParser } from 'dockerfile-ast';
import { parseDockerfile } from '../../../src/core/dockerfile/parse';

const samples = join(__dirname, '../../../samples');
const files = readdirSync(samples, { recursive: true, encoding: 'utf8' }).filter(name => /Dockerfile$/.test(name));

/** What editors' own Dockerfile support sees, from the library that most of it uses. */
function seenByLibrary(text: string): string[] {
	return DockerfileParser.parse(text).getInstructions().map(instruction => {
		const { start, end } = instruction.getRange();
		return `${start.line + 1}-${end.line + 1} ${instruction.getKeyword()}`;
	});
}

describe('the model and dockerfile-ast on ordinary Dockerfiles', () => {
	it('has samples to compare', () => { assert.ok(files.length >= 6); });
	for (const file of files) {
		it(`agree on the instructions and lines of ${file}`, () => {
			const text = readFileSync(join(samples, file), 'utf8');
			const ours = parseDockerfile(text).instructions.map(one => `${one.line}-${one.endLine} ${one.keyword}`);
			assert.deepEqual(ours, seenByLibrary(text));
		});
	}
});
