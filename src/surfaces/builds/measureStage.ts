import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import * as vscode from 'vscode';
import { Command } from '../../contributions';
import { parseDockerfile } from '../../core/dockerfile/parse';
import type { LineFacts } from '../../core/lineFacts';
import { readBuildDefaults } from '../../platform/buildDefaults';
import { longWork } from '../../platform/longWork';
import { translate } from '../../platform/messages';
import { requireTrust } from '../../platform/trust';
import type { BuildOptionsStore } from '../../services/buildOptionsStore';
import type { EngineConnection } from '../../services/engineConnection';
import type { LineFactsStore } from '../../services/lineFactsStore';
import { nextBuild } from '../../services/nextBuild';
import type { StageMeasurer } from '../../services/stageMeasurer';
import { describeBuildFailure } from '../../words/build';
import { oneLine } from '../../words/rows';

export interface MeasureStageServices {
	readonly connection: EngineConnection;
	readonly lineFacts: LineFactsStore;
	readonly measurer: StageMeasurer;
	readonly buildOptions: BuildOptionsStore;
}

/** Offers to measure a stage on its lines, where sizes of it are not known. */
export function registerMeasureAction(lineFacts: LineFactsStore): vscode.Disposable {
	return vscode.languages.registerCodeActionsProvider({ language: 'dockerfile', scheme: 'file' }, {
		provideCodeActions(document, { start }) {
			const name = vscode.workspace.isTrusted ? stageToMeasure(lineFacts.facts(document.uri.fsPath, document.getText()).lines, start.line + 1) : undefined;
			if (name === undefined) {
				return [];
			}
			const action = new vscode.CodeAction(vscode.l10n.t('Measure This Stage'), vscode.CodeActionKind.QuickFix);
			action.command = { title: action.title, command: Command.measureStage, arguments: [document.uri, name] };
			return [action];
		},
	}, { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] });
}

/** The stage that a line belongs to, where it has a name and a recorded build does not tell all of its sizes. */
function stageToMeasure(lines: readonly LineFacts[], line: number): string | undefined {
	const stage = lines.findLast(facts => facts.line <= line)?.stage;
	const from = lines.find(facts => facts.keyword === 'FROM' && facts.stage === stage);
	return from?.source === 'record' && from.stageTotal?.partial === true && from.stageTotal.inFinalImage === false ? from.stageName : undefined;
}

/** Builds just one stage to know the sizes of its lines; its image goes again. */
export async function measureStage({ connection, measurer, buildOptions }: MeasureStageServices, path: string, stage: string): Promise<void> {
	if (!await requireTrust(vscode.l10n.t('Strata builds nothing in a workspace that is not trusted: a Dockerfile runs commands.'))) {
		return;
	}
	const name = oneLine(stage);
	await vscode.workspace.textDocuments.find(({ uri, isDirty }) => isDirty && uri.scheme === 'file' && uri.fsPath === path)?.save();
	const { engine, info } = await connection.get();
	const options = { ...nextBuild(path, parseDockerfile(await readFile(path, 'utf8')), buildOptions.get(path), readBuildDefaults(path)), target: stage };
	const measured = await longWork(vscode.l10n.t('Measuring stage {0}', name), signal => measurer.measure(engine, info, options, signal));
	switch (measured.kind) {
		case 'measured':
			vscode.window.setStatusBarMessage(measured.lines === 0
				? vscode.l10n.t('Every line of stage {0} was measured already', name) : vscode.l10n.t('$(check) Measured stage {0}', name), 5000);
			return;
		case 'neverBuilt':
			await vscode.window.showInformationMessage(vscode.l10n.t('Build {0} on this engine first: what is measured is kept with its last build.', basename(path)));
			return;
		case 'edited':
			await vscode.window.showInformationMessage(vscode.l10n.t('{0} was edited since its last build. Build it first.', basename(path)));
			return;
		case 'failed':
			throw new Error(describeBuildFailure(measured.failure, measured.dockerfile, stage, translate));
		case 'cancelled':
	}
}

/** The stage with the cursor, where it has a name. */
export function stageAtCursor(path: string): string | undefined {
	const editor = vscode.window.activeTextEditor;
	if (editor?.document.uri.fsPath !== path) {
		return undefined;
	}
	const { instructions, stages } = parseDockerfile(editor.document.getText());
	const at = instructions.findLast(({ line }) => line <= editor.selection.active.line + 1)?.stage;
	return at === undefined ? undefined : stages[at]?.name;
}
