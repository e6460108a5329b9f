import * as vscode from 'vscode';
import { Command, ContextKey } from '../../contributions';
import { registerCommands } from '../../platform/commands';
import { setContextKey } from '../../platform/contextKeys';
import type { Log } from '../../platform/log';
import { showFailure } from '../../platform/messages';
import { onSettingChange, readSetting, writeSetting } from '../../platform/settings';
import type { Tree } from '../../platform/tree';
import type { ComparisonTree } from './comparisonNodes';
import { isLayerNode } from './layerNodes';
import { isImagesNode, type ImagesModel, type ImagesNode } from './imagesModel';
import type { LayerTree } from './layerTree';

/** How long typing pauses before the trees are filtered, in milliseconds: that walks every file of what is open. */
const pause = 200;

/** Filtering, sorting and paging of the files under history rows. */
export function registerLayerCommands(log: Log, layers: LayerTree, comparisons: ComparisonTree, model: ImagesModel, { view, reveal }: Pick<Tree<ImagesNode>, 'view' | 'reveal'>): vscode.Disposable {
	const showOrder = (): void => { setContextKey(ContextKey.fileOrder, readSetting('files.order')); };
	const showFilter = (): void => {
		setContextKey(ContextKey.filesFiltered, layers.filter !== '');
		view.message = layers.filter === '' ? undefined : vscode.l10n.t('Files: {0}', layers.filter);
	};
	const filter = async (text: string): Promise<void> => {
		const isOver = text.trim() === '' && layers.filter !== '';
		const [found] = view.selection;
		layers.setFilter(text);
		showFilter();
		// What was found stays in sight among all the others.
		const node = isOver && found?.kind === 'entry' ? layers.find(found.view, found.entry.path) : undefined;
		if (node !== undefined) {
			await reveal(node, { focus: false, expand: false });
		}
	};
	const fold = (isOpen: boolean) => ({ element }: vscode.TreeViewExpansionEvent<ImagesNode>): void => {
		if (isLayerNode(element)) {
			layers.keepOpen(element, isOpen);
		}
	};
	showOrder();
	showFilter();
	return vscode.Disposable.from(
		view.onDidExpandElement(fold(true)),
		view.onDidCollapseElement(fold(false)),
		onSettingChange(['files.order'], () => {
			showOrder();
			model.refresh();
		}),
		registerCommands(log, {
			[Command.filterFiles]: () => askFilter(layers.filter, filter),
			[Command.changeFileFilter]: () => askFilter(layers.filter, filter),
			[Command.clearFileFilter]: () => filter(''),
			[Command.sortFilesBySize]: () => writeSetting('files.order', 'size'),
			[Command.sortFilesByName]: () => writeSetting('files.order', 'name'),
			[Command.showMoreFiles]: argument => {
				if (isImagesNode(argument) && argument.kind === 'note') {
					layers.showMore(argument);
				} else if (isImagesNode(argument) && argument.kind === 'moreDifferences') {
					comparisons.showMore(argument);
				}
			},
		}),
	);
}

/** Filters while a person types; Escape brings back what was there. */
async function askFilter(before: string, filter: (text: string) => Promise<void>): Promise<void> {
	const box = vscode.window.createInputBox();
	box.value = before;
	box.title = vscode.l10n.t('Filter Files');
	box.placeholder = vscode.l10n.t('Part of a name, *.so, or a path like /usr/lib/*');
	box.prompt = vscode.l10n.t('Filters the files under history rows that are open. Empty shows all.');
	await new Promise<void>(resolve => {
		let timer: NodeJS.Timeout | undefined;
		let isAccepted = false;
		box.onDidChangeValue(text => {
			clearTimeout(timer);
			timer = setTimeout(() => { filter(text).catch(showFailure); }, pause);
		});
		box.onDidAccept(() => {
			isAccepted = true;
			box.hide();
		});
		box.onDidHide(() => {
			clearTimeout(timer);
			resolve(filter(isAccepted ? box.value : before));
		});
		box.show();
	});
	box.dispose();
}
