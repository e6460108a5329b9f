import * as vscode from 'vscode';
import { toAbortSignal } from './cancellation';

/** Work that takes longer shows itself, with a way to stop it; shorter work does not flicker. Milliseconds. */
const patience = 700;

/** Tells how far the work is: in words, and the share done where that is known (0 to 1). */
export type ReportProgress = (message: string, share?: number) => void;

/** Runs work that may take long; after a moment a notification says how far it is and offers to cancel. */
export async function longWork<T>(title: string, work: (signal: AbortSignal, report: ReportProgress) => Promise<T>): Promise<T> {
	const controller = new AbortController();
	let message = '';
	let share: number | undefined;
	let told = 0;
	let shown: vscode.Progress<{ readonly message?: string; readonly increment?: number }> | undefined;
	const tell = (): void => {
		const percent = share === undefined ? told : Math.min(100, Math.floor(share * 100));
		shown?.report({ message, ...percent > told ? { increment: percent - told } : {} });
		told = shown === undefined ? told : Math.max(told, percent);
	};
	const result = work(controller.signal, (text, done) => {
		message = text;
		share = done;
	});
	const every = setInterval(tell, 250);
	const later = setTimeout(() => {
		void vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title, cancellable: true }, async (progress, token) => {
			shown = progress;
			tell();
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
