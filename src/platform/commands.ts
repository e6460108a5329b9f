import * as vscode from 'vscode';
import type { Command } from '../contributions';
import type { Log } from './log';
import { isCancellation } from '../core/engine/engineError';
import { showFailure } from './messages';

export type CommandId = (typeof Command)[keyof typeof Command];

/** A command's work. Arguments come from menus and links, so nothing is known of them. */
export type CommandHandler = (...args: unknown[]) => unknown;

/** Registers commands; a failure becomes one message with an action, a cancellation none. */
export function registerCommands(log: Log, handlers: Partial<Record<CommandId, CommandHandler>>): vscode.Disposable {
	return vscode.Disposable.from(...Object.entries(handlers).map(([id, handler]) => {
		const run = async (...args: unknown[]): Promise<unknown> => {
			try {
				return await handler(...args);
			} catch (failure) {
				if (!isCancellation(failure)) {
					log.error(failure instanceof Error ? failure : String(failure));
					await showFailure(failure, () => run(...args));
				}
				return undefined;
			}
		};
		return vscode.commands.registerCommand(id, run);
	}));
}
