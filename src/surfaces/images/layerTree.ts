import { Emitter } from '../../core/base/event';
import { isCancellation } from '../../core/engine/engineError';
import { sourceKey, type NamedSource } from '../../core/layerFile';
import type { ChangeNode } from '../../core/layers/changes';
import type { TreeNode } from '../../core/layers/tree';
import { filterPaths, ordered, type FilteredPaths } from '../../core/pathTree';
import { translate } from '../../platform/messages';
import { readSetting } from '../../platform/settings';
import type { Row } from '../../platform/tree';
import type { ExploredImages } from '../../services/exploredImages';
import type { HistoryNode } from './imagesModel';
import { fileOf, treeOf, type LayerTreeNode, type LayerView, type LayerViewNode, type NoteNode, type PathEntryNode } from './layerNodes';
import { entryRow, noteRow, viewRow } from './layerRows';

/** Rows of one folder that are drawn at once; more come when asked for. */
export const pageRows = 500;
/** More matches than this help nobody find a file. */
const mostMatches = 2000;
/** Folders of a filtered tree open by themselves while there are not more matches than these. */
const fewMatches = 100;

/** The files of layers, below history rows. */
export class LayerTree {
	private readonly _onDidChange = new Emitter<LayerTreeNode | HistoryNode | undefined>();
	readonly onDidChange = this._onDidChange.event;
	private filterText = '';
	/** Rows shown of folders that have more than a page, by row id. */
	private readonly shownRows = new Map<string, number>();
	private readonly views = new WeakMap<object, Map<string, LayerViewNode>>();
	/** What a person has open of the whole trees, by row id: it is open again once a filter is taken away. */
	private readonly open = new Set<string>();
	private filtered = new WeakMap<object, FilteredPaths>();
	/** Rows whose reading a person stopped: they are read again when that is asked for, and not because the view is drawn. */
	private readonly stopped = new Set<string>();

	constructor(private readonly explored: ExploredImages) {}

	get filter(): string {
		return this.filterText;
	}

	/** Shows only what the filter leaves, in all views; the empty text shows all. */
	setFilter(text: string): void {
		if (text.trim() !== this.filterText) {
			this.filterText = text.trim();
			this.filtered = new WeakMap();
			this._onDidChange.fire(undefined);
		}
	}

	/** A person opened or closed a row. */
	keepOpen(node: LayerTreeNode, isOpen: boolean): void {
		if (node.kind !== 'note' && this.filterText === '') {
			this.open[isOpen ? 'add' : 'delete'](this.id(node));
		}
	}

	/** The two views of a layer, its layers read where they are not known. */
	async viewsOf(parent: HistoryNode, named: NamedSource): Promise<readonly LayerTreeNode[]> {
		const key = keyOf(parent);
		if (!this.stopped.has(key)) {
			try {
				await this.explored.get(named);
			} catch (failure) {
				if (!isCancellation(failure)) {
					throw failure;
				}
				this.stopped.add(key);
			}
		}
		if (this.stopped.has(key) && this.explored.known(named.source) === undefined) {
			return [{ ...this.note(parent, translate('Cancelled: Read Again')), more: parent }];
		}
		return (['changes', 'files'] as const).flatMap(kind => this.view(parent, named, kind) ?? []);
	}

	/** One of the views, where the image's layers are known. */
	view(parent: HistoryNode, named: NamedSource, kind: LayerView): LayerViewNode | undefined {
		const explored = this.explored.known(named.source);
		const { layer } = parent.row;
		if (explored === undefined || layer === undefined || layer >= explored.stack.length) {
			return undefined;
		}
		// The same object for the same view, so that what was computed for it is found again.
		const known = this.views.get(explored) ?? new Map<string, LayerViewNode>();
		this.views.set(explored, known);
		const key = `${kind} ${String(layer)} ${named.name}`;
		const view = known.get(key) ?? { kind, named, layer, row: parent.row, parent, explored };
		known.set(key, view);
		return view;
	}

