import * as vscode from 'vscode';
import { Emitter, type Disposable } from '../../core/base/event';
import type { LintWarning } from '../../core/build/events';
import type { BuildFailure, OtherStep } from '../../core/build/run';
import type { Reason } from '../../core/cache/reason';
import type { LineFacts } from '../../core/lineFacts';
import type { Row, TreeModel } from '../../platform/tree';
import type { BaselineStore } from '../../services/baselineStore';
import type { Build, BuildRunner } from '../../services/buildRunner';
import type { EngineConnection } from '../../services/engineConnection';
import type { RecordStore } from '../../services/recordStore';
import type { LineTarget } from '../../services/revealRequests';
import { itemOfBuild, itemOfRecord, type BuildItem } from './buildItem';
import { buildsRow } from './buildsRow';

export interface DockerfileNode { readonly kind: 'dockerfile'; readonly path: string }
export interface RunNode {
	readonly kind: 'run';
	readonly item: BuildItem;
	/** The build before of the same target and platform, the newest that succeeded. */
	readonly previous: BuildItem | undefined;
	/** Whether later builds are compared with it. */
	readonly isPinned: boolean;
	readonly parent: DockerfileNode | undefined;
}
export interface StageNode { readonly kind: 'stage'; readonly stage: number; readonly parent: RunNode }
export interface StepNode { readonly kind: 'step'; readonly facts: LineFacts; readonly target: LineTarget; readonly run: RunNode; readonly parent: RunNode | StageNode }
export interface OthersNode { readonly kind: 'others'; readonly parent: RunNode }
export interface OtherNode { readonly kind: 'other'; readonly other: OtherStep; readonly index: number; readonly parent: OthersNode }
export interface WarningsNode { readonly kind: 'warnings'; readonly parent: RunNode }
export interface WarningNode { readonly kind: 'warning'; readonly warning: LintWarning; readonly index: number; readonly target: LineTarget | undefined; readonly parent: WarningsNode }
/** What went wrong where no step failed, or in which words one did. */
export interface ErrorNode { readonly kind: 'error'; readonly failure: BuildFailure; readonly logTail: string | undefined; readonly parent: RunNode | StepNode }
/** Why a step ran that could have come from the cache. */
export interface ReasonNode { readonly kind: 'reason'; readonly reason: Reason; readonly parent: StepNode }
export type BuildsNode = DockerfileNode | RunNode | StageNode | StepNode | OthersNode | OtherNode | WarningsNode | WarningNode | ErrorNode | ReasonNode;

/** The active Dockerfile's runs, newest first, then the other Dockerfiles; run → stage → step. */
export class BuildsModel implements TreeModel<BuildsNode>, Disposable {
	private readonly _onDidChange = new Emitter<BuildsNode | undefined>();
	readonly onDidChange = this._onDidChange.event;
	/** Builds of this session by id, in order of their beginning. */
	private readonly session = new Map<string, Build>();
	private readonly subscriptions: readonly Disposable[];
	private active: string | undefined;
	/** Ids of pinned builds by Dockerfile and target, as far as they were asked for. */
	private readonly pinned = new Map<string, Promise<string | undefined>>();

	constructor(
		private readonly connection: EngineConnection,
		runner: BuildRunner,
		private readonly records: RecordStore,
		private readonly baselines: BaselineStore,
		/** Whether a Dockerfile's builds are shown at all: those of other workspaces are not. */
		private readonly concerns: (path: string) => boolean,
	) {
		const refresh = (): void => { this._onDidChange.fire(undefined); };
		this.subscriptions = [
			runner.onDidChange(build => {
				this.session.set(build.id, build);
				this.active ??= build.options.dockerfilePath;
				refresh();
			}),
			records.onDidChange(refresh),
			records.onDidDelete(path => {
				const gone = [...this.session.values()].filter(({ options, run }) => run.state !== 'running' && (path === undefined || options.dockerfilePath === path));
				gone.forEach(({ id }) => this.session.delete(id));
				refresh();
			}),
			connection.onDidChange(refresh),
			baselines.onDidChange(() => {
				this.pinned.clear();
				refresh();
			}),
		];
	}

	/** The Dockerfile whose runs stand on top. */
	get activePath(): string | undefined {
		return this.active;
	}

	activate(path: string): void {
		if (this.active !== path) {
			this.active = path;
			this._onDidChange.fire(undefined);
		}
	}

	/** The newest build of this session, of a Dockerfile or of any. */
	latest(path?: string): Build | undefined {
		return [...this.session.values()].reverse().find(build => path === undefined || build.options.dockerfilePath === path);
	}

	build(id: string): Build | undefined {
		return this.session.get(id);
	}

