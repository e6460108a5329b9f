import * as vscode from 'vscode';
import type { RegistryCredential } from '../../core/engine/engine';
import { registryWords } from '../../words/registryError';

export interface SignIn {
	readonly credential: RegistryCredential;
	/** Whether it may be kept among the editor's secrets, once the registry accepted it. */
	readonly keep: boolean;
}

/** Asks who a person is at a registry. Undefined: the person left. */
export async function askSignIn(reference: string): Promise<SignIn | undefined> {
	const registry = registryWords(reference);
	const username = await vscode.window.showInputBox({
		title: vscode.l10n.t('Sign In to {0} (1/3)', registry), prompt: vscode.l10n.t('User name'), ignoreFocusOut: true,
		validateInput: text => text.trim() === '' ? vscode.l10n.t('Write your user name.') : undefined,
	});
	const password = username === undefined ? undefined : await vscode.window.showInputBox({
		title: vscode.l10n.t('Sign In to {0} (2/3)', registry), prompt: vscode.l10n.t('Password or access token'), password: true, ignoreFocusOut: true,
	});
	if (username === undefined || password === undefined) {
		return undefined;
	}
	const choice = await vscode.window.showQuickPick([
		{ label: `$(key) ${vscode.l10n.t('Only for Now')}`, description: vscode.l10n.t('forgotten after this pull or push'), keep: false },
		{ label: `$(lock) ${vscode.l10n.t('Keep in VS Code\'s Secret Storage')}`, description: vscode.l10n.t('until Sign Out of Registry…'), keep: true },
	], { title: vscode.l10n.t('Sign In to {0} (3/3)', registry), placeHolder: vscode.l10n.t('How long?'), ignoreFocusOut: true });
	return choice && { credential: { username: username.trim(), password, identityToken: undefined }, keep: choice.keep };
}
