import * as vscode from 'vscode';
import { Command, ContextKey } from '../../contributions';
import { registerCommands } from '../../platform/commands';
import { setContextKey } from '../../platform/contextKeys';
import type { Log } from '../../platform/log';
import { onSettingChange, readSetting, writeSetting } from '../../platform/settings';
import type { Tree } from '../../platform/tree';
import type { ComparisonTree } from './comparisonNodes';
import { isImagesNode, type ImagesModel, type ImagesNode } from './imagesModel';
import type { LayerTree } from './layerTree';

/** How long typing pauses before the trees are filtered, in milliseconds: that walks every file of what is open. */
const pause = 200;

/** Filtering, sorting and paging of the files under history rows. */
export function registerLayerCommands(log: Log, layers: LayerTree, comparisons: ComparisonTree, model: ImagesModel, { view }: Pick<Tree<ImagesNode>, 'view'>): vscode.Disposable {
	const showOrder = (): void => { setContextKey(ContextKey.fileOrder, readSetting('files.order')); };
	const showFilter = (): void => {
		setContextKey(ContextKey.filesFiltered, layers.filter !== '');
		view.message = layers.filter === '' ? undefined : vscode.l10n.t('Files: {0}', layers.filter);
	};
	const filter = (text: string): void => {
		layers.setFilter(text);
		showFilter();
	};
	showOrder();
	showFilter();
	return vscode.Disposable.from(
		onSettingChange(['files.order'], () => {
			showOrder();
			model.refresh();
		}),
		registerCommands(log, {
			[Command.filterFiles]: () => askFilter(layers.filter, filter),
			[Command.changeFileFilter]: () => askFilter(layers.filter, filter),
			[Command.clearFileFilter]: () => { filter(''); },
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
async function askFilter(before: string, filter: (text: string) => void): Promise<void> {
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
			timer = setTimeout(() => { filter(text); }, pause);
		});
		box.onDidAccept(() => {
			isAccepted = true;
			box.hide();
		});
		box.onDidHide(() => {
			clearTimeout(timer);
			filter(isAccepted ? box.value : before);
			resolve();
		});
		box.show();
	});
	box.dispose();
}
