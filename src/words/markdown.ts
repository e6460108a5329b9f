import { oneLine } from './rows';

/**
 * Text of a stranger (a Dockerfile, an engine, an archive) as plain words in Markdown: no markup, no link, no icon, no
 * table cell of its own.
 */
export function escapeMarkdown(text: string): string {
	return oneLine(text).replace(/[\\`*_{}[\]()#+\-.!|<>~$:@/&]/g, character => character === '&' ? '&amp;' : character === '<' ? '&lt;' : `\\${character}`);
}

/** A stranger's text as one code span. */
export function codeSpan(text: string): string {
	const line = oneLine(text).replaceAll('|', '\\|');
	const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length));
	const fence = '`'.repeat(longest + 1);
	return longest === 0 ? `${fence}${line}${fence}` : `${fence} ${line} ${fence}`;
}

/** A stranger's lines as a code block that none of them can end. */
export function codeBlock(text: string): string {
	const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
	const fence = '`'.repeat(longest + 1);
	return `${fence}text\n${text.split('\n').map(line => oneLine(line)).join('\n')}\n${fence}`;
}
