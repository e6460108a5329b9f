import * as vscode from 'vscode';
import { Command, ContextKey, View } from '../../contributions';
import { EngineError } from '../../core/engine/engineError';
import { registerCommands } from '../../platform/commands';
import { setContextKey } from '../../platform/contextKeys';
import type { Log } from '../../platform/log';
import { showFailure, translate } from '../../platform/messages';
import { onSettingChange, readSetting, writeSetting } from '../../platform/settings';
import type { TextDocuments } from '../../platform/textDocuments';
import { createTree, whileVisible } from '../../platform/tree';
import type { EngineConnection } from '../../services/engineConnection';
import type { Comparisons } from '../../services/comparisons';
import type { ExploredImages } from '../../services/exploredImages';
import type { ImageChains } from '../../services/imageChains';
import type { ImageStore } from '../../services/imageStore';
import type { ImageUsers } from '../../services/imageUsers';
import type { OpenArchives } from '../../services/openArchives';
import { recoverImage } from '../../services/recoverImage';
import type { RegistryAccess } from '../../services/registryAccess';
import type { FileTarget, RevealRequests, RowTarget } from '../../services/revealRequests';
import type { Transfers } from '../../services/transfers';
import { imageDockerfileText } from '../../words/imageDockerfile';
import { archiveDrop, registerArchiveCommands } from './archiveCommands';
import { ArchiveTree } from './archiveNodes';
import { registerArrangeCommands } from './arrangeCommands';
import { registerComparisonCommands } from './comparisonCommands';
import { ComparisonTree } from './comparisonNodes';
import { findArchive, findFile } from './findNodes';
import { ImagesModel, isImagesNode, shortId, type ImageNode } from './imagesModel';
import { registerLayerCommands } from './layerCommands';
import { LayerTree } from './layerTree';
import { askImage } from './pickImages';
import { registerRegistryCommands } from './registryCommands';
import { registerRemovalCommands } from './removalCommands';
import { registerTransferFiles } from './transferFiles';
import { TransferTree } from './transferNodes';

export interface ImagesSurfaceServices {
	readonly log: Log;
	readonly connection: EngineConnection;
	readonly images: ImageStore;
	readonly reveals: RevealRequests;
	readonly texts: TextDocuments;
	readonly explored: ExploredImages;
	readonly archives: OpenArchives;
	readonly comparisons: Comparisons;
	readonly chains: ImageChains;
	readonly users: ImageUsers;
	readonly transfers: Transfers;
	readonly registryAccess: RegistryAccess;
}

