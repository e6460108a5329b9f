import * as vscode from 'vscode';
import { Command } from '../../contributions';
import type { LineFacts } from '../../core/lineFacts';
import { missOf } from '../../core/missChain';
import { translate } from '../../platform/messages';
import { onSettingChange, readSetting } from '../../platform/settings';
import type { FactsOfText, LineFactsStore } from '../../services/lineFactsStore';
import type { LineTarget } from '../../services/revealRequests';
import { lineSentence, lineTitle, type LineParts } from '../../words/line';
import { dockerfiles, factsOf, gathered } from './factsOf';

/**
 * A lens over each line that cost something, and the builds over FROM. Which lines have one changes only when a build
 * begins or ends, never while typing; between, only the words change.
 */
export function registerCodeLens(store: LineFactsStore): vscode.Disposable {
	const changed = new vscode.EventEmitter<void>();
	const refresh = gathered(100, () => { changed.fire(); });
	// An editor that just loses the focus forgets that its lenses were to be drawn: a build that ends as somebody turns
	// to a view would stay under way on the lines.
	const again = gathered(1500, () => { changed.fire(); });
	const provider: vscode.CodeLensProvider = {
		onDidChangeCodeLenses: changed.event,
		provideCodeLenses: document =>
			readSetting('lines.show', document) === 'lens' ? lensesOf(document.uri, factsOf(store, document), shownParts(document)) : [],
	};
	return vscode.Disposable.from(
		changed, refresh, again,
		store.onDidChange(() => {
			refresh.trigger();
			again.trigger();
		}),
		vscode.workspace.onDidGrantWorkspaceTrust(refresh.trigger),
		onSettingChange(['lines.show', 'lines.sizes', 'lines.times', 'lines.outcomes'], refresh.trigger),
		vscode.languages.registerCodeLensProvider(dockerfiles, provider),
	);
}

export function shownParts(document: vscode.TextDocument): LineParts {
	return {
		sizes: readSetting('lines.sizes', document),
		times: readSetting('lines.times', document),
		outcomes: readSetting('lines.outcomes', document),
	};
}

function lensesOf(uri: vscode.Uri, { lines, isBuilding }: FactsOfText, parts: LineParts): vscode.CodeLens[] {
	return lines.flatMap(facts => {
		const range = new vscode.Range(facts.line - 1, 0, facts.line - 1, 0);
		const title = lineTitle(facts, parts, translate);
		const label = title === '' ? [] : [{ title, tooltip: lineSentence(facts, translate), ...labelAction(uri, facts) }];
		const builds = facts.keyword === 'FROM' && vscode.workspace.isTrusted ? buildActions(uri, facts, isBuilding) : [];
		return [...label, ...builds].map(command => new vscode.CodeLens(range, command));
	});
}

/** What a click on a line's facts does; nothing where there is nothing more to see. */
function labelAction(uri: vscode.Uri, facts: LineFacts): Pick<vscode.Command, 'command' | 'arguments'> {
	const { outcome, diffId, line } = facts;
	if (outcome === 'failed') {
		return { command: Command.showBuildLog, arguments: [uri] };
	}
	const target: LineTarget = { kind: 'line', path: uri.fsPath, line };
	const miss = missOf(facts, 'next') ?? missOf(facts, 'last');
	if (miss !== undefined && (miss.kind !== 'neverBuilt' || facts.forecast?.kind === 'depends')) {
		return { command: Command.explainMiss, arguments: [target] };
	}
	return diffId === undefined ? { command: '' } : { command: Command.showLineInImages, arguments: [target] };
}

function buildActions(uri: vscode.Uri, { stage, stageName }: LineFacts, isBuilding: boolean): readonly vscode.Command[] {
	const whole = isBuilding
		? { title: vscode.l10n.t('$(debug-stop) Cancel Build'), command: Command.cancelBuild, arguments: [uri] }
		: { title: vscode.l10n.t('$(play) Build'), tooltip: vscode.l10n.t('Build an image from this Dockerfile'), command: Command.build, arguments: [uri] };
	return [
		...stage === 0 ? [whole] : [],
		...stageName === undefined ? [] : [{
			title: vscode.l10n.t('Build to This Stage'),
			tooltip: vscode.l10n.t('Build only what stage {0} needs', stageName),
			command: Command.buildToStage,
			arguments: [uri, stageName],
		}],
	];
}
