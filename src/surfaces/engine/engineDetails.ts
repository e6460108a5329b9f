import * as vscode from 'vscode';
import { toAbortSignal } from '../../platform/cancellation';
import { showMarkdownPage } from '../../platform/markdownPage';
import { translate } from '../../platform/messages';
import type { TextDocuments } from '../../platform/textDocuments';
import type { EngineConnection } from '../../services/engineConnection';
import { engineDetailsPage } from '../../words/engineDetails';

/** Shows what the engine is; `measuring` has it measure its disk use too, which may take a while. */
export async function showEngineDetails(connection: EngineConnection, texts: TextDocuments, measuring: boolean): Promise<void> {
	const { engine, info } = await connection.demand();
	const progress = measuring
		? { location: vscode.ProgressLocation.Notification, cancellable: true, title: vscode.l10n.t('Measuring what the engine keeps on disk') }
		: { location: vscode.ProgressLocation.Window, title: vscode.l10n.t('Asking the engine') };
	const page = await vscode.window.withProgress(progress, async (_progress, token) => {
		const signal = toAbortSignal(token);
		const [details, usage] = await Promise.all([engine.details(signal), measuring ? engine.diskUsage(signal) : undefined]);
		return engineDetailsPage(engine.endpoint, info, details, usage, translate);
	});
	await showMarkdownPage(texts, vscode.l10n.t('Engine Details'), engine.endpoint.url, () => page);
}
