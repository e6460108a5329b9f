import { Command } from '../../contributions';
import { Emitter, type Disposable } from '../../core/base/event';
import { bytesIn, changeTree, filesIn, type ChangeNode } from '../../core/changeTree';
import type { ContainerSummary } from '../../core/engine/engine';
import { translate } from '../../platform/messages';
import { rowUri } from '../../platform/rowColors';
import type { Row, TreeModel } from '../../platform/tree';
import type { ChangedFileSizes } from '../../services/changedFileSizes';
import type { ContainerStore } from '../../services/containerStore';
import type { ConnectionState, EngineConnection } from '../../services/engineConnection';
import { changedPathRow } from '../../words/containers';
import { changeCounts, containerRow } from '../../words/rows';

export interface ContainerNode { readonly kind: 'container'; readonly container: ContainerSummary }
export interface ChangedNode { readonly kind: 'changed'; readonly changed: ChangeNode; readonly container: ContainerNode; readonly parent: ContainerNode | ChangedNode }
export interface MoreNode { readonly kind: 'more'; readonly text: string; readonly parent: ContainerNode }
export type ContainersNode = ContainerNode | ChangedNode | MoreNode;

/** More rows than this help nobody and slow the tree; the rest is counted. */
const mostChanges = 5000;

/** Each size is a question to the engine; of what holds more files, only those directly in it are measured. */
const mostMeasured = 100;

/** Container → changed files. The changes of a container are read when its row opens. */
export class ContainersModel implements TreeModel<ContainersNode>, Disposable {
	private readonly _onDidChange = new Emitter<ContainersNode | undefined>();
	readonly onDidChange = this._onDidChange.event;
	/** How much each opened container has changed, in words. */
	private readonly counts = new Map<string, string>();
	/** The containers as they were last drawn, by their ids. */
	private nodes: ReadonlyMap<string, ContainerNode> = new Map();
	/** As it was read when it was last told of: no drawing waits for the engine, for meanwhile no command would find its row. */
	private listed: readonly ContainerSummary[] | undefined;
	private watchers = 0;
	private readonly subscriptions: readonly Disposable[];

	constructor(private readonly connection: EngineConnection, private readonly store: ContainerStore, private readonly sizes: ChangedFileSizes) {
		this.subscriptions = [
			connection.onDidChange(({ kind }) => { this.followConnection(kind); }),
			store.onDidChange(() => { void this.follow(); }),
			store.onDidChangeFiles(id => {
				sizes.forget(id);
				if (this.counts.has(id)) {
					this.tell(id);
				}
			}),
		];
	}

	/** Somebody looks: the list is read again when it changes. Else it is when somebody does. */
	watch(): Disposable {
		this.watchers++;
		return { dispose: () => { this.watchers--; } };
	}

	async children(parent: ContainersNode | undefined): Promise<readonly ContainersNode[]> {
		switch (parent?.kind) {
			case undefined:
				return this.roots();
			case 'container':
				return this.changes(parent);
			case 'changed':
				this.measure(parent.container, parent.changed.children);
				return parent.changed.children.map(changed => ({ kind: 'changed', changed, container: parent.container, parent }));
			case 'more':
				return [];
		}
	}

	parent(node: ContainersNode): ContainersNode | undefined {
		return node.kind === 'container' ? undefined : node.parent;
	}

	row(node: ContainersNode): Row {
		switch (node.kind) {
			case 'container':
				return this.containerNodeRow(node.container);
			case 'changed':
				return this.changedRow(node);
			case 'more':
				return { id: `${node.parent.container.id}/more`, label: node.text, accessible: node.text, contextValue: 'more', expand: 'leaf' };
		}
	}

	dispose(): void {
		this.subscriptions.forEach(subscription => { subscription.dispose(); });
		this._onDidChange.dispose();
	}

	private async roots(): Promise<readonly ContainersNode[]> {
		const containers = this.listed ?? await this.store.containers().catch((failure: unknown) => {
			// Without an engine the view's welcome says what to do.
			if (this.connection.state.kind === 'failed') {
				return [];
			}
			throw failure;
		});
		this.nodes = new Map(inOrder(containers).map(container => [container.id, { kind: 'container', container }]));
		return [...this.nodes.values()];
	}

