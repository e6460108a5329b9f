import * as vscode from 'vscode';
import { changesBuildCache } from '../../core/build/changesBuildCache';
import type { ForecastStore } from '../../services/forecastStore';

/**
 * Tells forecasts of builds and prunes in terminals and tasks: the engine itself may tell nothing of a build without a tag, or that
 * fails, and tells nothing of `docker buildx prune`, which is what `docker builder prune` is.
 */
export function watchTerminals(forecasts: ForecastStore): vscode.Disposable {
	const ended = (commandLine: string): void => {
		if (changesBuildCache(commandLine)) {
			forecasts.changedElsewhere();
		}
	};
	return vscode.Disposable.from(
		vscode.window.onDidEndTerminalShellExecution(({ execution }) => { ended(execution.commandLine.value); }),
		vscode.tasks.onDidEndTaskProcess(({ execution: { task } }) => { ended(commandLineOf(task.execution)); }),
	);
}

function commandLineOf(execution: vscode.Task['execution']): string {
	if (execution instanceof vscode.ProcessExecution) {
		return [execution.process, ...execution.args].join(' ');
	}
	if (execution instanceof vscode.ShellExecution) {
		const words = [execution.command, ...execution.args ?? []].map(word => typeof word === 'object' ? word.value : word ?? '');
		return execution.commandLine ?? words.join(' ');
	}
	return '';
}
