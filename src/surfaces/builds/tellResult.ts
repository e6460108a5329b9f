import * as vscode from 'vscode';
import { formatDuration } from '../../core/base/duration';
import { cacheScore } from '../../core/cacheScore';
import { continuesStage } from '../../core/dockerfile/textBefore';
import { translate } from '../../platform/messages';
import type { Build } from '../../services/buildRunner';
import { describeBuildFailure } from '../../words/build';
import { cancelledWork } from '../../words/cancelledWork';
import { scoreTitle } from '../../words/line';

export interface ResultActions {
	showLog(): void;
	goToLine(line: number): void;
	openShellBefore(instruction: number): void;
	buildWithOwnFrontend(): void;
}

/** Tells how a build ended: a success in passing, a failure with what helps, a cancellation only where it leaves something running. */
export async function tellResult({ run, options, resolved }: Build, actions: ResultActions): Promise<void> {
	if (run.state === 'succeeded') {
		const score = cacheScore(run.steps);
		const parts = [options.tags.join(', '), formatDuration((run.finishedAt ?? run.startedAt) - run.startedAt), ...score === undefined ? [] : [scoreTitle(score, translate)]];
		vscode.window.setStatusBarMessage(`$(pass) ${vscode.l10n.t('Built {0}', parts.filter(part => part !== '').join(' · '))}`, 10_000);
		return;
	}
	const left = cancelledWork(run, resolved.dockerfile, translate);
	if (left !== undefined) {
		await vscode.window.showWarningMessage(left);
	}
	const failure = run.error;
	if (run.state !== 'failed' || failure === undefined) {
		return;
	}
	const instruction = failure.instruction === undefined ? undefined : resolved.dockerfile.instructions[failure.instruction];
	const line = failure.line ?? instruction?.line;
	const choices = [
		...failure.kind === 'frontend' ? [{ title: vscode.l10n.t('Build with the Engine\'s Own Frontend'), act: () => { actions.buildWithOwnFrontend(); } }] : [],
		...line === undefined ? [] : [{ title: vscode.l10n.t('Go to Line'), act: () => { actions.goToLine(line); } }],
		...instruction === undefined || !continuesStage(instruction) ? [] : [{ title: vscode.l10n.t('Open Shell Before This Line'), act: () => { actions.openShellBefore(instruction.index); } }],
		{ title: vscode.l10n.t('Show Build Log'), act: () => { actions.showLog(); } },
	];
	const chosen = await vscode.window.showErrorMessage(describeBuildFailure(failure, resolved.dockerfile, options.target, translate), ...choices);
	chosen?.act();
}
