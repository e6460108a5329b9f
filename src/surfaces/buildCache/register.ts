import * as vscode from 'vscode';
import { Command, View } from '../../contributions';
import { formatBytes } from '../../core/base/bytes';
import { keepsCacheOnPrune } from '../../core/cache/keepsCacheOnPrune';
import { cacheRemoval, ownRecords } from '../../core/cacheRecordLines';
import { registerCommands } from '../../platform/commands';
import type { Log } from '../../platform/log';
import { translate } from '../../platform/messages';
import { createTree, whileVisible } from '../../platform/tree';
import type { CacheServices } from '../../services/cacheServices';
import type { EngineConnection } from '../../services/engineConnection';
import type { RecordStore } from '../../services/recordStore';
import { removalWords } from '../../words/buildCache';
import { CacheModel, type CacheNode } from './cacheModel';

export interface BuildCacheSurfaceServices {
	readonly log: Log;
	readonly connection: EngineConnection;
	readonly records: RecordStore;
	readonly cache: CacheServices;
}

/** The Build Cache view, and the removal of what is in it. */
export function registerBuildCache({ log, connection, records, cache }: BuildCacheSurfaceServices): vscode.Disposable {
	const model = new CacheModel(connection, records, cache.loss);
	const tree = createTree(View.cache, model, log, { canSelectMany: true });
	const remove = async (ids: ReadonlySet<string>): Promise<void> => {
		const removal = cacheRemoval((await model.listing()).records, ids);
		if (removal.records.length === 0) {
			await vscode.window.showInformationMessage(removal.inUse > 0
				? vscode.l10n.t('All of this is in use and cannot be removed now.') : vscode.l10n.t('The build cache has nothing of this.'));
			return;
		}
		const { engine, info } = await connection.get();
		const { question, detail } = removalWords(removal, translate, !keepsCacheOnPrune(info));
		const yes = vscode.l10n.t('Remove');
		if (await vscode.window.showWarningMessage(question, { modal: true, detail }, yes) !== yes) {
			return;
		}
		const freed = await tree.progress(() => engine.pruneCacheRecords(removal.records.map(({ id }) => id)));
		model.refresh();
		vscode.window.setStatusBarMessage(vscode.l10n.t('$(check) Freed {0}', formatBytes(freed)), 10_000);
	};
	return vscode.Disposable.from(
		whileVisible(tree.view, () => connection.watch()),
		registerCommands(log, {
			[Command.refreshCache]: () => tree.progress(async () => {
				model.refresh();
				await model.listing();
			}),
			[Command.pruneCache]: async (node, nodes) => remove(idsOf(Array.isArray(nodes) ? nodes as CacheNode[] : isNode(node) ? [node] : tree.selection())),
			[Command.pruneCacheOfDockerfile]: async () => {
				const path = activeDockerfile();
				if (path === undefined) {
					await vscode.window.showInformationMessage(vscode.l10n.t('Open a Dockerfile first.'));
					return;
				}
				model.refresh();
				const { records: all, lines } = await model.listing();
				await remove(ownRecords(all, new Set([...lines].filter(([, line]) => line.dockerfilePath === path).map(([id]) => id))));
			},
		}),
		tree, model,
	);
}

function idsOf(nodes: readonly CacheNode[]): ReadonlySet<string> {
	return new Set(nodes.flatMap(node => node.kind === 'group' ? node.records.map(({ record }) => record.id) : [node.record.id]));
}

function isNode(value: unknown): value is CacheNode {
	return typeof value === 'object' && value !== null && 'kind' in value && (value.kind === 'group' || value.kind === 'record');
}

function activeDockerfile(): string | undefined {
	const document = vscode.window.activeTextEditor?.document;
	return document?.languageId === 'dockerfile' && document.uri.scheme === 'file' ? document.uri.fsPath : undefined;
}
