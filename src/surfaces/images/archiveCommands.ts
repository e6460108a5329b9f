import * as vscode from 'vscode';
import { Command } from '../../contributions';
import { registerCommands } from '../../platform/commands';
import type { Log } from '../../platform/log';
import { showFailure } from '../../platform/messages';
import type { OpenArchives } from '../../services/openArchives';
import { isImagesNode, type ImagesNode } from './imagesModel';

/** Opening and closing of archives. `show` brings an opened one into view. */
export function registerArchiveCommands(log: Log, archives: OpenArchives, show: (path: string) => Promise<void>): vscode.Disposable {
	return registerCommands(log, {
		[Command.openArchive]: async argument => {
			// A link in a page can only say the address as a text.
			const uris = argument instanceof vscode.Uri ? [argument] : typeof argument === 'string' ? [vscode.Uri.parse(argument)] : await pickArchives();
			await openAll(archives, uris, show);
		},
		[Command.closeArchive]: async argument => {
			if (isImagesNode(argument) && argument.kind === 'archive') {
				await archives.close(argument.path);
			}
		},
	});
}

/** Files and folders dropped onto the view are opened. */
export function archiveDrop(archives: OpenArchives, show: (path: string) => Promise<void>): vscode.TreeDragAndDropController<ImagesNode> {
	return {
		// From the explorer; and from outside the editor.
		dropMimeTypes: ['text/uri-list', 'files'],
		dragMimeTypes: [],
		async handleDrop(_, dropped) {
			const list = await dropped.get('text/uri-list')?.asString() ?? '';
			const listed = list.split(/\r?\n/).filter(line => line !== '' && !line.startsWith('#')).map(line => vscode.Uri.parse(line));
			const files = [...dropped].flatMap(([, item]) => item.asFile()?.uri ?? []);
			const uris = [...listed, ...files].filter(({ scheme }) => scheme === 'file' || scheme === 'vscode-remote');
			const paths = new Map(uris.map(uri => [uri.fsPath, uri]));
			await openAll(archives, [...paths.values()], show).catch(showFailure);
		},
	};
}

async function openAll(archives: OpenArchives, uris: readonly vscode.Uri[], show: (path: string) => Promise<void>): Promise<void> {
	for (const { fsPath } of uris) {
		await archives.open(fsPath);
		await show(fsPath);
	}
}

/** Folders and files: on Linux and Windows a dialog offers one or the other, so folders are asked for apart. */
async function pickArchives(): Promise<readonly vscode.Uri[]> {
	const kinds = [
		{ label: vscode.l10n.t('$(file-zip) Archive…'), description: vscode.l10n.t('a file that docker save or skopeo wrote: .tar, .tar.gz, .tar.zst'), isFolder: false },
		{ label: vscode.l10n.t('$(folder) OCI Layout Folder…'), description: vscode.l10n.t('a folder with index.json and blobs'), isFolder: true },
	];
	const kind = await vscode.window.showQuickPick(kinds, { placeHolder: vscode.l10n.t('What holds the image?') });
	if (kind === undefined) {
		return [];
	}
	return await vscode.window.showOpenDialog({
		canSelectFiles: !kind.isFolder, canSelectFolders: kind.isFolder, canSelectMany: true,
		openLabel: vscode.l10n.t('Explore'), title: kind.isFolder ? vscode.l10n.t('Open OCI Layout Folder') : vscode.l10n.t('Open Image Archive'),
		...kind.isFolder ? {} : { filters: { [vscode.l10n.t('Image archives')]: ['tar', 'gz', 'tgz', 'zst'], [vscode.l10n.t('All files')]: ['*'] } },
	}) ?? [];
}
