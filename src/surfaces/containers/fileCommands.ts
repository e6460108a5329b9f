import * as vscode from 'vscode';
import { Command, Scheme } from '../../contributions';
import type { ContainerSummary } from '../../core/engine/engine';
import type { LayerFile } from '../../core/layerFile';
import { registerCommands } from '../../platform/commands';
import { containerUri } from '../../platform/containerUris';
import { emptyUri, layerUri } from '../../platform/layerUris';
import type { Log } from '../../platform/log';
import type { EngineConnection } from '../../services/engineConnection';
import type { ExploredImages } from '../../services/exploredImages';
import { oneLine } from '../../words/rows';
import { ContainerFileSystem } from './containerFileSystem';
import type { ChangedNode } from './containersModel';

export interface ContainerFileServices {
	readonly log: Log;
	readonly connection: EngineConnection;
	readonly explored: ExploredImages;
}

/** Changed files of containers: opened, and compared with what their image has. */
export function registerContainerFiles({ log, connection, explored }: ContainerFileServices): vscode.Disposable {
	const files = new ContainerFileSystem(connection);
	return vscode.Disposable.from(
		files,
		vscode.workspace.registerFileSystemProvider(Scheme.container, files, { isReadonly: true, isCaseSensitive: true }),
		registerCommands(log, {
			[Command.openContainerFile]: async argument => {
				const node = changedOf(argument);
				if (node === undefined) {
					return;
				}
				const { container } = node.container;
				const isThere = node.changed.change !== 'removed' && await isFile(connection, container, node.changed.path);
				if (isThere || node.changed.change === 'removed') {
					await vscode.commands.executeCommand('vscode.open', isThere ? inContainer(node) : layerUri(await inImage(explored, node)));
				} else {
					vscode.window.setStatusBarMessage(vscode.l10n.t('{0} is no file', oneLine(node.changed.path)), 5000);
				}
			},
			[Command.compareContainerFile]: async argument => {
				const node = changedOf(argument);
				if (node === undefined) {
					return;
				}
				const { container } = node.container;
				const before = await inImage(explored, node);
				const isInImage = await explored.find(before) !== undefined;
				const title = vscode.l10n.t('{0}: image ↔ {1}', oneLine(node.changed.name), oneLine(container.name));
				await vscode.commands.executeCommand('vscode.diff',
					isInImage ? layerUri(before) : emptyUri(before),
					node.changed.change === 'removed' ? emptyUri(before) : inContainer(node), title);
			},
		}),
	);
}

function changedOf(argument: unknown): ChangedNode | undefined {
	return typeof argument === 'object' && argument !== null && 'kind' in argument && argument.kind === 'changed' ? argument as ChangedNode : undefined;
}

function inContainer({ changed: { path }, container: { container } }: ChangedNode): vscode.Uri {
	return containerUri({ id: container.id, name: container.name, path });
}

/** The same path in the container's image, all its layers together. */
async function inImage(explored: ExploredImages, { changed: { path }, container: { container } }: ChangedNode): Promise<LayerFile> {
	const named = { source: { kind: 'engine', reference: container.imageId } as const, name: container.image };
	const { stack } = await explored.get(named);
	return { ...named, layer: stack.length - 1, path };
}

async function isFile(connection: EngineConnection, { id }: ContainerSummary, path: string): Promise<boolean> {
	const { engine } = await connection.get();
	const kind = (await engine.statInContainer(id, path))?.kind;
	return kind === 'file' || kind === 'symlink';
}
