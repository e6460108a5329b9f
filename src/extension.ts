import type * as vscode from 'vscode';
import { Command } from './contributions';
import { registerCommands } from './platform/commands';
import { createLog } from './platform/log';

/** Builds the object graph and registers the surfaces; nothing is asked of an engine here. */
export function activate(context: vscode.ExtensionContext): void {
	const log = createLog();
	context.subscriptions.push(
		log,
		registerCommands(log, { [Command.showLog]: () => { log.show(); } }),
	);
}
