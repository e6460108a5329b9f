import * as vscode from 'vscode';
import { formatBytes } from '../../core/base/bytes';
import type { LayerFile } from '../../core/layerFile';
import { touchesOf } from '../../core/layers/touch';
import { layerInstructions } from '../../core/archiveRows';
import { translate } from '../../platform/messages';
import type { ExploredImages } from '../../services/exploredImages';
import type { LayerLine, LayerLines } from '../../services/layerLines';
import type { RevealRequests } from '../../services/revealRequests';
import { layerChangeWord } from '../../words/layers';
import { oneLine, shorten } from '../../words/rows';

const icons = { added: '$(diff-added)', modified: '$(diff-modified)', removed: '$(diff-removed)' } as const;

interface TouchPick extends vscode.QuickPickItem {
	readonly layer: number;
	readonly line: LayerLine | undefined;
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
	const instructions = layerInstructions(image);
	// Without the engine there are no lines; the layers are known all the same.
	const lineOf = await lines.linesOf(file).catch(() => new Map<number, LayerLine>());
	return touchesOf(stack, file.path).map(({ layer, change, entry }): TouchPick => {
		const line = lineOf.get(layer);
		const size = entry.kind === 'directory' ? undefined : formatBytes(entry.size);
		return {
			label: `${icons[change]} ${shorten(oneLine(instructions[layer] ?? ''), 120) || translate('(no command)')}`,
			description: [layerChangeWord(change, translate), ...size === undefined ? [] : [size]].join(' · '),
			detail: [translate('Layer {0}', layer), ...line === undefined ? [] : [placeOf(line)]].join(' · '),
			layer, line,
		};
	}).reverse();
}

function placeOf({ line, path, isBase }: LayerLine): string {
	const file = vscode.workspace.asRelativePath(path);
	return isBase ? translate('from the base image, line {0} of {1}', line, file) : translate('line {0} of {1}', line, file);
}
