import * as vscode from 'vscode';
import { Command, ContextKey } from '../../contributions';
import type { RegistryCredential } from '../../core/engine/engine';
import { RegistryError, type RegistryErrorReason } from '../../core/registryError';
import { registerCommands } from '../../platform/commands';
import { setContextKey } from '../../platform/contextKeys';
import type { Log } from '../../platform/log';
import { explainFailure, translate } from '../../platform/messages';
import type { Tree } from '../../platform/tree';
import { requireTrust } from '../../platform/trust';
import type { EngineConnection } from '../../services/engineConnection';
import type { ImageStore } from '../../services/imageStore';
import type { RegistryAccess } from '../../services/registryAccess';
import type { RevealRequests } from '../../services/revealRequests';
import type { TransferRequest, Transfers } from '../../services/transfers';
import { transferResult } from '../../words/transfer';
import { askPull } from './askPull';
import { askPush } from './askPush';
import { askSignIn } from './askSignIn';
import { isImagesNode, type ImagesNode } from './imagesModel';
import { pickImages } from './pickImages';
import type { TransferTree } from './transferNodes';

export interface RegistryServices {
	readonly log: Log;
	readonly connection: EngineConnection;
	readonly images: ImageStore;
	readonly reveals: RevealRequests;
	readonly transfers: Transfers;
	readonly registryAccess: RegistryAccess;
}

/** *Pull Image…*, *Push Image…* and what belongs to them. */
export function registerRegistryCommands(services: RegistryServices, rows: TransferTree, tree: Pick<Tree<ImagesNode>, 'progress' | 'reveal'>): vscode.Disposable {
	const { log, connection, images, transfers, registryAccess } = services;
	const begin = async (request: TransferRequest): Promise<void> =>
		transfer(services, rows, tree, request, await registryAccess.credential(request.reference), false);
	return vscode.Disposable.from(
		transfers.onDidChange(() => { setContextKey(ContextKey.transferring, transfers.isRunning); }),
		registerCommands(log, {
			[Command.pullImage]: async name => {
				if (await requireTrust(vscode.l10n.t('Strata pulls nothing in a workspace that is not trusted.'))) {
					const { engine, info } = await connection.get();
					const choice = typeof name === 'string' ? { reference: name, platform: undefined } : await askPull(engine, info);
					if (choice !== undefined) {
						await begin({ kind: 'pull', ...choice });
					}
				}
			},
			[Command.pushImage]: async node => {
				if (await requireTrust(vscode.l10n.t('Strata pushes nothing in a workspace that is not trusted.'))) {
					const [reference] = isImagesNode(node) && node.kind === 'image' && node.reference !== undefined ? [node.reference]
						: await pickImages(images, { placeHolder: vscode.l10n.t('Which name shall be pushed? It says the registry too.'), canPickMany: false, untagged: false }) ?? [];
					if (reference !== undefined) {
						const image = (await images.images()).find(({ references }) => references.includes(reference));
						const choice = await askPush(reference, image?.platforms ?? [], (await connection.get()).info);
						if (choice?.action === 'push') {
							await begin({ kind: 'push', reference, platform: choice.platform });
						} else if (choice?.action === 'tag') {
							await vscode.commands.executeCommand(Command.tagImage, image && { kind: 'image', image, reference });
						}
					}
				}
			},
			[Command.cancelTransfer]: node => {
				const id = isImagesNode(node) && node.kind === 'transfer' ? node.id : transfers.all.find(({ state }) => state === 'running')?.id;
				if (id !== undefined) {
					transfers.cancel(id);
				}
			},
			[Command.closeTransfer]: node => {
				if (isImagesNode(node) && node.kind === 'transfer') {
					transfers.close(node.id);
				}
			},
			[Command.signOut]: async () => {
				const registries = await registryAccess.registries();
				if (registries.length === 0) {
					await vscode.window.showInformationMessage(vscode.l10n.t('Strata keeps no password. What docker login keeps is the CLI\'s: docker logout removes it.'));
					return;
				}
				const registry = await vscode.window.showQuickPick(registries, { placeHolder: vscode.l10n.t('Forget the password for which registry?') });
				if (registry !== undefined) {
					await registryAccess.forget(registry);
					vscode.window.setStatusBarMessage(vscode.l10n.t('$(check) Signed out of {0}', registry), 10_000);
				}
			},
		}),
	);
}

/** Runs a pull or push in the view; where the registry wants to know who asks, a person can say it and it goes on. */
async function transfer(services: RegistryServices, rows: TransferTree, tree: Pick<Tree<ImagesNode>, 'progress' | 'reveal'>, request: TransferRequest, credential: RegistryCredential | undefined, keep: boolean): Promise<void> {
	const { connection, images, reveals, transfers, registryAccess, log } = services;
	const { engine } = await connection.get();
	const running = transfers.run(engine, request, credential);
	const [row] = rows.roots();
	if (row !== undefined) {
		// Where the view is closed by its person, the transfer goes on unseen.
		tree.reveal(row, { focus: false, expand: true }).catch(() => undefined);
	}
	const ended = await tree.progress(() => running);
	if (ended.state === 'succeeded') {
		if (keep && credential !== undefined) {
			await registryAccess.keep(request.reference, credential);
		}
		images.refresh();
		if (request.kind === 'pull' && ended.imageId !== undefined) {
			reveals.reveal({ kind: 'row', imageId: ended.imageId, row: undefined });
		}
		const words = transferResult(ended, translate);
		vscode.window.setStatusBarMessage(`$(check) ${request.kind === 'pull' ? vscode.l10n.t('Pulled: {0} · {1}', words, request.reference) : vscode.l10n.t('Pushed: {0} · {1}', words, request.reference)}`, 15_000);
	} else if (ended.state === 'failed') {
		log.error(ended.failure instanceof Error ? ended.failure : String(ended.failure));
		const signIn = vscode.l10n.t('Sign In…');
		const again = vscode.l10n.t('Try Again');
		const isLocked = ended.failure instanceof RegistryError && helpedBySigningIn.has(ended.failure.reason);
		const chosen = await vscode.window.showErrorMessage(explainFailure(ended.failure).message, ...isLocked ? [signIn] : [], again);
		const entered = chosen === signIn ? await askSignIn(request.reference) : undefined;
		if (chosen === again || entered !== undefined) {
			transfers.close(ended.id);
			await transfer(services, rows, tree, request, entered?.credential ?? credential, entered?.keep ?? keep);
		}
	}
}

const helpedBySigningIn: ReadonlySet<RegistryErrorReason> = new Set<RegistryErrorReason>(['unauthorized', 'denied', 'rateLimited']);
