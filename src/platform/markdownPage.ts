import * as vscode from 'vscode';
import type { TextDocuments } from './textDocuments';

/** Shows Markdown as a page to read; as text where the editor has no preview. */
export async function showMarkdownPage(texts: TextDocuments, title: string, key: string, make: () => string | Promise<string>): Promise<void> {
	const address = texts.address(`${title}.md`, key, make);
	try {
		await vscode.commands.executeCommand('markdown.showPreview', address);
	} catch {
		await texts.open(`${title}.md`, key, make, { languageId: 'markdown' });
	}
}
