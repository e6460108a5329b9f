import * as vscode from 'vscode';
import { Emitter, type Disposable } from '../../core/base/event';
import type { ImageSummary } from '../../core/engine/engine';
import { historyMeasure, type HistoryMeasure } from '../../core/engine/historyMeasure';
import type { ImageRow } from '../../core/image/historyRows';
import { filterImages, imageFamilies, type ImageFamily } from '../../core/imageFamilies';
import { translate } from '../../platform/messages';
import { rowUri } from '../../platform/rowColors';
import { readSetting } from '../../platform/settings';
import type { Row, TreeModel } from '../../platform/tree';
import type { ConnectionState, EngineConnection } from '../../services/engineConnection';
import type { ImageChains } from '../../services/imageChains';
import { readImageRows } from '../../services/imageRows';
import { imageSharing } from '../../services/imageSharing';
import type { ImageStore } from '../../services/imageStore';
import type { ImageUsers } from '../../services/imageUsers';
import type { OpenedArchive } from '../../services/openArchives';
import type { ArchiveRowTarget, RowTarget } from '../../services/revealRequests';
import { sharingLines, withImageFacts } from '../../words/imageFamily';
import { historyRow, imageRow, type RowText } from '../../words/rows';
import type { NamedSource } from '../../core/layerFile';
import type { ArchiveImageNode, ArchiveNode, ArchivesTreeNode, ArchiveTree } from './archiveNodes';
import type { ComparisonTree, ComparisonTreeNode } from './comparisonNodes';
import { ImageRoots, type RepositoryNode, type UntaggedNode } from './imageRoots';
import { familyNodes, findInFamilies } from './familyNodes';
import type { LayerTreeNode } from './layerNodes';
import type { LayerTree } from './layerTree';
import { isForSeveral, platformNodes, platformsNode, platformTreeRow, type PlatformNode, type PlatformTreeNode } from './platformNodes';
import { repositoryRow, untaggedRow } from './rootRows';
import type { TransferTree, TransferTreeNode } from './transferNodes';

export interface ImageNode { readonly kind: 'image'; readonly image: ImageSummary; readonly reference: string | undefined; readonly tag: string; readonly named: NamedSource; readonly family?: FamilyPlace; readonly parent: RepositoryNode | UntaggedNode | ImageNode | undefined }
/** In a family tree: what derives from the image, and what it adds to the one above. */
export interface FamilyPlace { readonly derived: readonly ImageFamily[]; readonly added: { readonly bytes: number; readonly layers: number } | undefined }
/** `target` names the row for those who show its Dockerfile line. `named` is what its layer is read from. */
export interface HistoryNode {
	readonly kind: 'history';
	readonly row: ImageRow;
	readonly target: RowTarget | ArchiveRowTarget | undefined;
	readonly named: NamedSource;
	readonly parent: ImageNode | PlatformNode | ArchiveNode | ArchiveImageNode;
}
export type ImagesNode = RepositoryNode | UntaggedNode | ImageNode | PlatformTreeNode | HistoryNode | ArchivesTreeNode | LayerTreeNode | ComparisonTreeNode | TransferTreeNode;

/** Repository → tag → history rows → files; archives from disk below. Lists cost one engine call for all images; an image's rows are read when it opens. */
export class ImagesModel implements TreeModel<ImagesNode>, Disposable {
	private readonly _onDidChange = new Emitter<ImagesNode | undefined>();
	readonly onDidChange = this._onDidChange.event;
	private readonly imageRoots = new ImageRoots();
	private filterText = '';
	/**
	 * The list as it was read when it was last told of. While the view waits for its rows they are not there for commands:
	 * a menu clicked meanwhile would act on nothing, so no drawing waits for the engine once there is something to draw.
	 */
	private listed: readonly ImageSummary[] | undefined;
	private knowsUsers = false;
	private watchers = 0;
	private readonly subscriptions: readonly Disposable[];

