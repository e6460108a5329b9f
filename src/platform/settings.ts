import * as vscode from 'vscode';
import type { Settings } from '../contributions';

/** A setting's value; package.json holds the defaults. */
export function readSetting<K extends keyof Settings>(key: K, scope?: vscode.ConfigurationScope): Settings[K] {
	return vscode.workspace.getConfiguration('strata', scope).get(key) as Settings[K];
}

export async function writeSetting<K extends keyof Settings>(key: K, value: Settings[K]): Promise<void> {
	await vscode.workspace.getConfiguration('strata').update(key, value, vscode.ConfigurationTarget.Global);
}

/** Calls back when one of the settings changes. */
export function onSettingChange(keys: readonly (keyof Settings)[], changed: () => void): vscode.Disposable {
	return vscode.workspace.onDidChangeConfiguration(event => {
		if (keys.some(key => event.affectsConfiguration(`strata.${key}`))) {
			changed();
		}
	});
}
