import { basename } from 'node:path';
import * as vscode from 'vscode';

/** Work that is done sooner is nobody's concern, milliseconds. */
const noticeableMs = 1000;

/** Between two reports, milliseconds: each goes to another process, and nobody reads faster. */
const reportedEachMs = 100;

/** Runs work that reads the files of a build context; after a second the status bar says how far it is. */
export async function whileHashing<T>(folder: string, work: (report: (progress: { readonly files: number; readonly of: number }) => void) => Promise<T>): Promise<T> {
	let shown: vscode.Progress<{ readonly message: string }> | undefined;
	let reportedAt = Number.NEGATIVE_INFINITY;
	const running = work(({ files, of }) => {
		const now = performance.now();
		if (shown !== undefined && now - reportedAt >= reportedEachMs) {
			reportedAt = now;
			shown.report({ message: vscode.l10n.t('{0} of {1} files', files.toLocaleString(vscode.env.language), of.toLocaleString(vscode.env.language)) });
		}
	});
	const timer = setTimeout(() => {
		void vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title: vscode.l10n.t('Strata reads the build context {0}', basename(folder)) }, progress => {
			shown = progress;
			return running.then(() => undefined, () => undefined);
		});
	}, noticeableMs);
	try {
		return await running;
	} finally {
		clearTimeout(timer);
	}
}
