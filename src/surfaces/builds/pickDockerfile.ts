import { basename } from 'node:path';
import * as vscode from 'vscode';
import { workspaceDockerfiles } from '../../platform/workspaceDockerfiles';

/** Where a command's argument, the active editor or the person says which Dockerfile is meant. */
export async function dockerfileFor(argument: unknown): Promise<string | undefined> {
	const path = pathOf(argument) ?? activeDockerfile();
	if (path === undefined && (argument instanceof vscode.Uri || vscode.window.activeTextEditor?.document.languageId === 'dockerfile')) {
		// Another one than the person looks at would be a surprise.
		await vscode.window.showInformationMessage(vscode.l10n.t('This Dockerfile is in no file. Save it first: a build reads files.'));
		return undefined;
	}
	return path ?? pickDockerfile();
}

/** The Dockerfile in the active editor. */
export function activeDockerfile(editor = vscode.window.activeTextEditor): string | undefined {
	return editor?.document.languageId === 'dockerfile' && editor.document.uri.scheme === 'file' ? editor.document.uri.fsPath : undefined;
}

/** The path that an argument names: an address (also one that went through a link as JSON), a line, or a node of the view. */
export function pathOf(argument: unknown): string | undefined {
	if (argument instanceof vscode.Uri) {
		return argument.scheme === 'file' ? argument.fsPath : undefined;
	}
	if (typeof argument !== 'object' || argument === null) {
		return undefined;
	}
	if ('scheme' in argument && argument.scheme === 'file' && 'path' in argument && typeof argument.path === 'string') {
		return vscode.Uri.file(argument.path).fsPath;
	}
	if ('kind' in argument && (argument.kind === 'dockerfile' || argument.kind === 'line') && 'path' in argument) {
		return String(argument.path);
	}
	if ('item' in argument && typeof argument.item === 'object' && argument.item !== null && 'path' in argument.item) {
		return String(argument.item.path);
	}
	return undefined;
}

/** The line that an argument names, else the one with the cursor in this Dockerfile; from 1. */
export function lineFor(path: string, argument: unknown): number | undefined {
	if (typeof argument === 'object' && argument !== null && 'kind' in argument && argument.kind === 'line' && 'line' in argument) {
		return Number(argument.line);
	}
	const editor = vscode.window.activeTextEditor;
	return editor?.document.uri.fsPath === path ? editor.selection.active.line + 1 : undefined;
}

async function pickDockerfile(): Promise<string | undefined> {
	const files = await workspaceDockerfiles.paths();
	if (files.length === 0) {
		await vscode.window.showInformationMessage(vscode.l10n.t('There is no Dockerfile in this workspace. Open a folder that has one, or make a file named Dockerfile.'));
		return undefined;
	}
	if (files.length === 1) {
		return files[0];
	}
	const picked = await vscode.window.showQuickPick(files.map(path => {
		const place = vscode.workspace.asRelativePath(path);
		return { label: `$(file) ${basename(path)}`, description: place.slice(0, -basename(path).length - 1), path };
	}), { placeHolder: vscode.l10n.t('Which Dockerfile is to be built?'), matchOnDescription: true });
	return picked?.path;
}
