import type { PhysicalLine } from './logicalLine';
import type { Directive, DockerfileProblem } from './model';
import { trimStart } from './space';

/**
 * The parser directives, on the first lines only: they end at the first line that is none (BuildKit
 * parser/directives.go). `# escape` takes a backslash or a backtick, and no directive may come twice.
 */
export function readDirectives(lines: readonly PhysicalLine[]): {
	directives: readonly Directive[];
	escape: '\\' | '`';
	problems: readonly DockerfileProblem[];
} {
	const directives: Directive[] = [];
	const problems: DockerfileProblem[] = [];
	let escape: '\\' | '`' = '\\';
	for (const [index, line] of lines.entries()) {
		const text = trimStart(index === 0 ? line.text.replace(/^\uFEFF/, '') : line.text);
		const match = /^#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(\S(?:.*\S)?)\s*$/.exec(text);
		const name = match?.[1]?.toLowerCase();
		const value = match?.[2];
		if (value === undefined || (name !== 'syntax' && name !== 'escape' && name !== 'check')) {
			break;
		}
		const character = line.text.length - text.length;
		const range = { start: { line: index, character }, end: { line: index, character: line.text.length } };
		if (directives.some(directive => directive.name === name)) {
			problems.push({ kind: 'invalidDirective', range, subject: name });
		} else {
			directives.push({ name, value, range });
			if (name === 'escape' && (value === '\\' || value === '`')) {
				escape = value;
			} else if (name === 'escape') {
				problems.push({ kind: 'invalidDirective', range, subject: value });
			}
		}
	}
	return { directives, escape, problems };
}