	constructor(
		private readonly connection: EngineConnection,
		private readonly store: ImageStore,
		/** Whether an image's rows can be shown in a Dockerfile. */
		private readonly archives: ArchiveTree,
		private readonly layers: LayerTree,
		private readonly comparisons: ComparisonTree,
		private readonly chains: ImageChains,
		private readonly users: ImageUsers,
		private readonly transfers: TransferTree,
	) {
		this.subscriptions = [
			connection.onDidChange(({ kind }) => { this.followConnection(kind); }),
			store.onDidChange(() => { void this.follow(); }),
			users.onOutdated(() => { void this.followUsers(); }),
			users.onDidChange(imageIds => { this.tell(readSetting('images.groupBy') === 'family' ? 'all' : this.imageRoots.holding(imageIds)); }),
			layers.onDidChange(node => { this._onDidChange.fire(node); }),
			comparisons.onDidChange(node => { this._onDidChange.fire(node); }),
			transfers.onDidChange(node => { this._onDidChange.fire(node); }),
		];
	}

	/** Part of a name, or the beginning of an id; empty: all images. */
	get filter(): string {
		return this.filterText;
	}

	setFilter(text: string): void {
		if (text !== this.filterText) {
			this.filterText = text;
			this.refresh();
		}
	}

	/** Somebody looks: lists are read again when they change. Else they are when somebody does. */
	watch(): Disposable {
		this.watchers++;
		return { dispose: () => { this.watchers--; } };
	}

	/** Draws all anew; what the store knows is not asked again. */
	refresh(): void {
		this._onDidChange.fire(undefined);
	}

	/** Draws what the engine's list changed, and no more. */
	private async follow(): Promise<void> {
		this.listed = this.watchers === 0 ? undefined : await this.store.images().catch(() => undefined);
		this.show(this.listed);
	}

	private followConnection(kind: ConnectionState['kind']): void {
		if (kind === 'ready') {
			void this.follow();
		} else if (kind === 'failed') {
			this.listed = undefined;
			this.knowsUsers = false;
			this.refresh();
		}
	}

	private async followUsers(): Promise<void> {
		if (this.watchers === 0) {
			this.knowsUsers = false;
			this.refresh();
		} else {
			// Tells by itself where it is news.
			await this.users.load().catch(() => undefined);
		}
	}

	private show(images: readonly ImageSummary[] | undefined): void {
		this.tell(images === undefined || readSetting('images.groupBy') === 'family' ? 'all' : this.imageRoots.update(filterImages(images, this.filterText), readSetting('images.sort')));
	}

	private tell(changed: readonly ImagesNode[] | 'all'): void {
		for (const node of changed === 'all' ? [undefined] : changed) {
			this._onDidChange.fire(node);
		}
	}

	async children(parent: ImagesNode | undefined): Promise<readonly ImagesNode[]> {
		switch (parent?.kind) {
			case undefined:
				return this.roots();
			case 'repository':
				return parent.repository.tags.map(({ image, reference, tag }) => ({ kind: 'image', image, reference, tag, named: namedImage(image, reference), parent }));
			case 'untagged':
				return parent.images.map(image => ({ kind: 'image', image, reference: undefined, tag: shortId(image.id), named: namedImage(image, undefined), parent }));
			case 'image':
				return [...familyNodes(parent.family?.derived ?? [], parent, readSetting('images.sort')), ...await this.platformsOf(parent), ...await this.historyOf(parent)];
			case 'platforms':
				return platformNodes(parent);
			case 'platform':
				return parent.platform.isReadable ? this.platformHistory(parent) : [];
			case 'archives':
				return this.archives.archivesOf(parent);
			case 'archive':
				return parent.named === undefined ? this.archives.imagesOf(parent) : this.archiveHistory(parent, parent.named);
			case 'archiveImage':
				return this.archiveHistory(parent, parent.named);
			case 'history':
				return parent.row.layer === undefined ? [] : this.layers.viewsOf(parent, parent.named);
			case 'changes':
			case 'files':
			case 'entry':
			case 'note':
				return this.layers.children(parent);
			case 'comparison':
			case 'sharedLayers':
			case 'difference':
			case 'moreDifferences':
				return this.comparisons.children(parent);
			case 'transfer':
			case 'transferLayer':
			case 'transferFailure':
				return this.transfers.children(parent);
		}
	}

