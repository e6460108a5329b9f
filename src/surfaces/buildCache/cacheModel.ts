import { basename } from 'node:path';
import * as vscode from 'vscode';
import { Command } from '../../contributions';
import { formatBytes } from '../../core/base/bytes';
import { Emitter, type Disposable } from '../../core/base/event';
import { groups } from '../../core/base/groups';
import { cacheRecordLines, type RecordLine } from '../../core/cacheRecordLines';
import type { CacheRecord } from '../../core/engine/engine';
import { translate as t } from '../../platform/messages';
import type { Row, TreeModel } from '../../platform/tree';
import type { CacheLoss } from '../../services/cacheLoss';
import type { EngineConnection } from '../../services/engineConnection';
import type { RecordStore } from '../../services/recordStore';
import type { LineTarget } from '../../services/revealRequests';
import { oneLine } from '../../words/rows';
import { recordKind, recordKindTitle, recordRow, type RecordKind } from '../../words/buildCache';

/** Records of one stage of a Dockerfile, or of one kind where no Dockerfile is known. */
export interface GroupNode { readonly kind: 'group'; readonly id: string; readonly label: string; readonly icon: string; readonly dockerfilePath: string | undefined; readonly records: readonly RecordNode[] }
export interface RecordNode { readonly kind: 'record'; readonly record: CacheRecord; readonly line: RecordLine | undefined; readonly target: LineTarget | undefined }
export type CacheNode = GroupNode | RecordNode;

/** The engine's build cache as it was when somebody last asked for it. */
interface Listing {
	readonly records: readonly CacheRecord[];
	readonly lines: ReadonlyMap<string, RecordLine>;
	readonly groups: readonly GroupNode[];
}

/** Stage or kind → record. Read when the view opens, on refresh and after a prune; never by a timer. */
export class CacheModel implements TreeModel<CacheNode>, Disposable {
	private readonly _onDidChange = new Emitter<CacheNode | undefined>();
	readonly onDidChange = this._onDidChange.event;
	private reading: Promise<Listing> | undefined;
	private readonly subscriptions: readonly Disposable[];

	constructor(private readonly connection: EngineConnection, private readonly builds: RecordStore, private readonly loss: CacheLoss) {
		this.subscriptions = [
			connection.onDidChange(() => { this.refresh(); }),
			connection.onEvent(({ type, action }) => {
				if (type === 'builder' && action === 'prune') {
					this.refresh();
				}
			}),
		];
	}

	refresh(): void {
		this.reading = undefined;
		this._onDidChange.fire(undefined);
	}

	/** All there is; read now unless it is known. Throws `EngineError`. */
	async listing(): Promise<Listing> {
		const reading = this.reading ??= this.read();
		reading.catch(() => {
			if (this.reading === reading) {
				this.reading = undefined;
			}
		});
		return reading;
	}

	async children(parent: CacheNode | undefined): Promise<readonly CacheNode[]> {
		return parent === undefined ? (await this.listing()).groups : parent.kind === 'group' ? parent.records : [];
	}

	parent(): undefined {
		return undefined;
	}

	row(node: CacheNode): Row {
		return node.kind === 'group' ? groupRow(node) : recordNodeRow(node);
	}

	dispose(): void {
		this.subscriptions.forEach(subscription => { subscription.dispose(); });
		this._onDidChange.dispose();
	}

	private async read(): Promise<Listing> {
		const { engine, info } = await this.connection.get();
		const at = Date.now();
		const [records, builds] = await Promise.all([engine.cacheRecords(), this.builds.listEngine(info.id)]);
		await this.loss.surveyed(info, records, at);
		const lines = cacheRecordLines(records, builds);
		return { records, lines, groups: groupsOf(records, lines) };
	}
}

const kinds: readonly RecordKind[] = ['step', 'base', 'mount', 'context', 'other'];

function groupsOf(records: readonly CacheRecord[], lines: ReadonlyMap<string, RecordLine>): readonly GroupNode[] {
	const nodes = records.map((record): RecordNode => {
		const line = lines.get(record.id);
		return { kind: 'record', record, line, target: line && { kind: 'line', path: line.dockerfilePath, line: line.line } };
	});
	const stages = groups(nodes.flatMap(node => node.line === undefined ? [] : [[`${node.line.dockerfilePath}\n${node.line.stage}`, node] as const]));
	const ofDockerfiles = [...stages].map(([id, inside]): GroupNode => {
		const { dockerfilePath, stage } = inside[0]!.line!;
		const label = t('{0}, stage {1}', vscode.workspace.asRelativePath(dockerfilePath), oneLine(stage));
		return { kind: 'group', id, label, icon: 'layers', dockerfilePath, records: inside.toSorted((a, b) => a.line!.line - b.line!.line) };
	}).sort((a, b) => a.label < b.label ? -1 : 1);
	const ofKinds = kinds.map((kind): GroupNode => ({
		kind: 'group', id: kind, label: recordKindTitle(kind, t), icon: 'database', dockerfilePath: undefined,
		records: nodes.filter(({ line, record }) => line === undefined && recordKind(record) === kind).sort((a, b) => b.record.sizeBytes - a.record.sizeBytes),
	}));
	return [...ofDockerfiles, ...ofKinds.filter(group => group.records.length > 0)];
}

function groupRow({ id, label, icon, dockerfilePath, records }: GroupNode): Row {
	const size = formatBytes(records.reduce((sum, { record }) => sum + record.sizeBytes, 0));
	const count = records.length === 1 ? t('1 record') : t('{0} records', records.length);
	return {
		id: `group/${id}`, label: `${size} · ${label}`, description: count, tooltip: dockerfilePath === undefined ? label : `${basename(dockerfilePath)}\n${dockerfilePath}`,
		accessible: `${label}, ${size}, ${count}`, icon: { name: icon }, contextValue: 'group', expand: 'collapsed',
	};
}

function recordNodeRow({ record, line, target }: RecordNode): Row {
	return {
		...recordRow(record, line, Date.now(), t),
		id: `record/${record.id}`,
		icon: { name: record.inUse ? 'lock' : 'archive' },
		contextValue: ['record', ...target === undefined ? [] : ['line'], ...record.inUse ? ['inUse'] : []].join('+'),
		expand: 'leaf',
		command: target && { title: t('Go to Dockerfile Line'), command: Command.revealLine, arguments: [target] },
	};
}
