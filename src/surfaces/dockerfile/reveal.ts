import * as vscode from 'vscode';
import type { LineFactsStore } from '../../services/lineFactsStore';
import type { LineTarget, RevealRequests, RowTarget } from '../../services/revealRequests';
import { factsOf, isDockerfile } from './factsOf';

/** Shows the Dockerfile line that a tree's row, a link or a request names. */
export async function revealLine(store: LineFactsStore, argument: unknown): Promise<void> {
	const target = targetOf(argument);
	const line = target?.kind === 'row' ? await store.lineOf(target) : target;
	if (line === undefined) {
		await vscode.window.showInformationMessage(vscode.l10n.t('No Dockerfile that is open made this row.'));
		return;
	}
	const document = await vscode.workspace.openTextDocument(line.path);
	const { start } = document.lineAt(Math.min(line.line, document.lineCount) - 1).range;
	await vscode.window.showTextDocument(document, { selection: new vscode.Range(start, start) });
}

/** Shows the history row that a line made: the line given, or the one with the cursor. */
export async function showLineInImages(store: LineFactsStore, reveals: RevealRequests, argument: unknown): Promise<void> {
	const target = targetOf(argument) ?? cursorTarget();
	if (target?.kind !== 'line') {
		return;
	}
	const document = await vscode.workspace.openTextDocument(target.path);
	factsOf(store, document);
	const row = await store.rowOf(target.path, target.line);
	if (row === undefined) {
		await vscode.window.showInformationMessage(vscode.l10n.t('No image here has a history row of this line. Build the Dockerfile, or select an image for it.'));
		return;
	}
	reveals.reveal(row);
}

/** A target itself, or a tree's node that carries one. */
function targetOf(argument: unknown): LineTarget | RowTarget | undefined {
	if (typeof argument !== 'object' || argument === null) {
		return undefined;
	}
	const { kind, target } = argument as { readonly kind?: unknown; readonly target?: unknown };
	if (target !== undefined) {
		return targetOf(target);
	}
	return kind === 'line' || kind === 'row' ? argument as LineTarget | RowTarget : undefined;
}

function cursorTarget(): LineTarget | undefined {
	const editor = vscode.window.activeTextEditor;
	return editor !== undefined && isDockerfile(editor.document)
		? { kind: 'line', path: editor.document.uri.fsPath, line: editor.selection.active.line + 1 } : undefined;
}
