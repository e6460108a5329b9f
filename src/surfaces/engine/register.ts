import * as vscode from 'vscode';
import { Command, ContextKey } from '../../contributions';
import { registerCommands } from '../../platform/commands';
import { setContextKey } from '../../platform/contextKeys';
import type { Log } from '../../platform/log';
import { onSettingChange } from '../../platform/settings';
import type { TextDocuments } from '../../platform/textDocuments';
import type { ConnectionState, EngineConnection } from '../../services/engineConnection';
import { showEngineDetails } from './engineDetails';
import { engineStatus } from './engineStatus';
import { selectEngine } from './selectEngine';

export interface EngineSurfaceServices {
	readonly log: Log;
	readonly connection: EngineConnection;
	readonly texts: TextDocuments;
}

/** The engine's state for the welcome views and the status bar, its details, and the commands that mend it. */
export function registerEngine({ log, connection, texts }: EngineSurfaceServices): vscode.Disposable {
	const show = (state: ConnectionState): void => { setContextKey(ContextKey.engineState, stateName(state)); };
	show(connection.state);
	return vscode.Disposable.from(
		engineStatus(connection),
		connection.onDidChange(state => {
			show(state);
			if (state.kind === 'ready') {
				log.info(`Docker engine ${state.info.version} (API ${state.info.apiVersion}) at ${state.engine.endpoint.url}`);
			} else if (state.kind === 'failed') {
				log.warn(`No engine (${state.error.reason}): ${state.error.message}`);
			}
		}),
		onSettingChange(['engine.endpoint'], () => { void connection.reconnect(); }),
		registerCommands(log, {
			[Command.selectEngine]: () => selectEngine(connection),
			[Command.showEngineDetails]: () => showEngineDetails(connection, texts, false),
			[Command.measureDiskUse]: () => showEngineDetails(connection, texts, true),
			[Command.reconnect]: () => vscode.window.withProgress(
				{ location: vscode.ProgressLocation.Window, title: vscode.l10n.t('Connecting to the engine') },
				() => connection.reconnect()),
		}),
	);
}

/** The reasons that a welcome view has its own words for; any other failure to connect is an engine that does not answer. */
const told = ['noEngine', 'unreachable', 'denied', 'tls', 'tooOld', 'unknownContext'];

function stateName(state: ConnectionState): string | undefined {
	switch (state.kind) {
		case 'idle':
			return undefined;
		case 'connecting':
		case 'ready':
			return state.kind;
		case 'failed':
			return told.includes(state.error.reason) ? state.error.reason : 'unreachable';
	}
}