	private async follow(): Promise<void> {
		this.listed = this.watchers === 0 ? undefined : await this.store.containers().catch(() => undefined);
		this._onDidChange.fire(undefined);
	}

	private followConnection(kind: ConnectionState['kind']): void {
		if (kind === 'ready') {
			void this.follow();
		} else if (kind === 'failed') {
			this.listed = undefined;
			this._onDidChange.fire(undefined);
		}
	}

	private async changes(parent: ContainerNode): Promise<readonly ContainersNode[]> {
		const changes = await this.store.changes(parent.container.id);
		const counts = changeCounts(changes, translate);
		if (this.counts.get(parent.container.id) !== counts) {
			this.counts.set(parent.container.id, counts);
			// The container's own row shows the numbers from now on.
			this.tell(parent.container.id);
		}
		const { roots, more } = changeTree(changes, mostChanges);
		this.measure(parent, roots);
		return [
			...roots.map((changed): ContainersNode => ({ kind: 'changed', changed, container: parent, parent })),
			...changes.length === 0 ? [{ kind: 'more' as const, text: translate('Nothing changed since it was created'), parent }] : [],
			...more > 0 ? [{ kind: 'more' as const, text: translate('and {0} more', more), parent }] : [],
		];
	}

	/** The rows are drawn at once, and again when their sizes are known. */
	private measure(container: ContainerNode, nodes: readonly ChangeNode[]): void {
		const all = filesIn(nodes);
		const files = all.length <= mostMeasured ? all : filesIn(nodes.filter(({ children }) => children.length === 0)).slice(0, mostMeasured);
		void this.sizes.measure(container.container.id, files.map(({ path }) => path)).then(isNews => {
			if (isNews) {
				this.tell(container.container.id);
			}
		});
	}

	/** Of a container as it is by now: while its files were read it may have been started or stopped. */
	private tell(id: string): void {
		const node = this.nodes.get(id);
		if (node !== undefined) {
			this._onDidChange.fire(node);
		}
	}

	private changedRow(node: ChangedNode): Row {
		const { changed, container: { container: { id } } } = node;
		const isFolder = changed.children.length > 0;
		return {
			...changedPathRow(changed, bytesIn(changed, path => this.sizes.of(id, path)), translate),
			id: `${id}${changed.path}`,
			icon: { name: isFolder ? 'folder' : 'file' },
			uri: rowUri(changed.change, changed.path),
			contextValue: isFolder ? 'changed' : `changed+leaf+${changed.change ?? ''}`,
			expand: isFolder ? 'collapsed' : 'leaf',
			...isFolder ? {} : { command: { title: translate('Open File'), command: Command.openContainerFile, arguments: [node] } },
		};
	}

	private containerNodeRow(container: ContainerSummary): Row {
		const { description, accessible, ...text } = containerRow(container, translate);
		const counts = this.counts.get(container.id);
		return {
			...text,
			description: counts === undefined ? description : `${description} · ${counts}`,
			accessible: counts === undefined ? accessible : `${accessible}, ${counts}`,
			id: container.id,
			icon: stateIcon(container.state),
			contextValue: `container+${container.state}${container.ports.some(({ protocol }) => protocol === 'tcp') ? '+port' : ''}`,
			expand: 'collapsed',
		};
	}
}

/** Running ones first, then the newest. */
function inOrder(containers: readonly ContainerSummary[]): readonly ContainerSummary[] {
	const rank = ({ state }: ContainerSummary): number => state === 'running' ? 0 : state === 'paused' || state === 'restarting' ? 1 : 2;
	return containers.toSorted((a, b) => rank(a) - rank(b) || b.createdAt - a.createdAt);
}

function stateIcon(state: ContainerSummary['state']): Row['icon'] {
	switch (state) {
		case 'running':
			return { name: 'vm-running', color: 'testing.iconPassed' };
		case 'paused':
			return { name: 'debug-pause', color: 'testing.iconQueued' };
		case 'restarting':
		case 'removing':
			return { name: 'sync' };
		case 'dead':
			return { name: 'error', color: 'testing.iconFailed' };
		default:
			return { name: 'vm-outline' };
	}
}
