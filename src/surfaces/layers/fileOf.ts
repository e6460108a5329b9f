import * as vscode from 'vscode';
import { readSource, type LayerFile } from '../../core/layerFile';
import { parseLayerUri } from '../../platform/layerUris';

/** The file that a command is about: a row of a tree, an address, or the file in the active editor. */
export function fileOf(argument: unknown): LayerFile | undefined {
	if (argument instanceof vscode.Uri) {
		return parseLayerUri(argument);
	}
	if (typeof argument === 'object' && argument !== null && 'file' in argument) {
		return layerFileOf(argument.file);
	}
	if (argument !== undefined) {
		return undefined;
	}
	const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
	const uri = input instanceof vscode.TabInputTextDiff ? input.modified
		: input instanceof vscode.TabInputText || input instanceof vscode.TabInputCustom ? input.uri : undefined;
	return uri && parseLayerUri(uri);
}

export function layerFileOf(value: unknown): LayerFile | undefined {
	if (typeof value !== 'object' || value === null || !('source' in value)) {
		return undefined;
	}
	const { name, layer, path } = value as Partial<LayerFile>;
	const source = readSource(value.source);
	return source !== undefined && typeof name === 'string' && typeof layer === 'number' && typeof path === 'string' ? { source, name, layer, path } : undefined;
}

/** Whether a row tells that a layer removed the file; the file is named where it was last. */
export function isRemovedRow(argument: unknown): boolean {
	return typeof argument === 'object' && argument !== null && 'entry' in argument
		&& typeof argument.entry === 'object' && argument.entry !== null && 'change' in argument.entry && argument.entry.change === 'removed';
}
