import type { CancellationToken } from 'vscode';

/** The border between the editor's tokens and our signals: used once per entry, at the surface. */
export function toAbortSignal(token: CancellationToken): AbortSignal {
	if (token.isCancellationRequested) {
		return AbortSignal.abort();
	}
	const controller = new AbortController();
	token.onCancellationRequested(() => { controller.abort(); });
	return controller.signal;
}
