import * as vscode from 'vscode';
import type { FactsOfText, LineFactsStore } from '../../services/lineFactsStore';

/** Dockerfiles on disk: a text without a file has no build context, so there is nothing to build or know. */
export const dockerfiles: vscode.DocumentSelector = { language: 'dockerfile', scheme: 'file' };

export function isDockerfile(document: vscode.TextDocument): boolean {
	return vscode.languages.match(dockerfiles, document) > 0;
}

/** What is known of a document's lines now. */
export function factsOf(store: LineFactsStore, document: vscode.TextDocument): FactsOfText {
	return store.facts(document.uri.fsPath, document.getText());
}

/** Calls back for a burst of calls once, `milliseconds` after its first. */
export function gathered(milliseconds: number, act: () => void): vscode.Disposable & { readonly trigger: () => void } {
	let timer: NodeJS.Timeout | undefined;
	return {
		trigger: () => {
			timer ??= setTimeout(() => {
				timer = undefined;
				act();
			}, milliseconds);
		},
		dispose: () => { clearTimeout(timer); },
	};
}
