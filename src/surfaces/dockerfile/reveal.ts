import * as vscode from 'vscode';
import type { LayerLines } from '../../services/layerLines';
import type { LineFactsStore } from '../../services/lineFactsStore';
import type { ArchiveRowTarget, LineTarget, RevealRequests, RowTarget } from '../../services/revealRequests';
import { factsOf, isDockerfile } from './factsOf';

/** Shows the Dockerfile line that a tree's row, a link or a request names: in one that is open, else in any of the workspace. */
export async function revealLine(store: LineFactsStore, lines: LayerLines, argument: unknown): Promise<void> {
	const target = targetOf(argument);
	const line = target === undefined ? undefined : await lineOf(store, lines, target);
	if (line === undefined) {
		await vscode.window.showInformationMessage(vscode.l10n.t('No Dockerfile of this workspace made this row as it is now.'));
		return;
	}
	const document = await vscode.workspace.openTextDocument(line.path);
	const { start } = document.lineAt(Math.min(line.line, document.lineCount) - 1).range;
	await vscode.window.showTextDocument(document, { selection: new vscode.Range(start, start) });
}

async function lineOf(store: LineFactsStore, lines: LayerLines, target: LineTarget | RowTarget | ArchiveRowTarget): Promise<Omit<LineTarget, 'kind'> | undefined> {
	switch (target.kind) {
		case 'line': return target;
		case 'archiveRow': return lines.lineOfRow(target.named, target.row);
		case 'row': {
			const { imageId, row } = target;
			return await store.lineOf(target) ?? (row === undefined ? undefined : lines.lineOfRow({ source: { kind: 'engine', reference: imageId }, name: imageId }, row));
		}
	}
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
function targetOf(argument: unknown): LineTarget | RowTarget | ArchiveRowTarget | undefined {
	if (typeof argument !== 'object' || argument === null) {
		return undefined;
	}
	const { kind, target } = argument as { readonly kind?: unknown; readonly target?: unknown };
	if (target !== undefined) {
		return targetOf(target);
	}
	return kind === 'line' || kind === 'row' || kind === 'archiveRow' ? argument as LineTarget | RowTarget | ArchiveRowTarget : undefined;
}

function cursorTarget(): LineTarget | undefined {
	const editor = vscode.window.activeTextEditor;
	return editor !== undefined && isDockerfile(editor.document)
		? { kind: 'line', path: editor.document.uri.fsPath, line: editor.selection.active.line + 1 } : undefined;
}
