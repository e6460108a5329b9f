import type * as vscode from 'vscode';
import { readBuildDefaults } from './buildDefaults';
import { whileHashing } from './hashingProgress';
import type { Log } from './log';
import { whileReading } from './readingProgress';
import { readSetting } from './settings';
import { isOfThisWorkspace, workspaceDockerfiles } from './workspaceDockerfiles';

/** What the services need of the editor: where to keep things, what the settings say, how to show long work. */
export function extensionWorld({ globalStorageUri, workspaceState, secrets }: vscode.ExtensionContext, log: Log) {
	return {
		storageFolder: globalStorageUri.fsPath,
		kept: workspaceState,
		secrets,
		mostRecords: readSetting('records.limit'),
		mostLayerBytes: () => readSetting('layers.diskSpace') * 2 ** 20,
		buildDefaults: readBuildDefaults,
		isForecasting: () => readSetting('forecast.enabled'),
		endpointSetting: () => readSetting('engine.endpoint'),
		dockerfiles: workspaceDockerfiles,
		concernsBuildsOf: isOfThisWorkspace,
		whileReading,
		whileHashing,
		log: (message: string) => { log.info(message); },
	};
}
