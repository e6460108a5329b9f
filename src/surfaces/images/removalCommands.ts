import * as vscode from 'vscode';
import { Command } from '../../contributions';
import type { RemovedImage } from '../../core/engine/engine';
import { shortDigest } from '../../core/image/digest';
import type { RemovalWish } from '../../core/removalPlan';
import { askReference } from '../../platform/askReference';
import { registerCommands } from '../../platform/commands';
import type { Log } from '../../platform/log';
import { longWork } from '../../platform/longWork';
import { translate } from '../../platform/messages';
import type { Tree } from '../../platform/tree';
import { requireTrust } from '../../platform/trust';
import type { EngineConnection } from '../../services/engineConnection';
import type { ImageStore } from '../../services/imageStore';
import { carryOutRemoval, findUntagged, prepareRemoval, type PreparedRemoval } from '../../services/prepareRemoval';
import type { RevealRequests } from '../../services/revealRequests';
import { removalQuestion, removalResult } from '../../words/removal';
import { chosenNodes } from './chosenNodes';
import { askImage, pickImages } from './pickImages';
import type { ImagesNode } from './imagesModel';

export interface RemovalServices {
	readonly log: Log;
	readonly connection: EngineConnection;
	readonly images: ImageStore;
	readonly reveals: RevealRequests;
}

/** *Tag Image…*, *Remove Image…* and *Prune Untagged Images…*. */
export function registerRemovalCommands(services: RemovalServices, tree: Pick<Tree<ImagesNode>, 'selection' | 'progress'>): vscode.Disposable {
	const trusted = (): Promise<boolean> => requireTrust(vscode.l10n.t('Strata changes no images in a workspace that is not trusted.'));
	return registerCommands(services.log, {
		[Command.tagImage]: async (node, nodes) => {
			const chosen = chosenNodes(tree, node, nodes);
			// A key is about what is selected; where that is no image, it is about nothing.
			if ((node !== 'selection' || chosen[0]?.kind === 'image') && await trusted()) {
				await tagImage(services, chosen);
			}
		},
		[Command.removeImage]: async (node, nodes) => {
			const chosen = chosenNodes(tree, node, nodes);
			const away = node === 'selection' && chosen[0] !== undefined ? awayCommands[chosen[0].kind] : undefined;
			if (away !== undefined) {
				await vscode.commands.executeCommand(away, chosen[0]);
			} else if (await trusted()) {
				const names = namesOf(chosen) ?? (node === 'selection' ? undefined
					: await pickImages(services.images, { placeHolder: vscode.l10n.t('Which images shall be removed?'), canPickMany: true, untagged: true }));
				if (names !== undefined && names.length > 0) {
					await askAndRemove(services, tree, names.map(name => ({ name, force: false })));
				}
			}
		},
		[Command.pruneUntaggedImages]: async () => {
			if (await trusted()) {
				await pruneUntagged(services, tree);
			}
		},
	});
}

/** What the key that removes does to rows that are no images: it takes them out of the view. */
const awayCommands: Readonly<Partial<Record<ImagesNode['kind'], string>>> = {
	archive: Command.closeArchive, comparison: Command.closeComparison, transfer: Command.closeTransfer, untagged: Command.pruneUntaggedImages,
};

async function tagImage({ connection, images, reveals }: RemovalServices, nodes: readonly ImagesNode[]): Promise<void> {
	const [node] = nodes;
	const chosen = node?.kind === 'image' ? node : await askImage(images, vscode.l10n.t('Which image gets another name?'));
	if (chosen === undefined) {
		return;
	}
	const { image } = chosen;
	const reference = await askReference({
		title: vscode.l10n.t('Tag {0}', chosen.reference ?? shortDigest(image.id)),
		prompt: vscode.l10n.t('Another name for the same image, for example registry.example.org/team/web:1'),
		value: chosen.reference ?? 'image:latest',
		// Its own names are no other image's.
		taken: async () => (await images.images()).filter(({ id }) => id !== image.id).flatMap(({ references }) => references),
	});
	if (reference !== undefined) {
		await (await connection.get()).engine.tagImage(image.id, reference);
		images.refresh();
		reveals.reveal({ kind: 'row', imageId: image.id, row: undefined });
		vscode.window.setStatusBarMessage(vscode.l10n.t('$(check) Tagged {0}', reference), 10_000);
	}
}

