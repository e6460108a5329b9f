import { Emitter, type Disposable } from '../../core/base/event';
import type { LayerPhase } from '../../core/transfer';
import { explainFailure, translate } from '../../platform/messages';
import type { Row } from '../../platform/tree';
import type { Transfer, Transfers } from '../../services/transfers';
import { transferLayerRow, transferRow } from '../../words/transfer';

export interface TransferNode { readonly kind: 'transfer'; readonly id: number }
export interface TransferLayerNode { readonly kind: 'transferLayer'; readonly id: string; readonly parent: TransferNode }
export interface TransferFailureNode { readonly kind: 'transferFailure'; readonly parent: TransferNode }
export type TransferTreeNode = TransferNode | TransferLayerNode | TransferFailureNode;

/** Pulls and pushes as rows of the Images view, each layer below. */
export class TransferTree {
	private readonly _onDidChange = new Emitter<TransferNode | undefined>();
	readonly onDidChange = this._onDidChange.event;
	private readonly subscription: Disposable;

	constructor(private readonly transfers: Transfers) {
		this.subscription = transfers.onDidChange(transfer => { this._onDidChange.fire(transfer && nodeOf(transfer)); });
	}

	roots(): readonly TransferNode[] {
		return this.transfers.all.map(nodeOf);
	}

	children(parent: TransferTreeNode): readonly TransferTreeNode[] {
		const transfer = parent.kind === 'transfer' ? this.transfers.find(parent.id) : undefined;
		return transfer === undefined || parent.kind !== 'transfer' ? [] : [
			...transfer.state === 'failed' ? [{ kind: 'transferFailure' as const, parent }] : [],
			...transfer.progress.layers.map(({ id }) => ({ kind: 'transferLayer' as const, id, parent })),
		];
	}

	row(node: TransferTreeNode): Row {
		const root = node.kind === 'transfer' ? node : node.parent;
		const id = `transfer:${String(root.id)}`;
		const transfer = this.transfers.find(root.id);
		const gone: Row = { id, label: '', accessible: '', contextValue: 'gone', expand: 'leaf' };
		if (transfer === undefined) {
			return gone;
		}
		switch (node.kind) {
			case 'transfer':
				return { ...transferRow(transfer, translate), id, icon: stateIcon(transfer), contextValue: `transfer+${transfer.state}`, expand: transfer.state === 'succeeded' ? 'collapsed' : 'expanded' };
			case 'transferFailure': {
				const { message } = explainFailure(transfer.failure);
				return { id: `${id}/failure`, label: message, tooltip: message, accessible: translate('Failed: {0}', message), icon: { name: 'error', color: 'list.errorForeground' }, contextValue: 'failure', expand: 'leaf' };
			}
			case 'transferLayer': {
				const { layers } = transfer.progress;
				const at = layers.findIndex(other => other.id === node.id);
				const layer = layers[at];
				return layer === undefined ? gone : { ...transferLayerRow(layer, { at: at + 1, of: layers.length }, translate), id: `${id}/${node.id}`, icon: phaseIcon(layer.phase), contextValue: 'transferLayer', expand: 'leaf' };
			}
		}
	}

	dispose(): void {
		this.subscription.dispose();
		this._onDidChange.dispose();
	}
}

function nodeOf({ id }: Transfer): TransferNode {
	return { kind: 'transfer', id };
}

function stateIcon({ state, kind }: Transfer): Row['icon'] {
	switch (state) {
		case 'running': return { name: 'sync~spin' };
		case 'succeeded': return { name: kind === 'pull' ? 'cloud-download' : 'cloud-upload', color: 'testing.iconPassed' };
		case 'failed': return { name: 'error', color: 'testing.iconFailed' };
		case 'cancelled': return { name: 'circle-slash' };
	}
}

function phaseIcon(phase: LayerPhase): Row['icon'] {
	switch (phase) {
		case 'waiting': return { name: 'circle-outline' };
		case 'exists': return { name: 'check-all' };
		case 'downloading':
		case 'downloaded': return { name: 'arrow-down' };
		case 'verifying': return { name: 'verified' };
		case 'extracting': return { name: 'package' };
		case 'pushing': return { name: 'arrow-up' };
		case 'retrying': return { name: 'refresh', color: 'list.warningForeground' };
		case 'done': return { name: 'pass', color: 'testing.iconPassed' };
		case 'stopped': return { name: 'circle-slash' };
	}
}
