import * as vscode from 'vscode';
import { formatBytes } from '../../core/base/bytes';
import type { ContainerSummary } from '../../core/engine/engine';
import { historyMeasure } from '../../core/engine/historyMeasure';
import { longWork } from '../../platform/longWork';
import { translate } from '../../platform/messages';
import type { ReadyConnection } from '../../services/engineConnection';
import { pruneQuestion } from '../../words/containerPrune';
import { oneLine } from '../../words/rows';

/** Removes stopped containers that the person chose from a list with their sizes. True: some are gone. */
export async function pruneContainers({ engine, info }: Pick<ReadyConnection, 'engine' | 'info'>, told: (message: string) => void): Promise<boolean> {
	const stopped = await longWork(vscode.l10n.t('Measuring stopped containers'), async signal => {
		const [containers, sizes] = await Promise.all([engine.containers(signal), engine.containerSizes(signal)]);
		return containers.filter(({ state }) => stoppedStates.has(state)).map(container => ({ container, bytes: sizes.get(container.id) }));
	});
	if (stopped.length === 0) {
		await vscode.window.showInformationMessage(vscode.l10n.t('This engine has no stopped containers to remove.'));
		return false;
	}
	const chosen = await vscode.window.showQuickPick(stopped.map(pickOf), {
		placeHolder: historyMeasure(info) === 'blocks' ? vscode.l10n.t('Stopped containers to remove, with what each takes on disk, in whole blocks of 4 KiB')
			: vscode.l10n.t('Stopped containers to remove, with the bytes of what is only in them'),
		canPickMany: true, matchOnDescription: true,
	});
	if (chosen === undefined || chosen.length === 0) {
		return false;
	}
	const { question, detail } = pruneQuestion(chosen, translate);
	const yes = vscode.l10n.t('Remove');
	if (await vscode.window.showWarningMessage(question, { modal: true, detail }, yes) !== yes) {
		return false;
	}
	let freed = 0;
	let removed = 0;
	try {
		for (const { container, bytes = 0 } of chosen) {
			// Without force: one that was started meanwhile stays, and the engine says so.
			await engine.removeContainer(container.id);
			told(`deleted container ${container.name} ${container.id}`);
			freed += bytes;
			removed++;
		}
	} finally {
		vscode.window.setStatusBarMessage(removed === 1
			? vscode.l10n.t('$(trash) Deleted 1 container · freed {0}', formatBytes(freed))
			: vscode.l10n.t('$(trash) Deleted {0} containers · freed {1}', removed, formatBytes(freed)), 15_000);
	}
	return true;
}

/** What the engine itself calls stopped when it prunes. */
const stoppedStates: ReadonlySet<string> = new Set<ContainerSummary['state']>(['created', 'exited', 'dead']);

function pickOf({ container, bytes }: { readonly container: ContainerSummary; readonly bytes: number | undefined }): vscode.QuickPickItem & { readonly container: ContainerSummary; readonly bytes: number | undefined } {
	return {
		container, bytes,
		label: oneLine(container.name),
		description: [bytes === undefined ? '' : formatBytes(bytes), oneLine(container.image), oneLine(container.status)].filter(part => part !== '').join(' · '),
	};
}
