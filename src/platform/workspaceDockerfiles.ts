import { readFile } from 'node:fs/promises';
import * as vscode from 'vscode';

/** Enough for any workspace that a person works in; more would only slow the search. */
const mostFound = 200;

/** The Dockerfiles of the workspace, as services ask for them. */
export const workspaceDockerfiles = {
	/** Paths: those in editors first, then those nearest to the workspace's root. */
	async paths(): Promise<readonly string[]> {
		const open = vscode.workspace.textDocuments.filter(({ languageId, uri }) => languageId === 'dockerfile' && uri.scheme === 'file').map(({ uri }) => uri.fsPath);
		const found = await vscode.workspace.findFiles('**/{[Dd]ockerfile,[Dd]ockerfile.*,*.[Dd]ockerfile,[Cc]ontainerfile,[Cc]ontainerfile.*}', '**/node_modules/**', mostFound);
		const paths = found.map(({ fsPath }) => fsPath).filter(path => !path.endsWith('.dockerignore')).sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
		return [...new Set([...open, ...paths])];
	},

	/** A file's text as the editor has it, else as it is on disk. Throws the system's error. */
	async text(path: string): Promise<string> {
		const open = vscode.workspace.textDocuments.find(({ uri }) => uri.scheme === 'file' && uri.fsPath === path);
		return open?.getText() ?? readFile(path, 'utf8');
	},
};

/** The builds of a Dockerfile elsewhere are no business of this window, unless it is open here. */
export function isOfThisWorkspace(path: string): boolean {
	return vscode.workspace.getWorkspaceFolder(vscode.Uri.file(path)) !== undefined
		|| vscode.workspace.textDocuments.some(({ uri }) => uri.scheme === 'file' && uri.fsPath === path);
}
