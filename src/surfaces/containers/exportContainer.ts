import { basename } from 'node:path';
import * as vscode from 'vscode';
import { formatBytes } from '../../core/base/bytes';
import type { ContainerSummary, Engine } from '../../core/engine/engine';
import { longWork } from '../../platform/longWork';
import { translate } from '../../platform/messages';
import { askTarPath } from '../../platform/tarFiles';
import { saveFileSystem } from '../../services/archiveTransfers';
import { movedBytes } from '../../words/archiveTransfer';

/** Writes the whole file system of a container into a tar; what is mounted in it stays out. */
export async function exportContainer(engine: Engine, container: ContainerSummary): Promise<void> {
	const path = await askTarPath(vscode.l10n.t('Export Container File System'), container.name);
	if (path !== undefined) {
		const bytes = await longWork(vscode.l10n.t('Exporting {0}', container.name), (signal, report) =>
			saveFileSystem(engine, container.id, path, (moved, total) => { report(movedBytes(moved, total, translate)); }, signal));
		vscode.window.setStatusBarMessage(vscode.l10n.t('$(check) Exported {0}: {1}', basename(path), formatBytes(bytes)), 15_000);
	}
}
