import * as vscode from 'vscode';
import { formatBytes } from '../core/base/bytes';
import { longWork } from './longWork';

/** Runs work that reads an image; after a moment a notification says how far it is and offers to cancel. */
export async function whileReading<T>(name: string, work: (signal: AbortSignal, report: (bytes: number) => void) => Promise<T>): Promise<T> {
	return longWork(vscode.l10n.t('Reading the layers of {0}', name), (signal, report) => work(signal, bytes => { report(bytes > 0 ? formatBytes(bytes) : ''); }));
}
