import * as vscode from 'vscode';
import type { TextDocuments } from '../../platform/textDocuments';

/** Shows Markdown as a page to read; as text where the editor has no preview. */
export async function showPage(texts: TextDocuments, title: string, key: string, make: () => string | Promise<string>): Promise<void> {
	const address = texts.address(`${title}.md`, key, make);
	const known = await vscode.commands.getCommands(true);
	if (known.includes(preview)) {
		await vscode.commands.executeCommand(preview, address);
	} else {
		await texts.open(`${title}.md`, key, make, { languageId: 'markdown' });
	}
}

const preview = 'markdown.showPreview';
