import * as vscode from 'vscode';
import { listEndpoints } from '../../core/engine/endpoint';
import type { Endpoint } from '../../core/engine/engine';
import { readSetting, writeSetting } from '../../platform/settings';
import type { EngineConnection } from '../../services/engineConnection';
import { thisMachine } from '../../services/thisMachine';

interface EndpointPick extends vscode.QuickPickItem {
	/** What the setting becomes; undefined asks for an address. */
	readonly setting: string | undefined;
}

/** Lets a person pick one of the engines found, name another, or go back to the automatic choice. */
export async function selectEngine(connection: EngineConnection): Promise<void> {
	const picked = await vscode.window.showQuickPick<EndpointPick>(picks(connection), {
		title: vscode.l10n.t('Select Engine'),
		placeHolder: vscode.l10n.t('Where is the engine that builds and keeps your images?'),
		matchOnDescription: true,
	});
	if (picked === undefined) {
		return;
	}
	const setting = picked.setting ?? await askAddress();
	if (setting === undefined) {
		return;
	}
	if (setting === readSetting('engine.endpoint')) {
		await connection.reconnect();
		return;
	}
	// The setting's listener connects.
	await writeSetting('engine.endpoint', setting);
}

async function picks(connection: EngineConnection): Promise<EndpointPick[]> {
	const { state } = connection;
	const current = state.kind === 'ready' ? state.engine.endpoint.url : undefined;
	const endpoints = await listEndpoints(thisMachine(readSetting('engine.endpoint')));
	return [
		{
			label: `$(sparkle) ${vscode.l10n.t('Automatic')}`,
			description: vscode.l10n.t('DOCKER_HOST, the current Docker context, then the usual sockets'),
			setting: '',
		},
		{ label: vscode.l10n.t('Found on this machine'), kind: vscode.QuickPickItemKind.Separator, setting: '' },
		...endpoints.map(endpoint => toPick(endpoint, endpoint.url === current)),
		{ label: '', kind: vscode.QuickPickItemKind.Separator, setting: '' },
		{ label: `$(edit) ${vscode.l10n.t('Enter an Address…')}`, setting: undefined },
	];
}

function toPick(endpoint: Endpoint, isCurrent: boolean): EndpointPick {
	const { url, origin, name } = endpoint;
	return {
		label: `${isCurrent ? '$(check)' : '$(plug)'} ${name ?? url}`,
		description: [name === undefined ? '' : url, isCurrent ? vscode.l10n.t('current') : ''].filter(Boolean).join(' · '),
		detail: {
			setting: vscode.l10n.t('From the settings'),
			environment: vscode.l10n.t('From DOCKER_HOST'),
			dockerContext: vscode.l10n.t('Docker context'),
			wellKnownSocket: undefined,
			default: undefined,
		}[origin],
		setting: origin === 'dockerContext' && name !== undefined ? name : url,
	};
}

function askAddress(): Thenable<string | undefined> {
	return vscode.window.showInputBox({
		title: vscode.l10n.t('Select Engine'),
		prompt: vscode.l10n.t('The address of an engine, or the name of a Docker context'),
		placeHolder: 'unix:///var/run/docker.sock',
		validateInput: text => /^(?:(?:unix|npipe|tcp|ssh|https?):\/\/\S+|[\w.-]+(?::\d+)?)$/.test(text.trim())
			? undefined : vscode.l10n.t('Write an address such as unix:///var/run/docker.sock or tcp://host:2376, or a context\'s name.'),
	}).then(text => text?.trim());
}
