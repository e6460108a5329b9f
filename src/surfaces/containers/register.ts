import * as vscode from 'vscode';
import { Command, View } from '../../contributions';
import { formatBytes } from '../../core/base/bytes';
import { commitContainer } from '../../core/commitContainer';
import type { ContainerSummary } from '../../core/engine/engine';
import { registerCommands } from '../../platform/commands';
import type { Log } from '../../platform/log';
import { longWork } from '../../platform/longWork';
import { translate } from '../../platform/messages';
import type { TextDocuments } from '../../platform/textDocuments';
import { createTree, whileVisible, type Tree } from '../../platform/tree';
import { requireTrust } from '../../platform/trust';
import type { BuildRunner } from '../../services/buildRunner';
import { ChangedFileSizes } from '../../services/changedFileSizes';
import type { ContainerStore } from '../../services/containerStore';
import type { EngineConnection } from '../../services/engineConnection';
import type { ExploredImages } from '../../services/exploredImages';
import { gitAuthor } from '../../services/gitAuthor';
import type { ImageStore } from '../../services/imageStore';
import type { RevealRequests } from '../../services/revealRequests';
import type { TemporaryImages } from '../../services/temporaryImages';
import { describeCommitCancel } from '../../words/commit';
import { oneLine } from '../../words/rows';
import { askCommit } from './commitWizard';
import { ContainersModel, type ContainersNode } from './containersModel';
import { registerDockerfileCommands, type Candidates, type ChooseContainer } from './dockerfileCommands';
import { registerContainerFiles } from './fileCommands';
import { registerLifeCommands } from './lifeCommands';
import { exportContainer } from './exportContainer';
import { pruneContainers } from './pruneContainers';

export interface ContainersSurfaceServices {
	readonly log: Log;
	readonly connection: EngineConnection;
	readonly containers: ContainerStore;
	readonly images: ImageStore;
	readonly reveals: RevealRequests;
	readonly explored: ExploredImages;
	readonly runner: BuildRunner;
	readonly temporary: TemporaryImages;
	readonly texts: TextDocuments;
}

/** The Containers view, and the commit of a container as an image. */
export function registerContainers(services: ContainersSurfaceServices): vscode.Disposable {
	const { log, connection, containers, texts } = services;
	const model = new ContainersModel(connection, containers, new ChangedFileSizes(connection));
	const tree = createTree(View.containers, model, log);
	const choose: ChooseContainer = async (argument, question, candidates) => containerOf(argument) ?? pickContainer(containers, question, candidates);
	// The key that removes says nothing of a row: the selected one is meant, and nothing where that is no container.
	const chooseOrSelected: ChooseContainer = async (argument, question, candidates) => argument === 'selection' ? containerOf(tree.selection()[0]) : choose(argument, question, candidates);
	return vscode.Disposable.from(
		registerDockerfileCommands(services, choose),
		registerContainerFiles(services),
		registerLifeCommands(services, chooseOrSelected, work => tree.progress(work)),
		whileVisible(tree.view, () => vscode.Disposable.from(connection.watch(), model.watch())),
		registerCommands(log, {
			[Command.refreshContainers]: () => tree.progress(async () => {
				const known = await containers.containers();
				known.forEach(({ id }) => { containers.refreshChanges(id); });
				containers.refresh();
				await containers.containers();
			}),
			[Command.commitContainer]: async argument => {
				if (await requireTrust(vscode.l10n.t('Strata commits nothing in a workspace that is not trusted.'))) {
					const container = await choose(argument, vscode.l10n.t('Which container becomes an image?'));
					if (container !== undefined) {
						await commit(services, container, tree);
					}
				}
			},
			[Command.pruneContainers]: async () => {
				if (await requireTrust(vscode.l10n.t('Strata removes no containers in a workspace that is not trusted.'))
					&& await pruneContainers(await connection.get(), message => { log.info(message); })) {
					containers.refresh();
				}
			},
			[Command.exportContainer]: async argument => {
				const container = await choose(argument, vscode.l10n.t('Which container\'s file system shall be exported?'));
				if (container !== undefined) {
					await exportContainer((await connection.get()).engine, container);
				}
			},
			[Command.copyContainerId]: async argument => {
				const container = containerOf(argument);
				if (container !== undefined) {
					await vscode.env.clipboard.writeText(container.id);
					vscode.window.setStatusBarMessage(vscode.l10n.t('$(check) Copied'), 2000);
				}
			},
			[Command.inspectContainer]: async argument => {
				const container = await choose(argument, vscode.l10n.t('Which container shall be inspected?'));
				if (container !== undefined) {
					const { engine } = await connection.get();
					await texts.open(`${container.name}.json`, container.id,
						async () => JSON.stringify(await engine.inspectContainer(container.id), undefined, '\t'), { languageId: 'json' });
				}
			},
		}),
		tree, model,
	);
}

async function commit({ connection, images, reveals }: ContainersSurfaceServices, container: ContainerSummary, view: Pick<Tree<ContainersNode>, 'progress'>): Promise<void> {
	const ready = await connection.get();
	const request = await askCommit({
		container,
		connection: ready,
		references: async () => (await images.images()).flatMap(({ references }) => references),
		author: await gitAuthor(vscode.workspace.workspaceFolders?.[0]?.uri.fsPath),
	});
	if (request === undefined) {
		return;
	}
	const { imageId, layerBytes } = await longWork(vscode.l10n.t('Committing {0} as {1}', container.name, request.reference ?? ''), signal => {
		const committing = view.progress(() => commitContainer(ready.engine, request, signal));
		signal.addEventListener('abort', () => { vscode.window.setStatusBarMessage(`$(sync~spin) ${describeCommitCancel(translate)}`, committing); });
		return committing;
	});
	images.refresh();
	reveals.reveal({ kind: 'row', imageId, row: undefined });
	vscode.window.setStatusBarMessage(layerBytes === undefined
		? vscode.l10n.t('$(check) Committed {0}', request.reference ?? '')
		: vscode.l10n.t('$(check) Committed {0}: one layer of {1} more', request.reference ?? '', formatBytes(layerBytes)), 10_000);
}

async function pickContainer(store: ContainerStore, placeHolder: string, candidates: Candidates | undefined): Promise<ContainerSummary | undefined> {
	const all = await store.containers();
	const containers = candidates === undefined ? all : all.filter(candidates.fits);
	if (containers.length === 0) {
		await vscode.window.showInformationMessage(all.length === 0 || candidates === undefined ? vscode.l10n.t('This engine has no containers.') : candidates.none);
		return undefined;
	}
	const picked = await vscode.window.showQuickPick(containers.map(container => ({
		label: `${container.state === 'running' ? '$(vm-running)' : '$(vm-outline)'} ${oneLine(container.name)}`,
		description: oneLine(container.image),
		detail: oneLine(container.status),
		container,
	})), { placeHolder, matchOnDescription: true });
	return picked?.container;
}

/** The container that a menu or another extension's command names. */
function containerOf(argument: unknown): ContainerSummary | undefined {
	return typeof argument === 'object' && argument !== null && 'kind' in argument && argument.kind === 'container' && 'container' in argument
		? argument.container as ContainerSummary : undefined;
}
