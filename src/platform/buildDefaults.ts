import * as vscode from 'vscode';
import type { BuildDefaults } from '../core/build/buildOptions';
import { readSetting } from './settings';

/** What the settings say of the builds of a Dockerfile. */
export function readBuildDefaults(path: string): BuildDefaults {
	const scope = vscode.Uri.file(path);
	return {
		buildArgs: readSetting('build.arguments', scope),
		network: readSetting('build.network', scope),
		builder: readSetting('build.builder', scope),
	};
}
