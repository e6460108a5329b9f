import { access } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as vscode from 'vscode';
import { formatBytes } from '../../core/base/bytes';
import { chooseBuilder } from '../../core/build/buildOptions';
import type { ContainerSummary } from '../../core/engine/engine';
import type { ContainerDockerfile } from '../../core/rebuild/containerDockerfile';
import { longWork } from '../../platform/longWork';
import { translate } from '../../platform/messages';
import { readSetting } from '../../platform/settings';
import { prepareContainerDockerfile } from '../../services/containerDockerfile';
import { exportContainerFiles, exportLimits } from '../../services/containerFiles';
import type { EngineConnection } from '../../services/engineConnection';
import type { ExploredImages } from '../../services/exploredImages';
import { containerDockerfileText } from '../../words/containerDockerfile';
import { oneLine } from '../../words/rows';

export interface WriteDockerfileServices {
	readonly connection: EngineConnection;
	readonly explored: ExploredImages;
}

/**
 * Writes what changed in a container as a Dockerfile, with its files into a new folder or as a preview alone. Gives the
 * Dockerfile's path once it is on disk.
 */
export async function writeDockerfile({ connection, explored }: WriteDockerfileServices, container: ContainerSummary): Promise<string | undefined> {
	const { engine, info } = await connection.get();
	const name = oneLine(container.name);
	const canChmod = chooseBuilder(readSetting('build.builder'), info) === 'buildkit';
	const plan = await longWork(vscode.l10n.t('Reading what changed in {0}', name), (signal, report) =>
		prepareContainerDockerfile(engine, explored, container, canChmod, { signal, onProgress: bytes => { report(formatBytes(bytes)); } }));
	const text = containerDockerfileText(plan, container, translate);
	const folder = await askFolder(container, plan);
	if (folder === 'preview') {
		await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ language: 'dockerfile', content: text }));
		return undefined;
	}
	if (folder === undefined) {
		return undefined;
	}
	const missing = await longWork(vscode.l10n.t('Exporting the files of {0}', name), (signal, report) =>
		exportContainerFiles(engine, container.id, folder, text, plan.units, {
			signal, onProgress: bytes => { report(`${formatBytes(bytes)} / ${formatBytes(plan.bytes)}`, plan.bytes === 0 ? undefined : bytes / plan.bytes); },
		}));
	const path = join(folder, 'Dockerfile');
	await vscode.window.showTextDocument(vscode.Uri.file(path), { preview: false });
	if (missing.length > 0) {
		void vscode.window.showWarningMessage(vscode.l10n.t('Files that were gone before they could be exported, since the container is running: {0}. First: {1}', missing.length, oneLine(missing[0] ?? '')));
	}
	return path;
}

/** A folder that does not exist yet, `preview`, or undefined: the person left. */
async function askFolder(container: ContainerSummary, plan: ContainerDockerfile): Promise<string | undefined> {
	const workspace = vscode.workspace.workspaceFolders?.find(({ uri }) => uri.scheme === 'file')?.uri.fsPath;
	const inWorkspace = workspace === undefined ? undefined : await freeFolder(workspace, container);
	const fits = plan.files <= exportLimits.files && plan.bytes <= exportLimits.bytes;
	const amount = vscode.l10n.t('the Dockerfile and its files: {0}, {1}', plan.files, formatBytes(plan.bytes));
	const picked = await vscode.window.showQuickPick([
		...fits && inWorkspace !== undefined ? [{ label: `$(new-folder) ${vscode.l10n.t('New Folder {0}', basename(inWorkspace))}`, description: vscode.l10n.t('in this workspace'), detail: amount, folder: inWorkspace }] : [],
		...fits ? [{ label: `$(folder-opened) ${vscode.l10n.t('New Folder Elsewhere…')}`, description: '', detail: amount, folder: 'elsewhere' }] : [],
		{
			label: `$(open-preview) ${vscode.l10n.t('Preview Only')}`, description: '', folder: 'preview',
			detail: fits ? vscode.l10n.t('an untitled Dockerfile; the files that it copies are not exported')
				: vscode.l10n.t('{0} are too many to export: at most {1} files and {2}', amount, exportLimits.files, formatBytes(exportLimits.bytes)),
		},
	], { title: vscode.l10n.t('Dockerfile from {0}', oneLine(container.name)), placeHolder: vscode.l10n.t('Where should it be written?') });
	if (picked?.folder !== 'elsewhere') {
		return picked?.folder;
	}
	const [parent] = await vscode.window.showOpenDialog({
		canSelectFiles: false, canSelectFolders: true, canSelectMany: false, openLabel: vscode.l10n.t('Write Here'),
		title: vscode.l10n.t('A new folder for the Dockerfile is made in the folder you choose'),
	}) ?? [];
	return parent === undefined ? undefined : freeFolder(parent.fsPath, container);
}

async function freeFolder(parent: string, { name }: ContainerSummary): Promise<string> {
	const base = `${name.replace(/[^\w.-]+/g, '-').replace(/^[-.]+/, '') || 'container'}-image`;
	for (let count = 1; ; count++) {
		const folder = join(parent, count === 1 ? base : `${base}-${count}`);
		if (!await access(folder).then(() => true, () => false)) {
			return folder;
		}
	}
}