	/** The node of an image's row, to reveal it; undefined where the list does not have the image. */
	async find(imageId: string, rowIndex: number | undefined): Promise<ImagesNode | undefined> {
		const images = await this.store.images();
		this.show(images);
		for (const root of await this.layOut(images)) {
			const image = root.kind === 'image' ? findInFamilies([root], imageId, readSetting('images.sort')) : (await this.children(root)).find((node): node is ImageNode => node.kind === 'image' && node.image.id === imageId);
			if (image !== undefined) {
				const rows = rowIndex === undefined ? [] : await this.children(image);
				return rows.find(node => node.kind === 'history' && node.row.index === rowIndex) ?? image;
			}
		}
		return undefined;
	}

	/** What the layers of all images say of one; an image's row has no other tooltip. */
	async tooltip(node: ImagesNode): Promise<string | undefined> {
		if (node.kind !== 'image') {
			return undefined;
		}
		const lines = await imageSharing(this.store, this.chains, node.image.id).then(sharing => sharingLines(sharing, translate, this.measure()), () => []);
		return [this.imageText(node).tooltip, ...lines].join('\n');
	}

	parent(node: ImagesNode): ImagesNode | undefined {
		return 'parent' in node ? node.parent : undefined;
	}

	row(node: ImagesNode): Row {
		switch (node.kind) {
			case 'repository':
				// What a filter found is in sight.
				return this.filterText === '' ? repositoryRow(node.repository) : { ...repositoryRow(node.repository), id: `found:${node.repository.name}`, expand: 'expanded' };
			case 'untagged':
				return untaggedRow(node.images, this.measure());
			case 'image':
				return {
					...this.imageText(node),
					// It takes the layers of other images too, so it is made when somebody looks.
					tooltip: undefined,
					id: imageNodeId(node),
					icon: { name: node.reference === undefined ? 'circle-outline' : 'tag' },
					contextValue: node.reference === undefined ? 'image' : 'tag',
					expand: 'collapsed',
				};
			case 'platforms':
			case 'platform':
				return platformTreeRow(node, imageNodeId(node.kind === 'platforms' ? node.parent : node.parent.parent));
			case 'history':
				return this.historyNodeRow(node);
			case 'archives':
			case 'archive':
			case 'archiveImage':
				return this.archives.row(node);
			case 'changes':
			case 'files':
			case 'entry':
			case 'note':
				return this.layers.row(node, node.kind === 'note' ? this.row(node.parent).id : '');
			case 'comparison':
			case 'sharedLayers':
			case 'difference':
			case 'moreDifferences':
				return this.comparisons.row(node);
			case 'transfer':
			case 'transferLayer':
			case 'transferFailure':
				return this.transfers.row(node);
		}
	}

	dispose(): void {
		this.subscriptions.forEach(subscription => { subscription.dispose(); });
		this._onDidChange.dispose();
	}

	private async roots(): Promise<readonly ImagesNode[]> {
		const images = this.listed ?? await this.store.images().catch((failure: unknown) => {
			// Without an engine the view's welcome says what to do.
			if (this.connection.state.kind === 'failed') {
				return [];
			}
			throw failure;
		});
		return [...this.transfers.roots(), ...this.comparisons.roots(), ...await this.layOut(images), ...this.archives.roots()];
	}

	/** The images that the filter leaves, by repository or as a family tree. */
	private async layOut(images: readonly ImageSummary[]): Promise<readonly (RepositoryNode | UntaggedNode | ImageNode)[]> {
		const shown = filterImages(images, this.filterText);
		if (!this.knowsUsers) {
			await this.users.load().then(() => { this.knowsUsers = true; }, () => undefined);
		}
		const order = readSetting('images.sort');
		if (readSetting('images.groupBy') === 'repository') {
			return this.imageRoots.draw(shown, order);
		}
		const chains = await this.chains.of(shown.map(({ id }) => id)).catch(() => new Map<string, readonly string[]>());
		return familyNodes(imageFamilies(shown, chains), undefined, order);
	}

