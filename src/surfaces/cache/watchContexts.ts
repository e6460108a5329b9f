import * as vscode from 'vscode';
import type { ForecastStore } from '../../services/forecastStore';

/** Tells forecasts of changes in the build contexts that they look at. */
export function watchContexts(forecasts: ForecastStore): vscode.Disposable {
	const watchers = new Map<string, vscode.Disposable>();
	const tell = ({ scheme, fsPath }: vscode.Uri): void => {
		if (scheme === 'file') {
			forecasts.fileChanged(fsPath);
		}
	};
	const follow = (): void => {
		const wanted = new Set(forecasts.contexts());
		for (const [folder, watcher] of watchers) {
			if (!wanted.has(folder)) {
				watcher.dispose();
				watchers.delete(folder);
			}
		}
		for (const folder of wanted) {
			if (!watchers.has(folder)) {
				const watcher = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(vscode.Uri.file(folder), '**'));
				watchers.set(folder, vscode.Disposable.from(watcher, watcher.onDidChange(tell), watcher.onDidCreate(tell), watcher.onDidDelete(tell)));
			}
		}
	};
	return vscode.Disposable.from(
		forecasts.onDidChange(follow),
		{ dispose: () => { watchers.forEach(watcher => { watcher.dispose(); }); } },
	);
}
