import * as vscode from 'vscode';
import { Command } from '../../contributions';
import { translate } from '../../platform/messages';
import type { ConnectionState, EngineConnection } from '../../services/engineConnection';
import { engineTitle } from '../../words/engineDetails';

/** Which engine is in use, in the status bar; nothing as long as none was asked for. */
export function engineStatus(connection: EngineConnection): vscode.Disposable {
	const item = vscode.window.createStatusBarItem('strata.engine', vscode.StatusBarAlignment.Left, 9);
	item.name = vscode.l10n.t('Strata Engine');
	const draw = (state: ConnectionState): void => {
		switch (state.kind) {
			case 'ready': {
				const { engine: { endpoint }, info } = state;
				const title = engineTitle(info, translate);
				item.text = `$(server) ${endpoint.name ?? title}`;
				item.tooltip = [vscode.l10n.t('{0} at {1}', title, endpoint.url), vscode.l10n.t('Click for its details')].join('\n');
				item.accessibilityInformation = { label: vscode.l10n.t('Engine in use: {0} at {1}', title, endpoint.url), role: 'button' };
				item.command = Command.showEngineDetails;
				item.show();
				return;
			}
			case 'failed': {
				item.text = `$(debug-disconnect) ${vscode.l10n.t('No engine')}`;
				item.tooltip = vscode.l10n.t('No container engine answers. Click to select one.');
				item.accessibilityInformation = { label: item.tooltip, role: 'button' };
				item.command = Command.selectEngine;
				item.show();
				return;
			}
			default:
				item.hide();
		}
	};
	draw(connection.state);
	return vscode.Disposable.from(item, connection.onDidChange(draw));
}