	private imageText({ image, tag, family }: ImageNode): RowText {
		return withImageFacts(imageRow(image, tag, Date.now(), translate, this.measure()), { usedBy: this.users.of(image.id), added: family?.added, derived: family?.derived.length ?? 0 }, translate);
	}

	private measure(): HistoryMeasure {
		const { state } = this.connection;
		return state.kind === 'ready' ? historyMeasure(state.info) : 'files';
	}

	private async historyOf(parent: ImageNode): Promise<readonly HistoryNode[]> {
		const { named, image: { id } } = parent;
		return this.shown(await readImageRows(this.store, id)).map(row => ({ kind: 'history', row, target: { kind: 'row', imageId: id, row: row.index }, named, parent }));
	}

	private async platformsOf(parent: ImageNode): Promise<readonly ImagesNode[]> {
		return isForSeveral(parent.image) ? [platformsNode(parent, await this.store.details(parent.image.id))] : [];
	}

	/** Its rows have no line: a Dockerfile's lines show the platform that the engine takes. */
	private async platformHistory(parent: PlatformNode): Promise<readonly HistoryNode[]> {
		const { named, platform, parent: { parent: { image } } } = parent;
		return this.shown(await readImageRows(this.store, image.id, platform.name)).map(row => ({ kind: 'history', row, target: undefined, named, parent }));
	}

	private async archiveHistory(parent: ArchiveNode | ArchiveImageNode, named: OpenedArchive): Promise<readonly HistoryNode[]> {
		return this.shown(await this.archives.rowsOf(named)).map(row => ({ kind: 'history', row, target: { kind: 'archiveRow', named, row: row.index }, named, parent }));
	}

	private shown(rows: readonly ImageRow[]): readonly ImageRow[] {
		const wanted = readSetting('images.showEmptyRows') ? rows : rows.filter(row => row.empty !== true);
		return readSetting('images.order') === 'oldestFirst' ? wanted : wanted.toReversed();
	}

	private historyNodeRow({ row, parent, target, named }: HistoryNode): Row {
		return {
			...historyRow(row, Date.now(), translate, named.source.kind === 'engine' ? this.measure() : 'content'),
			id: `${this.row(parent).id}/${String(row.index)}`,
			...row.empty === true
				? { icon: { name: 'circle-outline', color: 'disabledForeground' }, uri: rowUri('dimmed', `/${String(row.index)}`) }
				: { icon: { name: 'layers' } },
			contextValue: ['history', ...target === undefined ? [] : ['line'], ...row.layer === undefined ? [] : ['layer']].join('+'),
			expand: row.layer === undefined ? 'leaf' : 'collapsed',
		};
	}
}

function imageNodeId({ image, reference }: ImageNode): string {
	return reference === undefined ? `image:${image.id}` : `tag:${reference}:${image.id}`;
}

/** By id: what a tag names may change while its files are looked at. */
export function namedImage({ id }: ImageSummary, reference: string | undefined): NamedSource {
	return { source: { kind: 'engine', reference: id }, name: reference ?? shortId(id) };
}

/** The first 12 digits of an id, as the Docker CLI shows it. */
export function shortId(id: string): string {
	return id.replace(/^sha256:/, '').slice(0, 12);
}

/** Whether a command's argument is a node of this view. */
export function isImagesNode(argument: unknown): argument is ImagesNode {
	return typeof argument === 'object' && argument !== null && 'kind' in argument && !(argument instanceof vscode.Uri)
		&& nodeKinds.has(String(argument.kind));
}

const nodeKinds: ReadonlySet<string> = new Set<ImagesNode['kind']>([
	'repository', 'untagged', 'image', 'platforms', 'platform', 'history', 'archives', 'archive', 'archiveImage', 'changes', 'files', 'entry', 'note',
	'comparison', 'sharedLayers', 'difference', 'moreDifferences', 'transfer', 'transferLayer', 'transferFailure',
]);
