import * as vscode from 'vscode';
import { Scheme } from '../contributions';

/** Read-only texts that Strata makes. A text is made when it is opened and forgotten when its editor closes. */
export interface TextDocuments extends vscode.Disposable {
	/**
	 * Opens a text beside what is open. `name` is what the tab says, its ending the language; `key` tells texts of one
	 * name apart. A text that is open already is made anew.
	 */
	open(name: string, key: string, make: () => string | Promise<string>, options?: { readonly languageId?: string; readonly preserveFocus?: boolean }): Promise<vscode.TextEditor>;
	/** The address of a text, for a comparison or a preview; it is made when something opens it. */
	address(name: string, key: string, make: () => string | Promise<string>): vscode.Uri;
	/** Makes an open text anew; nothing where it is not open. */
	refresh(name: string, key: string): void;
}

export function createTextDocuments(): TextDocuments {
	const makers = new Map<string, () => string | Promise<string>>();
	const changed = new vscode.EventEmitter<vscode.Uri>();
	const provider = vscode.workspace.registerTextDocumentContentProvider(Scheme.text, {
		onDidChange: changed.event,
		provideTextDocumentContent: uri => makers.get(uri.toString())?.() ?? vscode.l10n.t('This text is gone. Open it anew from its view.'),
	});
	const closed = vscode.workspace.onDidCloseTextDocument(document => { makers.delete(document.uri.toString()); });
	const uriOf = (name: string, key: string): vscode.Uri =>
		vscode.Uri.from({ scheme: Scheme.text, path: `/${name.replaceAll('/', '\u2215')}`, query: key });
	const address: TextDocuments['address'] = (name, key, make) => {
		const uri = uriOf(name, key);
		makers.set(uri.toString(), make);
		changed.fire(uri);
		return uri;
	};
	return {
		address,
		async open(name, key, make, { languageId, preserveFocus = false } = {}) {
			const uri = address(name, key, make);
			const document = await vscode.workspace.openTextDocument(uri);
			if (languageId !== undefined && document.languageId !== languageId) {
				await vscode.languages.setTextDocumentLanguage(document, languageId);
			}
			return vscode.window.showTextDocument(document, { preview: true, preserveFocus });
		},
		refresh(name, key) {
			const uri = uriOf(name, key);
			if (makers.has(uri.toString())) {
				changed.fire(uri);
			}
		},
		dispose() {
			provider.dispose();
			closed.dispose();
			changed.dispose();
		},
	};
}
