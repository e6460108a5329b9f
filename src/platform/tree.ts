import * as vscode from 'vscode';
import type { View } from '../contributions';
import type { Disposable, Event } from '../core/base/event';
import { isCancellation } from '../core/engine/engineError';
import { toAbortSignal } from './cancellation';
import { DrawnTree } from './drawnTree';
import type { Log } from './log';
import { explainFailure, translate } from './messages';

/** What a row shows. Pure functions make it, so that a test reads a tree as text. */
export interface Row {
	/** Unique in its tree and the same after every refresh, so that what is expanded stays so. */
	readonly id: string;
	readonly label: string;
	readonly description?: string | undefined;
	readonly tooltip?: string | undefined;
	/** The whole row in words, for those who do not see icon and colour. */
	readonly accessible: string;
	/** A codicon and, where it says something, a theme colour. */
	readonly icon?: { readonly name: string; readonly color?: string | undefined } | undefined;
	/** Made by `rowUri`: colours the text; with the icons `file` and `folder` it chooses the icon of the file's kind. */
	readonly uri?: vscode.Uri | undefined;
	/** `kind+flag+…`, for `when` clauses. */
	readonly contextValue: string;
	readonly expand: 'leaf' | 'collapsed' | 'expanded';
	readonly command?: vscode.Command | undefined;
}

/** A tree's content. Nodes are plain data, known by the ids of their rows: one that is shown gets the content of its successor. */
export interface TreeModel<N extends object> {
	children(parent: N | undefined): readonly N[] | Promise<readonly N[]>;
	row(node: N): Row;
	/** Needed to reveal a node. */
	parent(node: N): N | undefined;
	/** A tooltip that costs something, made when the pointer rests on the row. */
	tooltip?(node: N, signal: AbortSignal): Promise<string | undefined>;
	/** Fires with the node of which something changed, itself or below, or with undefined for all: of that, what reads otherwise is drawn. */
	readonly onDidChange: Event<N | undefined>;
}

export interface Tree<N extends object> extends vscode.Disposable {
	readonly view: vscode.TreeView<N>;
	/** What is selected, also while the view is being drawn anew: `view.selection` knows only what is drawn. */
	selection(): readonly N[];
	/** Selects a node, opening what is above it. Changes that were just told are drawn first. */
	reveal(node: N, options: { readonly focus: boolean; readonly expand: boolean }): Promise<void>;
	/** Shows work under way in the view's own progress bar. */
	progress<T>(work: () => Promise<T>): Promise<T>;
}

/** How long changes are gathered before the view is asked to draw them, in milliseconds. */
const gather = 80;

/** Shows a model as a view. What fails becomes a row with its action: nothing pops up from a tree. */
export function createTree<N extends object>(id: (typeof View)[keyof typeof View], model: TreeModel<N>, log: Log, options: Pick<vscode.TreeViewOptions<N>, 'dragAndDropController' | 'canSelectMany'> = {}): Tree<N> {
	const changed = new vscode.EventEmitter<N | undefined>();
	const drawn = new DrawnTree(model, node => { changed.fire(node); });
	const failures = new WeakMap<N, { readonly row: Row; readonly parent: N | undefined }>();
	const provider: vscode.TreeDataProvider<N> = {
		onDidChangeTreeData: changed.event,
		getTreeItem: node => toTreeItem(failures.get(node)?.row ?? drawn.row(node)),
		getParent(node) {
			const parent = failures.has(node) ? failures.get(node)?.parent : model.parent(node);
			return parent && drawn.known(parent);
		},
		async getChildren(parent) {
			try {
				return [...await drawn.children(parent)];
			} catch (failure) {
				if (isCancellation(failure)) {
					return [];
				}
				log.error(failure instanceof Error ? failure : String(failure));
				// A failed branch stands in the tree as a node of its own, known here only.
				const node = {} as N;
				failures.set(node, { row: failureRow(parent ? model.row(parent).id : id, failure), parent });
				return [node];
			}
		},
		async resolveTreeItem(item, node, token) {
			if (!failures.has(node)) {
				item.tooltip = await model.tooltip?.(node, toAbortSignal(token)).catch(() => undefined) ?? item.tooltip;
			}
			return item;
		},
	};
	const view = vscode.window.createTreeView(id, { treeDataProvider: provider, showCollapseAll: true, ...options });
	let selected: readonly N[] = [];
	const gathered = gatherChanges<N>(node => drawn.update(node, view.visible));
	const subscriptions = vscode.Disposable.from(
		view.onDidChangeSelection(({ selection }) => { selected = selection; }),
		view.onDidExpandElement(({ element }) => { drawn.fold(element, true); }),
		view.onDidCollapseElement(({ element }) => { drawn.fold(element, false); }),
		model.onDidChange(gathered.add),
	);
	return {
		view,
		selection: () => view.selection.length > 0 ? view.selection : selected,
		async reveal(node, options) {
			await gathered.flush();
			await drawn.reveal(async () => { await view.reveal(drawn.known(node), { select: true, ...options }); });
		},
		progress: work => Promise.resolve(vscode.window.withProgress({ location: { viewId: id } }, work)),
		dispose() {
			subscriptions.dispose();
			gathered.dispose();
			view.dispose();
			changed.dispose();
		},
	};
}