/** A tag's name; all tags of a repository; the id of what has none. Undefined: nothing was chosen. */
export function namesOf(nodes: readonly ImagesNode[]): readonly string[] | undefined {
	const names = nodes.flatMap(node => node.kind === 'repository' ? node.repository.tags.map(({ reference }) => reference)
		: node.kind === 'image' ? [node.reference ?? node.image.id] : []);
	return names.length === 0 ? undefined : [...new Set(names)];
}

async function pruneUntagged(services: RemovalServices, tree: Pick<Tree<ImagesNode>, 'progress'>): Promise<void> {
	const { engine } = await services.connection.get();
	const untagged = await tree.progress(() => findUntagged(engine, new AbortController().signal));
	if (untagged.length === 0) {
		await vscode.window.showInformationMessage(vscode.l10n.t('This engine has no untagged images to remove.'));
		return;
	}
	const names = await pickImages({ images: () => Promise.resolve(untagged) }, {
		placeHolder: vscode.l10n.t('Untagged images to remove. The classic builder\'s cache is made of such images.'), canPickMany: true, untagged: true,
	});
	if (names !== undefined && names.length > 0) {
		await askAndRemove(services, tree, names.map(name => ({ name, force: false })));
	}
}

/** Says what would happen, and does it once the person agrees; force, and all names at once, only by choice. */
async function askAndRemove(services: RemovalServices, tree: Pick<Tree<ImagesNode>, 'progress'>, wishes: readonly RemovalWish[]): Promise<void> {
	const { engine } = await services.connection.get();
	const prepared = await longWork(vscode.l10n.t('Looking at what would go'), signal => tree.progress(() => prepareRemoval(engine, services.images, wishes, signal)));
	const { question, detail } = removalQuestion(prepared, translate);
	const { plan } = prepared;
	const forced = new Set(plan.refused.filter(({ forcible }) => forcible).map(({ name }) => name));
	const others = otherNames(prepared);
	const choices = [
		...plan.untagged.length + plan.deleted.length === 0 ? [] : [{
			title: plan.deleted.length > 0 ? vscode.l10n.t('Remove') : vscode.l10n.t('Remove Name'),
			act: () => remove(services, tree, prepared),
		}],
		...others.length === 0 ? [] : [{
			title: vscode.l10n.t('Remove All {0} Names…', others.length),
			act: () => askAndRemove(services, tree, others.map(name => ({ name, force: false }))),
		}],
		...forced.size === 0 ? [] : [{
			title: vscode.l10n.t('See What Force Would Do…'),
			act: () => askAndRemove(services, tree, wishes.map(wish => forced.has(wish.name) ? { ...wish, force: true } : wish)),
		}],
	];
	const chosen = await vscode.window.showWarningMessage(question, { modal: true, detail }, ...choices);
	await chosen?.act();
}

/** Where one name of several is to go: all of them. */
function otherNames({ wishes, images }: PreparedRemoval): readonly string[] {
	const [wish, ...more] = wishes;
	const image = more.length > 0 ? undefined : [...images.values()].find(({ references }) => references.includes(wish?.name ?? ''));
	return image !== undefined && image.references.length > 1 ? image.references : [];
}

async function remove({ connection, images, log }: RemovalServices, tree: Pick<Tree<ImagesNode>, 'progress'>, prepared: PreparedRemoval): Promise<void> {
	const { engine } = await connection.get();
	const refused = new Set(prepared.plan.refused.map(({ name }) => name));
	const removed: RemovedImage[] = [];
	try {
		await tree.progress(() => carryOutRemoval(engine, { ...prepared, wishes: prepared.wishes.filter(({ name }) => !refused.has(name)) }, some => { removed.push(...some); }));
	} finally {
		removed.forEach(({ kind, reference }) => { log.info(`${kind} ${reference}`); });
		images.refresh();
		if (removed.length > 0) {
			vscode.window.setStatusBarMessage(`$(trash) ${removalResult(removed, prepared, translate)}`, 15_000);
		}
	}
}
