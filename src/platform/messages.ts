import * as vscode from 'vscode';
import { Command } from '../contributions';
import { isContextError } from '../core/build/contextError';
import { SecretError } from '../core/build/secretSource';
import { isEngineError } from '../core/engine/engineError';
import { FileError } from '../core/fileError';
import { ArchiveError } from '../core/layers/archiveError';
import { RegistryError } from '../core/registryError';
import { describeArchiveError } from '../words/archiveError';
import { describeContextError, describeSecretError } from '../words/build';
import { describeEngineError } from '../words/engine';
import { describeFileError } from '../words/fileError';
import { describeRegistryError } from '../words/registryError';

/** `vscode.l10n.t` as the pure rooms know it. */
export const translate = (message: string, ...args: (string | number)[]): string => vscode.l10n.t(message, ...args);

/** A failure in one sentence, and the command that helps. */
export function explainFailure(failure: unknown): { readonly message: string; readonly command: vscode.Command | undefined } {
	const { message, action } = isEngineError(failure)
		? describeEngineError(failure, translate)
		: isContextError(failure)
		? { message: describeContextError(failure.kind, failure.path, translate), action: undefined }
		: failure instanceof SecretError
		? { message: describeSecretError(failure, translate), action: 'buildOptions' as const }
		: failure instanceof RegistryError
		? { message: describeRegistryError(failure, translate), action: undefined }
		: failure instanceof FileError
		? { message: describeFileError(failure, translate), action: undefined }
		: failure instanceof ArchiveError
		? { message: describeArchiveError(failure, translate), action: undefined }
		: { message: failure instanceof Error ? failure.message : String(failure), action: 'showLog' as const };
	const button = action && actions[action];
	return { message, command: button && { title: button.title(), command: button.command } };
}

/** Tells of a failure: its sentence, and one action that helps; where there is none of its own, `again`. */
export async function showFailure(failure: unknown, again?: () => Promise<unknown>): Promise<void> {
	const { message, command } = explainFailure(failure);
	const title = command?.title ?? (again && vscode.l10n.t('Try Again'));
	const chosen = await vscode.window.showErrorMessage(message, ...title === undefined ? [] : [title]);
	if (chosen !== undefined) {
		await (command === undefined ? again?.() : vscode.commands.executeCommand(command.command));
	}
}

const actions: Readonly<Record<string, { readonly title: () => string; readonly command: string } | undefined>> = {
	start: { title: () => vscode.l10n.t('Reconnect'), command: Command.reconnect },
	selectEngine: { title: () => vscode.l10n.t('Select Engine'), command: Command.selectEngine },
	showLog: { title: () => vscode.l10n.t('Show Strata Output'), command: Command.showLog },
	buildOptions: { title: () => vscode.l10n.t('Choose Options…'), command: Command.buildWithOptions },
	retry: { title: () => vscode.l10n.t('Reconnect'), command: Command.reconnect },
};
