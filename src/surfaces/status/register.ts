import * as vscode from 'vscode';
import { View } from '../../contributions';
import { cacheScore } from '../../core/cacheScore';
import { translate } from '../../platform/messages';
import type { FactsOfText, LineFactsStore } from '../../services/lineFactsStore';
import { outlookTitle, scoreTitle } from '../../words/line';

export interface StatusSurfaceServices {
	readonly lineFacts: LineFactsStore;
}

/** One item, there while a Dockerfile is in front: how its last build went, and what the next one would do. */
export function registerStatus({ lineFacts }: StatusSurfaceServices): vscode.Disposable {
	const item = vscode.window.createStatusBarItem('strata.status', vscode.StatusBarAlignment.Left, 10);
	item.name = vscode.l10n.t('Strata');
	const draw = (): void => {
		const document = vscode.window.activeTextEditor?.document;
		if (document?.languageId !== 'dockerfile' || document.uri.scheme !== 'file') {
			item.hide();
			return;
		}
		const facts = lineFacts.facts(document.uri.fsPath, document.getText());
		const { icon, label, tooltip, command } = statusOf(facts);
		item.text = `$(${icon}) ${label}`;
		item.tooltip = tooltip;
		item.command = command;
		item.accessibilityInformation = { label: `${vscode.l10n.t('Strata')}: ${tooltip}`, role: 'button' };
		item.show();
	};
	draw();
	return vscode.Disposable.from(
		item,
		lineFacts.onDidChange(draw),
		vscode.window.onDidChangeActiveTextEditor(draw),
	);
}

interface Status {
	readonly icon: string;
	readonly label: string;
	readonly tooltip: string;
	readonly command: string;
}

function statusOf({ lines, isBuilding, outlook }: FactsOfText): Status {
	const score = cacheScore(lines);
	const isFailed = lines.some(({ outcome, stale }) => outcome === 'failed' && stale === undefined);
	const title = [...isFailed ? [vscode.l10n.t('failed')] : [], ...score === undefined ? [] : [scoreTitle(score, translate)]].join(' · ') || undefined;
	const showBuilds = `${View.builds}.focus`;
	if (isBuilding) {
		return { icon: 'sync~spin', label: title ?? vscode.l10n.t('Building'), tooltip: vscode.l10n.t('This Dockerfile is being built'), command: showBuilds };
	}
	if (outlook !== undefined) {
		const ahead = vscode.l10n.t('forecast: {0}', outlookTitle(outlook, translate));
		const isNews = outlook.rebuilds + outlook.depends > 0;
		return {
			icon: 'layers',
			label: [...title === undefined ? [] : [title], ...isNews ? [ahead] : []].join(' · ') || ahead,
			tooltip: [...title === undefined ? [] : [vscode.l10n.t('Last build: {0}', title)], vscode.l10n.t('Next build, {0}', ahead)].join('\n'),
			command: showBuilds,
		};
	}
	return title === undefined
		? { icon: 'layers', label: vscode.l10n.t('Not built'), tooltip: vscode.l10n.t('No build of this Dockerfile is recorded'), command: showBuilds }
		: { icon: 'layers', label: title, tooltip: vscode.l10n.t('Last build: {0}', title), command: showBuilds };
}
