import * as vscode from 'vscode';
import { onDidEndCommandLine } from '../../platform/commandLines';
import type { CommandLineBuilds } from '../../services/commandLineBuilds';
import type { EngineConnection } from '../../services/engineConnection';

/** A build ends with several events, milliseconds. */
const eventPauseMs = 300;

/** Looks for builds that were asked for at the command line whenever one may have come to its end: here, or in a terminal of its own. */
export function watchCommandLine({ connection, commandLineBuilds }: { readonly connection: EngineConnection; readonly commandLineBuilds: CommandLineBuilds }): vscode.Disposable {
	const ending = new AbortController();
	let timer: NodeJS.Timeout | undefined;
	const look = (): void => {
		clearTimeout(timer);
		const { state } = connection;
		if (state.kind === 'ready') {
			void commandLineBuilds.look(state.engine, state.info, ending.signal);
		}
	};
	return vscode.Disposable.from(
		connection.onDidChange(({ kind }) => { if (kind === 'ready') { look(); } }),
		connection.onEvent(({ type, action }) => {
			if (type === 'image' && action === 'tag') {
				clearTimeout(timer);
				timer = setTimeout(look, eventPauseMs);
			}
		}),
		// Whatever it was: `make` may build too.
		onDidEndCommandLine(look),
		vscode.window.onDidChangeWindowState(({ focused }) => { if (focused) { look(); } }),
		vscode.workspace.onDidOpenTextDocument(({ languageId }) => { if (languageId === 'dockerfile') { look(); } }),
		{
			dispose: () => {
				clearTimeout(timer);
				ending.abort();
			},
		},
	);
}
