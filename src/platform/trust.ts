import * as vscode from 'vscode';

/** Whether the workspace is trusted; where it is not, says why nothing happens, with the way to change it. */
export async function requireTrust(why: string): Promise<boolean> {
	if (vscode.workspace.isTrusted) {
		return true;
	}
	const manage = vscode.l10n.t('Manage Workspace Trust');
	if (await vscode.window.showWarningMessage(why, manage) === manage) {
		await vscode.commands.executeCommand('workbench.trust.manage');
	}
	return false;
}
