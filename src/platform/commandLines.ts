import * as vscode from 'vscode';

/** Tells of each command that came to its end in a terminal or as a task, as it was written. */
export function onDidEndCommandLine(listener: (commandLine: string) => void): vscode.Disposable {
	return vscode.Disposable.from(
		vscode.window.onDidEndTerminalShellExecution(({ execution }) => { listener(execution.commandLine.value); }),
		vscode.tasks.onDidEndTaskProcess(({ execution: { task } }) => { listener(commandLineOf(task.execution)); }),
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
