import assert from 'node:assert/strict';
import { withoutSyntaxLine } from '../../../src/core/build/ownFrontend';
import { parseDockerfile } from '../../../src/core/dockerfile/parse';

describe('withoutSyntaxLine', () => {
	const cases = [
		['a lone line', '# syntax=docker/dockerfile:1\nFROM x\n', '#\nFROM x\n'],
		['before other directives, which stay in force', '# syntax=a\n# escape=`\n# check=skip=all\nFROM x\n', '# escape=`\n# check=skip=all\n#\nFROM x\n'],
		['after another directive', '# escape=`\n# syntax=a\nFROM x\n', '# escape=`\n#\nFROM x\n'],
		['with CRLF', '# syntax=a\r\nFROM x\r\n', '#\r\nFROM x\r\n'],
		['no such line', '# a comment\nFROM x\n', '# a comment\nFROM x\n'],
	] as const;
	for (const [name, text, expected] of cases) {
		it(name, () => {
			const result = withoutSyntaxLine(parseDockerfile(text));
			assert.equal(result, expected);
			const before = parseDockerfile(text);
			const after = parseDockerfile(result);
			assert.deepEqual(after.instructions.map(({ line }) => line), before.instructions.map(({ line }) => line));
			assert.equal(after.escape, before.escape);
			assert.ok(!after.directives.some(directive => directive.name === 'syntax'));
		});
	}
});