	async children(parent: BuildsNode | undefined): Promise<readonly BuildsNode[]> {
		switch (parent?.kind) {
			case undefined:
				return this.roots();
			case 'dockerfile':
				return this.runsOf(await this.items(), parent.path, parent);
			case 'run':
				return runChildren(parent);
			case 'stage':
				return stepsOf(parent.parent, parent, facts => facts.stage === parent.stage);
			case 'step':
				return [
					...parent.facts.outcome === 'failed' && parent.run.item.error !== undefined
						? [{ kind: 'error' as const, failure: parent.run.item.error, logTail: parent.facts.logTail, parent }] : [],
					...saysWhy(parent.facts.reason) ? [{ kind: 'reason' as const, reason: parent.facts.reason, parent }] : [],
				];
			case 'others':
				return parent.parent.item.build?.run.others.map((other, index) => ({ kind: 'other', other, index, parent })) ?? [];
			case 'warnings':
				return parent.parent.item.warnings.map((warning, index) => ({
					kind: 'warning', warning, index, parent,
					target: warning.startLine === undefined ? undefined : { kind: 'line', path: parent.parent.item.path, line: warning.startLine },
				}));
			case 'other':
			case 'warning':
			case 'error':
			case 'reason':
				return [];
		}
	}

	parent(node: BuildsNode): BuildsNode | undefined {
		return node.kind === 'dockerfile' ? undefined : node.parent;
	}

	row(node: BuildsNode): Row {
		return buildsRow(node, vscode.workspace.asRelativePath);
	}

	dispose(): void {
		this.subscriptions.forEach(subscription => { subscription.dispose(); });
		this._onDidChange.dispose();
	}

	private async roots(): Promise<readonly BuildsNode[]> {
		const items = await this.items();
		this.active ??= items[0]?.path;
		const others = [...new Set(items.map(({ path }) => path))].filter(path => path !== this.active).sort();
		return [
			...this.active === undefined ? [] : await this.runsOf(items, this.active, undefined),
			...others.map(path => ({ kind: 'dockerfile' as const, path })),
		];
	}

	private async runsOf(all: readonly BuildItem[], path: string, parent: DockerfileNode | undefined): Promise<readonly RunNode[]> {
		const items = all.filter(item => item.path === path);
		return Promise.all(items.map(async (item, at) => ({
			kind: 'run' as const, item, parent,
			previous: items.slice(at + 1).find(({ state, target, platform }) => state === 'succeeded' && target === item.target && platform === item.platform),
			isPinned: await this.pinnedOf(item) === item.id,
		})));
	}

	private pinnedOf({ path, target }: BuildItem): Promise<string | undefined> {
		const key = JSON.stringify([path, target]);
		const known = this.pinned.get(key) ?? this.baselines.get({ dockerfilePath: path, target }).then(record => record?.id);
		this.pinned.set(key, known);
		return known;
	}

	/** All builds there are to show, newest first. */
	private async items(): Promise<readonly BuildItem[]> {
		const session = [...this.session.values()].map(itemOfBuild);
		const kept = await this.keptRecords();
		return [
			...session,
			...kept.filter(({ id, dockerfilePath }) => !this.session.has(id) && this.concerns(dockerfilePath)).map(itemOfRecord),
		].sort((a, b) => b.startedAt - a.startedAt);
	}

	/** Records belong to an engine; without one only this session's builds are known. */
	private async keptRecords(): ReturnType<RecordStore['listEngine']> {
		try {
			const { info } = await this.connection.get();
			return await this.records.listEngine(info.id);
		} catch {
			return [];
		}
	}
}

/** Whether a reason is worth a row: that of a first build goes without saying. */
export function saysWhy(reason: Reason | undefined): reason is Reason {
	return reason !== undefined && reason.kind !== 'neverBuilt';
}

function runChildren(run: RunNode): readonly BuildsNode[] {
	const { item } = run;
	const { dockerfile, lines } = item.content();
	const isShown = (stage: number): boolean => lines.some(facts => facts.stage === stage && facts.outcome !== undefined);
	const stages = dockerfile.stages.filter(({ index }) => isShown(index));
	const inSteps = item.error?.instruction !== undefined;
	return [
		...item.error !== undefined && !inSteps ? [{ kind: 'error' as const, failure: item.error, logTail: undefined, parent: run }] : [],
		...stepsOf(run, run, facts => facts.stage === undefined),
		...stages.length === 1 && dockerfile.stages.length === 1
			? stepsOf(run, run, facts => facts.stage === 0)
			: stages.map(({ index }) => ({ kind: 'stage' as const, stage: index, parent: run })),
		...item.warnings.length > 0 ? [{ kind: 'warnings' as const, parent: run }] : [],
		...(item.build?.run.others.length ?? 0) > 0 ? [{ kind: 'others' as const, parent: run }] : [],
	];
}

function stepsOf(run: RunNode, parent: RunNode | StageNode, belongs: (facts: LineFacts) => boolean): readonly StepNode[] {
	return run.item.content().lines
		.filter(facts => facts.outcome !== undefined && belongs(facts))
		.map(facts => ({ kind: 'step', facts, target: { kind: 'line', path: run.item.path, line: facts.line }, run, parent }));
}
