import { homedir } from 'node:os';
import { basename } from 'node:path/posix';
import { Readable } from 'node:stream';
import * as vscode from 'vscode';
import { formatBytes } from '../../core/base/bytes';
import type { LayerFile } from '../../core/layerFile';
import { toAbortSignal } from '../../platform/cancellation';
import { layerUri } from '../../platform/layerUris';
import type { ExploredImages } from '../../services/exploredImages';
import { writeWholeStream } from '../../services/writeWholeStream';
import { kindWord } from '../../words/layers';
import { translate } from '../../platform/messages';
import { oneLine } from '../../words/rows';
import { mostOpenBytes } from './fileSystem';

/** Editors get slow with more; a person decides. Bytes. */
const largeBytes = 32 * 1024 * 1024;

/** Opens a file in whatever editor the kind of file has; of very large ones asks first what to do. */
export async function openFile(explored: ExploredImages, file: LayerFile): Promise<void> {
	const target = await explored.resolve(file);
	const name = oneLine(basename(file.path));
	if (target === undefined) {
		const link = (await explored.find(file))?.link;
		await vscode.window.showInformationMessage(link === undefined
			? vscode.l10n.t('{0} is not in this layer.', name)
			: vscode.l10n.t('{0} is a link to {1}, which this image does not have.', name, oneLine(link)));
		return;
	}
	if (target.kind !== 'file' && target.kind !== 'hardlink') {
		await vscode.window.showInformationMessage(vscode.l10n.t('{0} is a {1}; there is nothing to open.', name, kindWord(target.kind, translate)));
		return;
	}
	if (target.size <= largeBytes) {
		await vscode.commands.executeCommand('vscode.open', layerUri(file), { preview: true });
		return;
	}
	const save = vscode.l10n.t('Save File As…');
	const open = vscode.l10n.t('Open Anyway');
	const chosen = await vscode.window.showInformationMessage(
		vscode.l10n.t('{0} has {1}, which is much for an editor.', name, formatBytes(target.size)),
		...target.size <= mostOpenBytes ? [save, open] : [save]);
	if (chosen === save) {
		await saveFile(explored, file);
	} else if (chosen === open) {
		await vscode.commands.executeCommand('vscode.open', layerUri(file), { preview: true });
	}
}

/** Writes a file of a layer to disk as it streams, whatever its size; cancelled or failed it leaves what was there. */
export async function saveFile(explored: ExploredImages, file: LayerFile): Promise<void> {
	const folder = vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file(homedir());
	const to = await vscode.window.showSaveDialog({ defaultUri: vscode.Uri.joinPath(folder, basename(file.path)) });
	if (to === undefined) {
		return;
	}
	await vscode.window.withProgress({
		location: vscode.ProgressLocation.Notification,
		title: vscode.l10n.t('Saving {0}', oneLine(basename(file.path))),
		cancellable: true,
	}, async (progress, token) => {
		const signal = toAbortSignal(token);
		const size = (await explored.resolve(file))?.size ?? 0;
		let written = 0;
		const counted = async function* (): AsyncGenerator<Buffer> {
			for await (const part of explored.read(file, signal)) {
				written += part.length;
				progress.report({ message: `${formatBytes(written)} / ${formatBytes(size)}`, ...size > 0 && { increment: part.length / size * 100 } });
				yield part;
			}
		};
		await writeWholeStream(to.fsPath, [Readable.from(counted())], signal);
	});
}
