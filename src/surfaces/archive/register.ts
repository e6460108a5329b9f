import * as vscode from 'vscode';
import { Command, CustomEditor } from '../../contributions';
import { explainFailure } from '../../platform/messages';
import { webPage } from '../../platform/webPage';
import { readArchiveContents } from '../../services/openArchives';
import { archivePage, archiveStyle, failedPage } from './archivePage';

/** What an image archive holds, in place of a binary editor; it is explored in the Images view. */
export function registerArchiveEditor(): vscode.Disposable {
	return vscode.window.registerCustomEditorProvider(CustomEditor.archive, {
		openCustomDocument: uri => ({ uri, dispose: () => undefined }),
		async resolveCustomEditor({ uri }, { webview }) {
			// The only thing the page may ask for.
			webview.options = { enableScripts: false, localResourceRoots: [], enableCommandUris: [Command.openArchive] };
			const explore = `command:${Command.openArchive}?${encodeURIComponent(JSON.stringify([uri.toString()]))}`;
			webview.html = webPage(webview, {
				style: archiveStyle,
				body: await readArchiveContents(uri.fsPath).then(
					contents => archivePage(uri.fsPath, contents, explore),
					(failure: unknown) => failedPage(uri.fsPath, explainFailure(failure).message),
				),
			});
		},
	} satisfies vscode.CustomReadonlyEditorProvider);
}
