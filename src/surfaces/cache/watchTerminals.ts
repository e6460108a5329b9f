import * as vscode from 'vscode';
import { buildsImages } from '../../core/build/buildsImages';
import type { ForecastStore } from '../../services/forecastStore';

/** Tells forecasts of builds in terminals and tasks: of one without a tag, or that fails, the engine itself may tell nothing. */
export function watchTerminals(forecasts: ForecastStore): vscode.Disposable {
	const ended = (commandLine: string): void => {
		if (buildsImages(commandLine)) {
			forecasts.builtElsewhere();
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
