import * as vscode from 'vscode';
import { Command } from '../../contributions';
import { translate } from '../../platform/messages';
import { onSettingChange, readSetting } from '../../platform/settings';
import type { LineFactsStore } from '../../services/lineFactsStore';
import type { PromisedSavings } from '../../services/promisedSavings';
import type { WasteStore } from '../../services/wasteStore';
import { imageWasteTitle, savingTitle } from '../../words/waste';

/** What the whole image wastes, over the FROM of its last stage; before it is known, the offer to find out. */
export function registerWasteLens(selector: vscode.DocumentSelector, store: LineFactsStore, waste: WasteStore, savings: PromisedSavings): vscode.Disposable {
	const changed = new vscode.EventEmitter<void>();
	const refresh = (): void => { changed.fire(); };
	return vscode.Disposable.from(
		changed,
		store.onDidChange(refresh),
		savings.onDidChange(refresh),
		onSettingChange(['lines.show'], refresh),
		vscode.languages.registerCodeLensProvider(selector, {
			onDidChangeCodeLenses: changed.event,
			provideCodeLenses({ uri, getText }) {
				const { resolved, isBuilding } = store.facts(uri.fsPath, getText());
				const imageId = store.imageOf(uri.fsPath);
				const from = resolved.target === undefined ? undefined : resolved.dockerfile.stages[resolved.target]?.instructions[0];
				if (imageId === undefined || from === undefined || isBuilding || readSetting('lines.show') !== 'lens') {
					return [];
				}
				const line = resolved.dockerfile.instructions[from]!.line - 1;
				const range = new vscode.Range(line, 0, line, 0);
				const known = waste.of(imageId);
				const saving = savings.of(uri.fsPath);
				return [
					new vscode.CodeLens(range, known === undefined
						? { title: vscode.l10n.t('$(search) Analyze Layers'), tooltip: vscode.l10n.t('Read the layers of its image and find what they waste'), command: Command.analyzeImage, arguments: [uri] }
						: { title: imageWasteTitle(known, translate), tooltip: vscode.l10n.t('Bytes of lower layers that nobody can reach'), command: Command.showTreemap, arguments: [uri] }),
					...saving?.measured === undefined ? [] : [new vscode.CodeLens(range, { title: savingTitle(saving.promised, saving.measured, translate), command: '' })],
				];
			},
		}),
	);
}