/** Keeps something going as long as a view can be seen. */
export function whileVisible<N>(view: vscode.TreeView<N>, start: () => Disposable): vscode.Disposable {
	let going = view.visible ? start() : undefined;
	const subscription = view.onDidChangeVisibility(({ visible }) => {
		going?.dispose();
		going = visible ? start() : undefined;
	});
	return vscode.Disposable.from(subscription, { dispose: () => { going?.dispose(); } });
}

/** Tells once of many changes that come close together: the first waits a moment for the others. */
function gatherChanges<N extends object>(tell: (node: N | undefined) => Promise<void>): Gathered<N> {
	const waiting = new Set<N | undefined>();
	let timer: NodeJS.Timeout | undefined;
	let telling: Promise<void> = Promise.resolve();
	const flush = async (): Promise<void> => {
		clearTimeout(timer);
		timer = undefined;
		const nodes = waiting.has(undefined) ? [undefined] : [...waiting];
		waiting.clear();
		telling = Promise.allSettled([telling, ...nodes.map(tell)]).then(() => undefined);
		await telling;
	};
	return {
		add(node) {
			waiting.add(node);
			timer ??= setTimeout(() => { void flush(); }, gather);
		},
		flush,
		dispose() { clearTimeout(timer); },
	};
}

interface Gathered<N> {
	add(node: N | undefined): void;
	/** Resolves once all that was told of is on its way to the view. */
	flush(): Promise<void>;
	dispose(): void;
}

function toTreeItem(row: Row): vscode.TreeItem {
	const item = new vscode.TreeItem(row.label, {
		leaf: vscode.TreeItemCollapsibleState.None,
		collapsed: vscode.TreeItemCollapsibleState.Collapsed,
		expanded: vscode.TreeItemCollapsibleState.Expanded,
	}[row.expand]);
	item.id = row.id;
	item.description = row.description;
	// Left undefined it is asked for by `resolveTreeItem`; a string is shown as text, never as markdown.
	item.tooltip = row.tooltip;
	item.accessibilityInformation = { label: row.accessible };
	item.iconPath = row.icon && new vscode.ThemeIcon(row.icon.name, row.icon.color ? new vscode.ThemeColor(row.icon.color) : undefined);
	item.resourceUri = row.uri;
	item.contextValue = row.contextValue;
	item.command = row.command;
	return item;
}

function failureRow(parentId: string, failure: unknown): Row {
	const { message, command } = explainFailure(failure);
	return {
		id: `${parentId}/failure`,
		label: message,
		description: command?.title,
		tooltip: message,
		accessible: translate('Failed: {0}', message),
		icon: { name: 'error', color: 'list.errorForeground' },
		contextValue: 'failure',
		expand: 'leaf',
		command,
	};
}
