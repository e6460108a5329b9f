import * as vscode from 'vscode';
import type { ContainerSummary } from '../../core/engine/engine';
import { browserUrl } from '../../core/engine/publishedPort';
import { oneLine, portWord } from '../../words/rows';

interface OpenPort { readonly label: string; readonly description: string }

/** Opens the page behind a port of a container; where several lead into it, a person says which. */
export async function openPort(container: ContainerSummary, endpointUrl: string): Promise<void> {
	const ports = openPorts(container, endpointUrl);
	if (ports.length === 0) {
		await vscode.window.showInformationMessage(vscode.l10n.t('A browser on this machine reaches no port of {0}.', oneLine(container.name)));
		return;
	}
	const chosen = ports.length === 1 ? ports[0] : await vscode.window.showQuickPick(ports, { placeHolder: vscode.l10n.t('Which port?'), matchOnDescription: true });
	if (chosen !== undefined) {
		await vscode.env.openExternal(vscode.Uri.parse(chosen.description));
	}
}

/** What a browser on this machine reaches of a container, each address once. */
export function openPorts({ ports }: ContainerSummary, endpointUrl: string): readonly OpenPort[] {
	return ports.flatMap(port => {
		const description = browserUrl(port, endpointUrl);
		return description === undefined ? [] : [{ label: portWord(port), description }];
	});
}
