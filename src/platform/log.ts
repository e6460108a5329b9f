import * as vscode from 'vscode';

export type Log = vscode.LogOutputChannel;

/** The one log of the extension, shown by *Strata: Show Strata Output*. */
export function createLog(): Log {
	return vscode.window.createOutputChannel('Strata', { log: true });
}
