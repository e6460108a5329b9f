import { Emitter } from '../../core/base/event';
import { differenceTree, type DifferenceNode } from '../../core/differenceTree';
import type { LayerFile } from '../../core/layerFile';
import { ordered, type PathTree } from '../../core/pathTree';
import { Command } from '../../contributions';
import { translate } from '../../platform/messages';
import { rowUri } from '../../platform/rowColors';
import { readSetting } from '../../platform/settings';
import type { Row } from '../../platform/tree';
import type { Comparison, Comparisons } from '../../services/comparisons';
import { comparisonRow, differenceRow, sharedLayersRow } from '../../words/comparison';
import { pageRows } from './layerTree';

export interface ComparisonNode { readonly kind: 'comparison'; readonly comparison: Comparison }
export interface SharedLayersNode { readonly kind: 'sharedLayers'; readonly parent: ComparisonNode }
export interface DifferenceRowNode { readonly kind: 'difference'; readonly node: DifferenceNode; readonly comparison: ComparisonNode; readonly parent: ComparisonNode | DifferenceRowNode; readonly file: LayerFile }
export interface MoreDifferencesNode { readonly kind: 'moreDifferences'; readonly text: string; readonly parent: ComparisonNode | DifferenceRowNode; readonly hasMore: boolean }
export type ComparisonTreeNode = ComparisonNode | SharedLayersNode | DifferenceRowNode | MoreDifferencesNode;

/** Two files, one of which may be missing, for the editor's diff. */
export interface FilePair {
	readonly left: LayerFile | undefined;
	readonly right: LayerFile | undefined;
}

/** Comparisons of two images, as rows of their own. */
export class ComparisonTree {
	private readonly _onDidChange = new Emitter<ComparisonTreeNode>();
	readonly onDidChange = this._onDidChange.event;
	private readonly nodes = new WeakMap<Comparison, { readonly node: ComparisonNode; readonly tree: PathTree<DifferenceNode> }>();
	private readonly shownRows = new Map<string, number>();

	constructor(private readonly comparisons: Comparisons) {}

	roots(): readonly ComparisonNode[] {
		return this.comparisons.all.map(comparison => this.of(comparison).node);
	}

	nodeOf(comparison: Comparison): ComparisonNode {
		return this.of(comparison).node;
	}

	children(parent: ComparisonTreeNode): readonly ComparisonTreeNode[] {
		if (parent.kind === 'sharedLayers' || parent.kind === 'moreDifferences') {
			return [];
		}
		const root = parent.kind === 'comparison' ? parent : parent.comparison;
		const { tree } = this.of(root.comparison);
		const all = ordered(tree, tree.children(parent.kind === 'comparison' ? tree.root : parent.node), readSetting('files.order'));
		const shown = this.shownRows.get(this.id(parent)) ?? pageRows;
		return [
			...parent.kind === 'comparison' ? [{ kind: 'sharedLayers' as const, parent }] : [],
			...all.slice(0, shown).map(node => ({ kind: 'difference' as const, node, comparison: root, parent, file: fileOf(root.comparison, node) })),
			...all.length > shown ? [{ kind: 'moreDifferences' as const, text: translate('Show {0} more of {1}', Math.min(pageRows, all.length - shown), all.length - shown), parent, hasMore: true }] : [],
			...all.length === 0 && parent.kind === 'comparison' ? [{ kind: 'moreDifferences' as const, text: translate('No file differs'), parent, hasMore: false }] : [],
		];
	}

	showMore({ parent }: MoreDifferencesNode): void {
		const id = this.id(parent);
		this.shownRows.set(id, (this.shownRows.get(id) ?? pageRows) + pageRows);
		this._onDidChange.fire(parent);
	}

	row(node: ComparisonTreeNode): Row {
		switch (node.kind) {
			case 'comparison':
				return {
					...comparisonRow(node.comparison, this.of(node.comparison).tree.root.totals, translate),
					id: this.id(node), icon: { name: 'compare-changes' }, contextValue: 'comparison', expand: 'expanded',
				};
			case 'sharedLayers':
				return { ...sharedLayersRow(node.parent.comparison.result, translate), id: `${this.id(node.parent)}/layers`, icon: { name: 'layers' }, contextValue: 'sharedLayers', expand: 'leaf' };
			case 'difference':
				return this.differenceNodeRow(node);
			case 'moreDifferences':
				return {
					id: `${this.id(node.parent)}/more`, label: node.text, accessible: node.text, contextValue: 'note', expand: 'leaf',
					icon: { name: node.hasMore ? 'ellipsis' : 'info' },
					command: node.hasMore ? { title: node.text, command: Command.showMoreFiles, arguments: [node] } : undefined,
				};
		}
	}

	dispose(): void {
		this._onDidChange.dispose();
	}

	private differenceNodeRow(node: DifferenceRowNode): Row {
		const { difference, children } = node.node;
		const entry = difference?.b ?? difference?.a;
		const isFolder = entry === undefined || entry.kind === 'directory' || children.length > 0;
		const { a, b, topA, topB } = node.comparison.comparison;
		const isText = difference !== undefined && (entry?.kind === 'file' || entry?.kind === 'hardlink');
		const pair: FilePair = {
			left: difference?.a === undefined ? undefined : { ...a, layer: topA, path: node.node.path },
			right: difference?.b === undefined ? undefined : { ...b, layer: topB, path: node.node.path },
		};
		return {
			...differenceRow(node.node, translate),
			id: this.id(node),
			icon: { name: isFolder ? 'folder' : 'file' },
			uri: rowUri(difference?.change, node.node.path),
			contextValue: isFolder ? 'folder' : 'file',
			expand: isFolder && children.length > 0 ? 'collapsed' : 'leaf',
			command: isText ? { title: translate('Compare'), command: Command.compareLayerFiles, arguments: [pair] } : undefined,
		};
	}

	private id(node: ComparisonNode | DifferenceRowNode): string {
		const root = node.kind === 'comparison' ? node : node.comparison;
		const key = ['comparison', JSON.stringify(root.comparison.a), JSON.stringify(root.comparison.b)].join('|');
		return node.kind === 'comparison' ? key : `${key}|${node.node.path}`;
	}

	private of(comparison: Comparison): { readonly node: ComparisonNode; readonly tree: PathTree<DifferenceNode> } {
		const known = this.nodes.get(comparison) ?? { node: { kind: 'comparison' as const, comparison }, tree: differenceTree(comparison.result.files) };
		this.nodes.set(comparison, known);
		return known;
	}
}

/** The file as the second image has it; of what only the first has, that. */
function fileOf({ a, b, topA, topB }: Comparison, { difference, path }: DifferenceNode): LayerFile {
	return difference !== undefined && difference.b === undefined ? { ...a, layer: topA, path } : { ...b, layer: topB, path };
}
