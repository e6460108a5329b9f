import * as vscode from 'vscode';
import { Scheme } from '../contributions';

/** How a row's text looks. A letter, as in the editor's source control, or the row's words always say the same, so that no one has to see the colour. */
export type RowColor = 'added' | 'modified' | 'removed' | 'dimmed';

const decorations: Readonly<Record<RowColor, vscode.FileDecoration>> = {
	added: { badge: 'A', color: new vscode.ThemeColor('gitDecoration.addedResourceForeground') },
	modified: { badge: 'M', color: new vscode.ThemeColor('gitDecoration.modifiedResourceForeground') },
	removed: { badge: 'D', color: new vscode.ThemeColor('gitDecoration.deletedResourceForeground') },
	dimmed: { color: new vscode.ThemeColor('descriptionForeground') },
};

/** An address of no file: it carries the colour of a row, and the name that chooses the icon of a file. */
export function rowUri(color: RowColor | undefined, path: string): vscode.Uri {
	return vscode.Uri.from({ scheme: Scheme.row, path, query: color });
}

/** Colours the rows of all trees; stateless, because a row's address says its colour. */
export function registerRowColors(): vscode.Disposable {
	return vscode.window.registerFileDecorationProvider({
		provideFileDecoration: ({ scheme, query }) => scheme === Scheme.row && isRowColor(query) ? decorations[query] : undefined,
	});
}

function isRowColor(text: string): text is RowColor {
	return Object.hasOwn(decorations, text);
}