/** The Images view. */
export function registerImages({ log, connection, images, reveals, texts, explored, chains, users, archives, comparisons, transfers, registryAccess }: ImagesSurfaceServices): vscode.Disposable {
	const layers = new LayerTree(explored);
	const compared = new ComparisonTree(comparisons);
	const transferRows = new TransferTree(transfers);
	const model = new ImagesModel(connection, images, new ArchiveTree(archives, explored), layers, compared, chains, users, transferRows);
	const showArchive = async (path: string): Promise<void> => {
		const node = await findArchive(model, path);
		if (node !== undefined) {
			await tree.reveal(node, { focus: true, expand: true });
		}
	};
	const tree = createTree(View.images, model, log, { dragAndDropController: archiveDrop(archives, showArchive), canSelectMany: true });
	const showEmptyRows = (): void => { setContextKey(ContextKey.emptyRowsShown, readSetting('images.showEmptyRows')); };
	showEmptyRows();
	const reveal = async ({ imageId, row }: RowTarget): Promise<void> => {
		const node = await model.find(imageId, row);
		if (node === undefined) {
			throw new EngineError('notFound', imageId, shortId(imageId));
		}
		// A whole image is what a pull, load or commit brought: its end must not take the keys from whoever types by then.
		const isResult = node.kind === 'image';
		await tree.reveal(node, { focus: !isResult, expand: isResult });
	};
	const revealFile = async (target: FileTarget): Promise<void> => {
		const node = await findFile(model, layers, target);
		if (node === undefined) {
			throw new EngineError('notFound', target.file.path, target.file.path);
		}
		await tree.reveal(node, { focus: true, expand: false });
	};
	const commands = registerCommands(log, {
		[Command.refreshImages]: () => tree.progress(async () => {
			explored.refresh();
			archives.refresh();
			images.refresh();
			await images.images();
		}),
		[Command.showEmptyRows]: () => writeSetting('images.showEmptyRows', true),
		[Command.hideEmptyRows]: () => writeSetting('images.showEmptyRows', false),
		[Command.copyImageId]: argument => copy(imageOf(argument)?.image.id),
		[Command.copyImageReference]: argument => copy(imageOf(argument)?.reference ?? imageOf(argument)?.image.id),
		[Command.copyImageDigest]: argument => copy(digestOf(argument)),
		[Command.inspectImage]: async argument => {
			const node = imageOf(argument) ?? await askImage(images, vscode.l10n.t('Which image shall be inspected?'));
			if (node !== undefined) {
				const { engine } = await connection.get();
				await texts.open(`${node.reference ?? shortId(node.image.id)}.json`, node.image.id,
					async () => JSON.stringify(await engine.inspectImage(node.image.id), undefined, '\t'), { languageId: 'json' });
			}
		},
		[Command.recoverDockerfile]: async argument => {
			const node = imageOf(argument) ?? await askImage(images, vscode.l10n.t('Which image\'s history becomes a Dockerfile?'));
			if (node !== undefined) {
				const recovered = await tree.progress(() => recoverImage(images, node.image.id));
				const content = imageDockerfileText(recovered, { name: node.reference ?? shortId(node.image.id), id: node.image.id }, translate);
				await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ language: 'dockerfile', content }));
			}
		},
	});
	return vscode.Disposable.from(
		reveals.onRow(target => { reveal(target).catch(showFailure); }),
		reveals.onFile(target => { revealFile(target).catch(showFailure); }),
		archives.onDidChange(() => { model.refresh(); }),
		registerArchiveCommands(log, archives, showArchive),
		comparisons.onDidChange(() => { model.refresh(); }),
		registerComparisonCommands(log, { images, archives, comparisons }, comparison => tree.reveal(compared.nodeOf(comparison), { focus: true, expand: true })),
		registerRemovalCommands({ log, connection, images, reveals }, tree),
		registerTransferFiles({ log, connection, images, reveals }, tree),
		registerRegistryCommands({ log, connection, images, reveals, transfers, registryAccess }, transferRows, tree),
		registerArrangeCommands({ log, connection, images, texts }, model, tree),
		registerLayerCommands(log, layers, compared, model, tree),
		whileVisible(tree.view, () => vscode.Disposable.from(connection.watch(), model.watch())),
		onSettingChange(['images.order', 'images.showEmptyRows'], () => {
			showEmptyRows();
			model.refresh();
		}),
		commands, tree, model, layers, compared, transferRows,
	);
}

function imageOf(argument: unknown): ImageNode | undefined {
	return isImagesNode(argument) && argument.kind === 'image' ? argument : undefined;
}

/** What names the content: of a row its layer's diffID, of an image the digest of its manifest. */
function digestOf(argument: unknown): string | undefined {
	if (!isImagesNode(argument)) {
		return undefined;
	}
	return argument.kind === 'history' ? argument.row.diffId : argument.kind === 'image' ? argument.image.digests[0] : undefined;
}

async function copy(text: string | undefined): Promise<void> {
	if (text === undefined) {
		vscode.window.setStatusBarMessage(vscode.l10n.t('Nothing to copy: it has no digest of its own.'), 5000);
		return;
	}
	await vscode.env.clipboard.writeText(text);
	vscode.window.setStatusBarMessage(vscode.l10n.t('$(check) Copied'), 2000);
}
