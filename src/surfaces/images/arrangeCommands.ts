import * as vscode from 'vscode';
import { Command, ContextKey, type Settings } from '../../contributions';
import { registerCommands } from '../../platform/commands';
import { setContextKey } from '../../platform/contextKeys';
import type { Log } from '../../platform/log';
import { longWork } from '../../platform/longWork';
import { translate } from '../../platform/messages';
import { onSettingChange, readSetting, writeSetting } from '../../platform/settings';
import type { TextDocuments } from '../../platform/textDocuments';
import type { Tree } from '../../platform/tree';
import type { EngineConnection } from '../../services/engineConnection';
import type { ImageStore } from '../../services/imageStore';
import { prepareRemoval } from '../../services/prepareRemoval';
import { removalQuestion } from '../../words/removal';
import { chosenNodes } from './chosenNodes';
import type { ImagesModel, ImagesNode } from './imagesModel';
import { pickImages } from './pickImages';
import { namesOf } from './removalCommands';

export interface ArrangeServices {
	readonly log: Log;
	readonly connection: EngineConnection;
	readonly images: ImageStore;
	readonly texts: TextDocuments;
}

/** How the images are laid out: by repository or family, in which order, which of them; and what removing some would free. */
export function registerArrangeCommands({ log, connection, images, texts }: ArrangeServices, model: ImagesModel, tree: Pick<Tree<ImagesNode>, 'view' | 'selection'>): vscode.Disposable {
	const showGrouping = (): void => { setContextKey(ContextKey.imageGrouping, readSetting('images.groupBy')); };
	const filter = (text: string): void => {
		model.setFilter(text);
		tree.view.description = text === '' ? undefined : vscode.l10n.t('Filter: {0}', text);
		setContextKey(ContextKey.imagesFiltered, text !== '');
	};
	const askFilter = async (): Promise<void> => {
		const text = await vscode.window.showInputBox({
			title: vscode.l10n.t('Filter Images'), value: model.filter, placeHolder: vscode.l10n.t('Part of a name or a tag, or the beginning of an ID'), prompt: vscode.l10n.t('Empty shows all.'),
		});
		if (text !== undefined) {
			filter(text.trim());
		}
	};
	showGrouping();
	filter('');
	return vscode.Disposable.from(
		onSettingChange(['images.groupBy', 'images.sort'], () => {
			showGrouping();
			model.refresh();
		}),
		registerCommands(log, {
			[Command.groupImagesByFamily]: () => writeSetting('images.groupBy', 'family'),
			[Command.groupImagesByRepository]: () => writeSetting('images.groupBy', 'repository'),
			[Command.filterImages]: askFilter,
			[Command.changeImageFilter]: askFilter,
			[Command.clearImageFilter]: () => { filter(''); },
			[Command.sortImages]: sortImages,
			[Command.whatWouldIFree]: async (node, nodes) => {
				const names = namesOf(chosenNodes(tree, node, nodes))
					?? await pickImages(images, { placeHolder: vscode.l10n.t('Which images might be removed? Nothing is removed now.'), canPickMany: true, untagged: true });
				if (names === undefined || names.length === 0) {
					return;
				}
				const { engine } = await connection.get();
				const prepared = await longWork(vscode.l10n.t('Looking at what would go'), signal => prepareRemoval(engine, images, names.map(name => ({ name, force: false })), signal));
				const { question, detail } = removalQuestion(prepared, translate);
				await texts.open(vscode.l10n.t('What would I free.txt'), names.join('\n'), () => `${question}\n\n${detail}\n\n${vscode.l10n.t('Nothing was removed.')}\n`);
			},
		}),
	);
}

async function sortImages(): Promise<void> {
	const now = readSetting('images.sort');
	const orders: readonly { readonly label: string; readonly order: Settings['images.sort'] }[] = [
		{ label: vscode.l10n.t('By name'), order: 'name' }, { label: vscode.l10n.t('Largest first'), order: 'size' }, { label: vscode.l10n.t('Newest first'), order: 'age' },
	];
	const picked = await vscode.window.showQuickPick(orders.map(one => ({ ...one, description: one.order === now ? vscode.l10n.t('now') : '' })), { placeHolder: vscode.l10n.t('In which order?') });
	if (picked !== undefined) {
		await writeSetting('images.sort', picked.order);
	}
}
