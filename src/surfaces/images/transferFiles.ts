import { basename } from 'node:path';
import * as vscode from 'vscode';
import { Command } from '../../contributions';
import { formatBytes } from '../../core/base/bytes';
import type { ImageSummary } from '../../core/engine/engine';
import { askReference } from '../../platform/askReference';
import { registerCommands } from '../../platform/commands';
import type { Log } from '../../platform/log';
import { longWork, type ReportProgress } from '../../platform/longWork';
import { translate } from '../../platform/messages';
import { askTarPath, askTars } from '../../platform/tarFiles';
import type { Tree } from '../../platform/tree';
import { requireTrust } from '../../platform/trust';
import { importFileSystem, loadArchive, planArchive, saveArchive, type ToldBytes } from '../../services/archiveTransfers';
import type { EngineConnection } from '../../services/engineConnection';
import type { ImageStore } from '../../services/imageStore';
import type { RevealRequests } from '../../services/revealRequests';
import { loadResult, movedBytes } from '../../words/archiveTransfer';
import { chosenNodes } from './chosenNodes';
import { isImagesNode, type ImagesNode } from './imagesModel';
import { pickImages } from './pickImages';

export interface TransferFileServices {
	readonly log: Log;
	readonly connection: EngineConnection;
	readonly images: ImageStore;
	readonly reveals: RevealRequests;
}

/** *Save Image to Archive…*, *Load Image Archive…* and *Import File System as Image…*. */
export function registerTransferFiles(services: TransferFileServices, tree: Pick<Tree<ImagesNode>, 'selection'>): vscode.Disposable {
	const trusted = (): Promise<boolean> => requireTrust(vscode.l10n.t('Strata changes no images in a workspace that is not trusted.'));
	return registerCommands(services.log, {
		[Command.saveImages]: async (node, nodes) => {
			const chosen = imagesOf(chosenNodes(tree, node, nodes)) ?? await askImages(services);
			if (chosen !== undefined && chosen.length > 0) {
				await save(services, chosen);
			}
		},
		[Command.loadImages]: async node => {
			if (await trusted()) {
				const paths = isImagesNode(node) && node.kind === 'archive' ? [node.path] : node instanceof vscode.Uri ? [node.fsPath]
					: await askTars(vscode.l10n.t('Load Image Archive'), vscode.l10n.t('Load'));
				for (const path of paths ?? []) {
					await load(services, path);
				}
			}
		},
		[Command.importImage]: async node => {
			if (await trusted()) {
				const [path] = node instanceof vscode.Uri ? [node.fsPath] : await askTars(vscode.l10n.t('Import File System as Image'), vscode.l10n.t('Import')) ?? [];
				if (path !== undefined) {
					await importTar(services, path);
				}
			}
		},
	});
}

interface ChosenImage { readonly reference: string; readonly image: ImageSummary }

function imagesOf(nodes: readonly ImagesNode[]): readonly ChosenImage[] | undefined {
	const chosen = nodes.flatMap((node): ChosenImage[] => node.kind === 'repository' ? node.repository.tags.map(({ reference, image }) => ({ reference, image }))
		: node.kind === 'image' ? [{ reference: node.reference ?? node.image.id, image: node.image }] : []);
	return chosen.length === 0 ? undefined : chosen;
}

async function askImages({ images }: TransferFileServices): Promise<readonly ChosenImage[] | undefined> {
	const names = await pickImages(images, { placeHolder: vscode.l10n.t('Which images go into the archive? Layers that they share are written once.'), canPickMany: true, untagged: true });
	const all = await images.images();
	return names?.flatMap(reference => {
		const image = all.find(({ id, references }) => id === reference || references.includes(reference));
		return image === undefined ? [] : [{ reference, image }];
	});
}

async function save({ connection, images }: TransferFileServices, chosen: readonly ChosenImage[]): Promise<void> {
	const [first] = chosen;
	const path = await askTarPath(vscode.l10n.t('Save Image to Archive'), (first?.reference ?? '').replace(/^.*\//, '').replace(/^sha256:(.{12}).*/, '$1'));
	if (path === undefined) {
		return;
	}
	const { engine, info } = await connection.get();
	const { savedBytes, bytes } = await longWork(vscode.l10n.t('Saving {0}', basename(path)), async (signal, report) => {
		const plan = await planArchive(images, info.imageStore, chosen);
		return { ...plan, bytes: await saveArchive(engine, plan, path, progress(report), signal) };
	});
	const explore = vscode.l10n.t('Explore Archive');
	const said = savedBytes > 0
		? vscode.l10n.t('Saved {0} images as {1}: {2}; layers that they share are in it once, which saves {3}.', new Set(chosen.map(({ image }) => image.id)).size, basename(path), formatBytes(bytes), formatBytes(savedBytes))
		: vscode.l10n.t('Saved {0}: {1}.', basename(path), formatBytes(bytes));
	if (await vscode.window.showInformationMessage(said, explore) === explore) {
		await vscode.commands.executeCommand(Command.openArchive, vscode.Uri.file(path));
	}
}

async function load({ connection, images, reveals, log }: TransferFileServices, path: string): Promise<void> {
	const { engine } = await connection.get();
	let loaded: readonly string[];
	try {
		loaded = await longWork(vscode.l10n.t('Loading {0}', basename(path)), (signal, report) => loadArchive(engine, path, progress(report), signal));
	} finally {
		images.refresh();
	}
	log.info(`loaded ${loaded.join(', ')}`);
	const [first] = loaded;
	if (first !== undefined) {
		const { id } = await engine.image(first);
		reveals.reveal({ kind: 'row', imageId: id, row: undefined });
	}
	vscode.window.setStatusBarMessage(`$(check) ${loadResult(loaded, translate)}`, 15_000);
}

async function importTar({ connection, images, reveals }: TransferFileServices, path: string): Promise<void> {
	const reference = await askReference({
		title: vscode.l10n.t('Import {0}', basename(path)),
		prompt: vscode.l10n.t('Name and tag of the image; its one layer is the file system in the tar'),
		value: `${basename(path).toLowerCase().replace(/\.(tar|tgz|gz|bz2|xz|zst)\b.*$/, '').replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '') || 'image'}:latest`,
		taken: async () => (await images.images()).flatMap(({ references }) => references),
	});
	if (reference === undefined) {
		return;
	}
	const { engine } = await connection.get();
	const request = { reference, message: vscode.l10n.t('Imported from {0}', basename(path)), changes: [] };
	const imageId = await longWork(vscode.l10n.t('Importing {0}', basename(path)), (signal, report) => importFileSystem(engine, request, path, progress(report), signal));
	images.refresh();
	reveals.reveal({ kind: 'row', imageId, row: undefined });
	vscode.window.setStatusBarMessage(vscode.l10n.t('$(check) Imported {0}', reference), 15_000);
}

function progress(report: ReportProgress): ToldBytes {
	return (bytes, total) => { report(movedBytes(bytes, total, translate), total === undefined || total === 0 ? undefined : bytes / total); };
}
