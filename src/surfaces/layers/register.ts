import * as vscode from 'vscode';
import { Command, Scheme } from '../../contributions';
import { registerCommands } from '../../platform/commands';
import type { LayerFile } from '../../core/layerFile';
import type { Log } from '../../platform/log';
import type { BuildOptionsStore } from '../../services/buildOptionsStore';
import type { ExploredImages } from '../../services/exploredImages';
import type { LayerLines } from '../../services/layerLines';
import type { LineFactsStore } from '../../services/lineFactsStore';
import type { RevealRequests } from '../../services/revealRequests';
import { compareFiles, compareWithPreviousLayer, compareWithWorkspaceFile } from './compareFile';
import { fileOf, isRemovedRow } from './fileOf';
import { LayerFileSystem } from './fileSystem';
import { findLine } from './findLine';
import { openFile, saveFile } from './openFile';
import { registerPathDefinitions } from './pathDefinitions';

export interface LayersSurfaceServices {
	readonly log: Log;
	readonly explored: ExploredImages;
	readonly lines: LayerLines;
	readonly lineFacts: LineFactsStore;
	readonly buildOptions: BuildOptionsStore;
	readonly reveals: RevealRequests;
}

/** Files of layers in the editor: opened, compared, saved, and traced to their lines. */
export function registerLayers(services: LayersSurfaceServices): vscode.Disposable {
	const { log, explored, lines, lineFacts, reveals } = services;
	const files = new LayerFileSystem(explored);
	const about = (act: (file: LayerFile, argument: unknown) => unknown) => (argument: unknown): unknown => {
		const file = fileOf(argument);
		return file && act(file, argument);
	};
	return vscode.Disposable.from(
		files,
		registerPathDefinitions(explored, lineFacts),
		vscode.workspace.registerFileSystemProvider(Scheme.layer, files, { isReadonly: true, isCaseSensitive: true }),
		registerCommands(log, {
			[Command.openLayerFile]: about(file => openFile(explored, file)),
			[Command.saveLayerFile]: about(file => saveFile(explored, file)),
			[Command.compareWithPreviousLayer]: about((file, argument) => compareWithPreviousLayer(explored, file, isRemovedRow(argument))),
			[Command.compareWithWorkspaceFile]: about(file => compareWithWorkspaceFile(services, file)),
			[Command.findLineOfFile]: about(file => findLine(explored, lines, reveals, file)),
			[Command.revealLayerFile]: about(file => { reveals.reveal({ kind: 'file', file, view: 'files' }); }),
			[Command.compareLayerFiles]: argument => compareFiles(argument),
			[Command.copyLayerPath]: about(async ({ path }) => {
				await vscode.env.clipboard.writeText(path);
				vscode.window.setStatusBarMessage(vscode.l10n.t('$(check) Copied'), 2000);
			}),
		}),
	);
}
