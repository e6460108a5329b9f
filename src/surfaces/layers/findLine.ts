import * as vscode from 'vscode';
import { formatBytes } from '../../core/base/bytes';
import type { LayerFile } from '../../core/layerFile';
import { touchesOf } from '../../core/layers/touch';
import { archiveRows } from '../../core/archiveRows';
import { translate } from '../../platform/messages';
import type { ExploredImages } from '../../services/exploredImages';
import type { LayerLines } from '../../services/layerLines';
import type { LineTarget, RevealRequests } from '../../services/revealRequests';
import { layerChangeWord } from '../../words/layers';
import { oneLine, shorten } from '../../words/rows';

const icons = { added: '$(diff-added)', modified: '$(diff-modified)', removed: '$(diff-removed)' } as const;

interface TouchPick extends vscode.QuickPickItem {
	readonly layer: number;
	readonly line: LineTarget | undefined;
}

/** Every layer that touched a path, with its line; the chosen one is shown in the Dockerfile, else in the tree. */
export async function findLine(explored: ExploredImages, lines: LayerLines, reveals: RevealRequests, file: LayerFile): Promise<void> {
	const picked = await vscode.window.showQuickPick(picksOf(explored, lines, file), {
		title: vscode.l10n.t('Which line put {0} here?', oneLine(file.path)),
		placeHolder: vscode.l10n.t('Layers that touched it, newest first'),
		matchOnDescription: true, matchOnDetail: true,
	});
	if (picked !== undefined) {
		reveals.reveal(picked.line ?? { kind: 'file', file: { ...file, layer: picked.layer }, view: 'changes' });
	}
}

async function picksOf(explored: ExploredImages, lines: LayerLines, file: LayerFile): Promise<TouchPick[]> {
	const { image, stack } = await explored.get(file);
	const rows = archiveRows(image);
	const picks = await Promise.all(touchesOf(stack, file.path).map(async ({ layer, change, entry }): Promise<TouchPick> => {
		const line = await lines.lineOf(file.source, layer).catch(() => undefined);
		const size = entry.kind === 'directory' ? undefined : formatBytes(entry.size);
		return {
			label: `${icons[change]} ${shorten(oneLine(rows[layer]?.instruction ?? ''), 120) || translate('(no command)')}`,
			description: [layerChangeWord(change, translate), ...size === undefined ? [] : [size]].join(' · '),
			detail: line === undefined ? translate('Layer {0}', layer) : translate('Layer {0} · line {1} of {2}', layer, line.line, vscode.workspace.asRelativePath(line.path)),
			layer, line,
		};
	}));
	return picks.reverse();
}