	children(parent: LayerTreeNode): readonly LayerTreeNode[] {
		if (parent.kind === 'note') {
			return [];
		}
		const view = parent.kind === 'entry' ? parent.view : parent;
		const tree = treeOf(view);
		const left = this.left(view);
		const all = tree.children(parent.kind === 'entry' ? parent.entry : tree.root);
		const wanted = left === undefined ? all : all.filter(({ path }) => left.shown.has(path));
		const sorted = ordered(tree, wanted, readSetting('files.order'));
		const shown = this.shownRows.get(this.id(parent)) ?? pageRows;
		const entries = sorted.slice(0, shown).map((entry): PathEntryNode => ({ kind: 'entry', entry, view, parent, file: fileOf(view, entry) }));
		return [...entries, ...this.notes(parent, sorted.length, shown, left)];
	}

	/** Draws another page of a folder, or reads again what was cancelled. */
	showMore({ more }: NoteNode): void {
		if (more?.kind === 'history') {
			this.stopped.delete(keyOf(more));
			this._onDidChange.fire(more);
		} else if (more !== undefined) {
			const id = this.id(more);
			this.shownRows.set(id, (this.shownRows.get(id) ?? pageRows) + pageRows);
			this._onDidChange.fire(more);
		}
	}

	/** The node of a path in a view, pages turned up to it; undefined where the view does not have it. */
	find(view: LayerViewNode, path: string): LayerTreeNode | undefined {
		const tree = treeOf(view);
		let node: LayerViewNode | PathEntryNode = view;
		for (const name of path.split('/').filter(part => part !== '')) {
			const entries: readonly (ChangeNode | TreeNode)[] = ordered(tree, tree.children(node.kind === 'entry' ? node.entry : tree.root), readSetting('files.order'));
			const at = entries.findIndex(entry => entry.name === name);
			if (at < 0) {
				return undefined;
			}
			const id = this.id(node);
			if (at >= (this.shownRows.get(id) ?? pageRows)) {
				this.shownRows.set(id, Math.ceil((at + 1) / pageRows) * pageRows);
				this._onDidChange.fire(node);
			}
			node = { kind: 'entry', entry: entries[at]!, view, parent: node, file: fileOf(view, entries[at]!) };
		}
		return node;
	}

	row(node: LayerTreeNode, parentId: string): Row {
		switch (node.kind) {
			case 'changes':
			case 'files':
				return viewRow(node, this.id(node), this.left(node), this.open.has(this.id(node)));
			case 'entry':
				return entryRow(node, this.id(node), this.open.has(this.id(node)) || (this.left(node.view)?.matches ?? Infinity) <= fewMatches);
			case 'note':
				return noteRow(node, `${parentId}/${node.id}`);
		}
	}

	/** Filtered rows are other rows, so that they open by themselves and the others stay as they were. */
	id(node: LayerViewNode | PathEntryNode): string {
		const view = node.kind === 'entry' ? node.view : node;
		const root = [view.kind, sourceKey(view.named.source), view.named.name, String(view.layer), this.filterText].join('|');
		return node.kind === 'entry' ? `${root}|${node.entry.path}` : root;
	}

	dispose(): void {
		this._onDidChange.dispose();
	}

	private left(view: LayerViewNode): FilteredPaths | undefined {
		if (this.filterText === '') {
			return undefined;
		}
		const tree = treeOf(view);
		const known = this.filtered.get(tree) ?? filterPaths(tree, this.filterText, mostMatches);
		this.filtered.set(tree, known);
		return known;
	}

	private notes(parent: LayerViewNode | PathEntryNode, count: number, shown: number, left: FilteredPaths | undefined): readonly NoteNode[] {
		if (count > shown) {
			const next = Math.min(pageRows, count - shown);
			return [{ ...this.note(parent, translate('Show {0} more of {1}', next, count - shown)), more: parent }];
		}
		if (parent.kind !== 'entry' && left?.more === true) {
			return [this.note(parent, translate('More than {0} matches; narrow the filter to see the rest', mostMatches))];
		}
		return count > 0 || parent.kind === 'entry' ? []
			: [this.note(parent, left === undefined ? translate('Nothing changed in this layer') : translate('Nothing matches the filter'))];
	}

	private note(parent: NoteNode['parent'], text: string): NoteNode {
		return { kind: 'note', id: 'note', text, more: undefined, parent };
	}
}

function keyOf({ named, row }: HistoryNode): string {
	return `${sourceKey(named.source)}|${String(row.index)}`;
}
