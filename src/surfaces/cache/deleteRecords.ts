import * as vscode from 'vscode';
import type { BaselineStore } from '../../services/baselineStore';
import type { RecordStore } from '../../services/recordStore';

/** Forgets the builds of the Dockerfile in front, or all builds, after asking. */
export async function deleteRecords(records: RecordStore, baselines: BaselineStore): Promise<void> {
	const document = vscode.window.activeTextEditor?.document;
	const path = document?.languageId === 'dockerfile' && document.uri.scheme === 'file' ? document.uri.fsPath : undefined;
	const own = path === undefined ? undefined : vscode.l10n.t('Delete Those of {0}', vscode.workspace.asRelativePath(path));
	const all = vscode.l10n.t('Delete All');
	const chosen = await vscode.window.showWarningMessage(vscode.l10n.t('Delete build records?'), {
		modal: true,
		detail: vscode.l10n.t('Sizes, times, reasons and forecasts come from what was recorded of earlier builds. Pinned baselines go too. Images and the engine\'s build cache stay.'),
	}, ...own === undefined ? [] : [own], all);
	if (chosen === undefined) {
		return;
	}
	const of = chosen === own ? path : undefined;
	const count = await records.delete(of);
	await baselines.delete(of);
	vscode.window.setStatusBarMessage(vscode.l10n.t('$(check) Deleted {0} build records', count), 5000);
}
