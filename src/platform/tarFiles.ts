import { join } from 'node:path';
import * as vscode from 'vscode';

/** Asks where a tar shall be written; undefined: the person left. The editor asks itself before a file is replaced. */
export async function askTarPath(title: string, name: string): Promise<string | undefined> {
	const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
	const file = `${name.replace(/[^\w.-]+/g, '-').replace(/^[-.]+|-+$/g, '') || 'archive'}.tar`;
	const uri = await vscode.window.showSaveDialog({
		title, ...folder === undefined ? {} : { defaultUri: vscode.Uri.file(join(folder, file)) },
		filters: { [vscode.l10n.t('Tar archives')]: ['tar'], [vscode.l10n.t('All files')]: ['*'] },
	});
	return uri?.fsPath;
}

/** Asks for files to read; undefined: the person left. */
export async function askTars(title: string, openLabel: string): Promise<readonly string[] | undefined> {
	const uris = await vscode.window.showOpenDialog({
		title, openLabel, canSelectMany: true,
		filters: { [vscode.l10n.t('Tar archives')]: ['tar', 'gz', 'tgz', 'bz2', 'xz', 'zst'], [vscode.l10n.t('All files')]: ['*'] },
	});
	return uris?.map(({ fsPath }) => fsPath);
}
