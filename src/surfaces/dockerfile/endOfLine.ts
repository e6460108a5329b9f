import * as vscode from 'vscode';
import { translate } from '../../platform/messages';
import { readSetting } from '../../platform/settings';
import type { LineFactsStore } from '../../services/lineFactsStore';
import { lineTitle } from '../../words/line';
import { shownParts } from './codeLens';
import { factsOf } from './factsOf';

/** The facts of each line as quiet text behind it, where the setting wants them there. */
export function createEndOfLine(store: LineFactsStore): vscode.Disposable & { readonly draw: (editor: vscode.TextEditor) => void } {
	const decoration = vscode.window.createTextEditorDecorationType({
		rangeBehavior: vscode.DecorationRangeBehavior.ClosedOpen,
		after: { color: new vscode.ThemeColor('editorCodeLens.foreground'), margin: '0 0 0 3em' },
	});
	return {
		draw(editor) {
			const { document } = editor;
			const isWanted = readSetting('lines.show', document) === 'endOfLine';
			editor.setDecorations(decoration, isWanted ? textsOf(document) : []);
		},
		dispose: () => { decoration.dispose(); },
	};

	function textsOf(document: vscode.TextDocument): vscode.DecorationOptions[] {
		const parts = shownParts(document);
		return factsOf(store, document).lines.flatMap(facts => {
			const contentText = lineTitle(facts, parts, translate);
			const end = document.lineAt(facts.line - 1).range.end;
			return contentText === '' ? [] : [{ range: new vscode.Range(end, end), renderOptions: { after: { contentText } } }];
		});
	}
}
