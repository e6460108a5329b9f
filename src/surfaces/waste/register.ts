import * as vscode from 'vscode';
import { Command } from '../../contributions';
import { isCancellation } from '../../core/engine/engineError';
import { registerCommands } from '../../platform/commands';
import type { Log } from '../../platform/log';
import { translate } from '../../platform/messages';
import { onSettingChange, readSetting } from '../../platform/settings';
import type { BuildOptionsStore } from '../../services/buildOptionsStore';
import type { BuildRunner } from '../../services/buildRunner';
import type { LineFactsStore } from '../../services/lineFactsStore';
import type { PromisedSavings } from '../../services/promisedSavings';
import type { WasteStore } from '../../services/wasteStore';
import { imageWasteTitle, savingTitle } from '../../words/waste';
import { createWasteProblems } from './problems';
import { registerQuickFixes, type AppliedFix } from './quickFixes';
import { registerWasteLens } from './wasteLens';

export interface WasteSurfaceServices {
	readonly log: Log;
	readonly lineFacts: LineFactsStore;
	readonly waste: WasteStore;
	readonly savings: PromisedSavings;
	readonly runner: BuildRunner;
	readonly buildOptions: BuildOptionsStore;
}

const dockerfiles: vscode.DocumentSelector = { language: 'dockerfile', scheme: 'file' };

/** Measured waste on the lines of a Dockerfile: problems, fixes that say what they save, and what came of them. */
export function registerWaste({ log, lineFacts, waste, savings, runner, buildOptions }: WasteSurfaceServices): vscode.Disposable {
	const problems = createWasteProblems(lineFacts);
	const drawAll = (): void => {
		vscode.workspace.textDocuments.filter(document => vscode.languages.match(dockerfiles, document) > 0).forEach(problems.draw);
	};
	const analyzed = new Set<string>();
	return vscode.Disposable.from(
		problems,
		lineFacts.onDidChange(drawAll),
		vscode.workspace.onDidCloseTextDocument(({ uri }) => { problems.clear(uri); }),
		vscode.workspace.onDidChangeTextDocument(({ document }) => {
			if (vscode.languages.match(dockerfiles, document) > 0) {
				problems.draw(document);
			}
		}),
		onSettingChange(['waste.threshold', 'waste.thresholdPercent'], drawAll),
		registerQuickFixes(dockerfiles, lineFacts, buildOptions),
		registerWasteLens(dockerfiles, lineFacts, waste, savings),
		savings.onDidChange(path => {
			const saving = savings.of(path);
			if (saving?.measured !== undefined) {
				vscode.window.setStatusBarMessage(`$(arrow-down) ${savingTitle(saving.promised, saving.measured, translate)}`, 15_000);
			}
		}),
		runner.onDidChange(({ record }) => {
			const imageId = record?.state === 'succeeded' ? record.imageId : undefined;
			if (record !== undefined && imageId !== undefined && !analyzed.has(imageId) && readSetting('waste.analyze') === 'afterBuild') {
				analyzed.add(imageId);
				waste.analyze(imageId, record.options.tags[0] ?? imageId).catch((failure: unknown) => {
					if (!isCancellation(failure)) {
						log.error(failure instanceof Error ? failure : String(failure));
					}
				});
			}
		}),
		registerCommands(log, {
			[Command.analyzeImage]: async argument => {
				const image = imageOf(lineFacts, argument);
				if (image === undefined) {
					await vscode.window.showInformationMessage(vscode.l10n.t('No image of this Dockerfile is known. Build it first, or select an image for it.'));
					return;
				}
				await waste.analyze(image.id, image.name);
				const found = waste.of(image.id);
				if (found !== undefined) {
					vscode.window.setStatusBarMessage(`$(layers) ${imageWasteTitle(found, translate)}`, 10_000);
				}
			},
			[Command.rememberFix]: async argument => {
				const applied = argument as Partial<AppliedFix> | undefined;
				const imageId = applied?.path === undefined ? undefined : lineFacts.imageOf(applied.path);
				if (applied?.path !== undefined && typeof applied.bytes === 'number' && imageId !== undefined) {
					await savings.promise(applied.path, imageId, applied.bytes);
				}
			},
		}),
	);
}

/** A row of the Images view, a Dockerfile's address, or the Dockerfile in the active editor. */
function imageOf(lineFacts: LineFactsStore, argument: unknown): { readonly id: string; readonly name: string } | undefined {
	if (typeof argument === 'object' && argument !== null && 'kind' in argument && argument.kind === 'image' && 'image' in argument) {
		const { id, references } = argument.image as { readonly id: string; readonly references: readonly string[] };
		return { id, name: references[0] ?? id };
	}
	const document = vscode.window.activeTextEditor?.document;
	const path = argument instanceof vscode.Uri ? argument.fsPath
		: document !== undefined && vscode.languages.match(dockerfiles, document) > 0 ? document.uri.fsPath : undefined;
	const id = path === undefined ? undefined : lineFacts.imageOf(path);
	return id === undefined || path === undefined ? undefined : { id, name: vscode.workspace.asRelativePath(path) };
}
