import * as vscode from 'vscode';

/** An entry of a page of options; entries without an action only separate. */
export type PageEntry<A extends string> = vscode.QuickPickItem & { readonly action: A | undefined };

export interface OptionsPage<A extends string> {
	readonly title: string;
	readonly placeholder: string;
	/** The first has the focus, so that Enter does what the page is for, whatever was changed before. */
	entries(): PageEntry<A>[];
	/** Something that the entries show is still being looked for. */
	isBusy?(): boolean;
	/** Told how to draw the open page anew, and that it is closed (undefined). */
	onRedraw?(draw: (() => void) | undefined): void;
}

/** Shows all options on one page, each with its value, and gives what was chosen; undefined where the person left. */
export function showPage<A extends string>(page: OptionsPage<A>): Promise<A | undefined> {
	const pick = vscode.window.createQuickPick<PageEntry<A>>();
	pick.title = page.title;
	pick.placeholder = page.placeholder;
	pick.ignoreFocusOut = true;
	pick.matchOnDescription = true;
	const draw = (): void => {
		const focused = pick.activeItems[0]?.action;
		pick.items = page.entries();
		pick.busy = page.isBusy?.() ?? false;
		pick.activeItems = pick.items.filter(({ action }, at) => focused === undefined ? at === 0 : action === focused);
	};
	draw();
	page.onRedraw?.(draw);
	return new Promise(resolve => {
		pick.onDidAccept(() => {
			resolve(pick.selectedItems[0]?.action);
			pick.hide();
		});
		pick.onDidHide(() => {
			page.onRedraw?.(undefined);
			resolve(undefined);
			pick.dispose();
		});
		pick.show();
	});
}

/** What separates groups of entries. */
export function separator(label = ''): PageEntry<never> {
	return { label, kind: vscode.QuickPickItemKind.Separator, action: undefined };
}

/** A box for one value; leaving it changes nothing. */
export async function askValue(options: vscode.InputBoxOptions & { readonly value: string }): Promise<string> {
	return (await vscode.window.showInputBox({ ignoreFocusOut: true, ...options }))?.trim() ?? options.value;
}
