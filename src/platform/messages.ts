import * as vscode from 'vscode';
import { Command } from '../contributions';
import { isEngineError } from '../core/engine/engineError';
import { describeEngineError } from '../words/engine';

/** `vscode.l10n.t` as the pure rooms know it. */
export const translate = (message: string, ...args: (string | number)[]): string => vscode.l10n.t(message, ...args);

/** Tells of a failure: its sentence, and one action that helps. */
export async function showFailure(failure: unknown): Promise<void> {
	const { message, action } = isEngineError(failure)
		? describeEngineError(failure, translate)
		: { message: failure instanceof Error ? failure.message : String(failure), action: 'showLog' as const };
	const button = action && actions[action];
	const chosen = button ? await vscode.window.showErrorMessage(message, button.title()) : await vscode.window.showErrorMessage(message);
	if (button && chosen === button.title()) {
		await vscode.commands.executeCommand(button.command);
	}
}

const actions: Readonly<Record<string, { readonly title: () => string; readonly command: string } | undefined>> = {
	selectEngine: { title: () => vscode.l10n.t('Select Engine'), command: Command.selectEngine },
	showLog: { title: () => vscode.l10n.t('Show Log'), command: Command.showLog },
	retry: { title: () => vscode.l10n.t('Reconnect'), command: Command.reconnect },
};
