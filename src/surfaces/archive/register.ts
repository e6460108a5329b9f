import { basename } from 'node:path';
import * as vscode from 'vscode';
import { Command, CustomEditor } from '../../contributions';
import { explainFailure, translate } from '../../platform/messages';
import { webPage } from '../../platform/webPage';
import type { ArchiveCheck, ArchiveChecks } from '../../services/archiveChecks';
import { readArchiveContents } from '../../services/openArchives';
import { notVerifiedWords } from '../../words/archiveCheck';
import { oneLine } from '../../words/rows';
import { archivePage, archiveStyle, failedPage } from './archivePage';

/** What an image archive holds, in place of a binary editor; it is explored in the Images view. */
export function registerArchiveEditor({ archiveChecks }: { readonly archiveChecks: ArchiveChecks }): vscode.Disposable {
	return vscode.Disposable.from(
		archiveChecks.onDidChange(({ path, check }) => {
			// Who explores an archive need not have its page open.
			if (check?.kind === 'failed') {
				void vscode.window.showErrorMessage(failureOf(path, check));
			}
		}),
		vscode.window.registerCustomEditorProvider(CustomEditor.archive, {
			openCustomDocument: uri => ({ uri, dispose: () => undefined }),
			async resolveCustomEditor({ uri }, panel) {
				const { webview } = panel;
				// The only thing the page may ask for.
				webview.options = { enableScripts: false, localResourceRoots: [], enableCommandUris: [Command.openArchive] };
				const explore = `command:${Command.openArchive}?${encodeURIComponent(JSON.stringify([uri.toString()]))}`;
				let isClosed = false;
				panel.onDidDispose(() => { isClosed = true; });
				const body = await readArchiveContents(uri.fsPath).then(contents => () => {
					const checks = archiveChecks.of(uri.fsPath);
					const failure = checks.find(check => check.kind === 'failed');
					return archivePage(uri.fsPath, contents, explore, checks, failure && failureOf(uri.fsPath, failure));
				}, (failure: unknown) => () => failedPage(uri.fsPath, explainFailure(failure).message));
				if (isClosed) {
					return;
				}
				const draw = (): void => { webview.html = webPage(webview, { style: archiveStyle, body: body() }); };
				const subscription = archiveChecks.onDidChange(({ path }) => {
					if (path === uri.fsPath) {
						draw();
					}
				});
				panel.onDidDispose(() => { subscription.dispose(); });
				draw();
			},
		} satisfies vscode.CustomReadonlyEditorProvider),
	);
}

function failureOf(path: string, { error }: ArchiveCheck & { readonly kind: 'failed' }): string {
	return notVerifiedWords(oneLine(basename(path)), explainFailure(error).message, translate);
}
