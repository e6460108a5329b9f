import * as vscode from 'vscode';
import { formatBytes } from '../core/base/bytes';
import { toAbortSignal } from './cancellation';

/** Reading that takes longer shows itself, with a way to stop it; shorter reading does not flicker. Milliseconds. */
const patience = 700;

/** Runs work that reads an image; after a moment a notification says how far it is and offers to cancel. */
export async function whileReading<T>(name: string, work: (signal: AbortSignal, report: (bytes: number) => void) => Promise<T>): Promise<T> {
	const controller = new AbortController();
	let bytes = 0;
	let shown: vscode.Progress<{ readonly message?: string }> | undefined;
	const told = (): void => { shown?.report({ message: bytes > 0 ? formatBytes(bytes) : '' }); };
	const result = work(controller.signal, read => { bytes = read; });
	const every = setInterval(told, 250);
	const later = setTimeout(() => {
		void vscode.window.withProgress({
			location: vscode.ProgressLocation.Notification,
			title: vscode.l10n.t('Reading the layers of {0}', name),
			cancellable: true,
		}, async (progress, token) => {
			shown = progress;
			told();
			toAbortSignal(token).addEventListener('abort', () => { controller.abort(new vscode.CancellationError()); });
			await result.catch(() => undefined);
		});
	}, patience);
	try {
		return await result;
	} finally {
		clearInterval(every);
		clearTimeout(later);
	}
}
