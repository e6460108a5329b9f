import type { Dockerfile } from '../dockerfile/model';

/**
 * The text without its `# syntax=` line, every instruction on the line it was. Other directives stay in force: they
 * move up, since the first line that is none ends them.
 */
export function withoutSyntaxLine({ text, directives }: Dockerfile): string {
	const syntax = directives.find(({ name }) => name === 'syntax')?.range.start.line;
	if (syntax === undefined) {
		return text;
	}
	const last = Math.max(...directives.map(({ range }) => range.start.line));
	const lines = text.split('\n');
	const end = lines[syntax]?.endsWith('\r') === true ? '\r' : '';
	return [...lines.slice(0, syntax), ...lines.slice(syntax + 1, last + 1), `#${end}`, ...lines.slice(last + 1)].join('\n');
}
