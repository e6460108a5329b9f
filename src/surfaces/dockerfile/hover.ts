import * as vscode from 'vscode';
import { Command } from '../../contributions';
import { continuesStage } from '../../core/dockerfile/textBefore';
import type { LineFacts } from '../../core/lineFacts';
import { missOf } from '../../core/missChain';
import type { CommandId } from '../../platform/commands';
import { translate } from '../../platform/messages';
import type { LineFactsStore } from '../../services/lineFactsStore';
import type { LineTarget } from '../../services/revealRequests';
import { lineHover } from '../../words/line';
import { dockerfiles, factsOf } from './factsOf';

/** The only commands that a hover's links may run. */
const enabledCommands = [Command.showLineInImages, Command.showBuildLog, Command.explainMiss, Command.compareInstruction, Command.shellBefore];

/** The whole story of a line. */
export function registerHover(store: LineFactsStore): vscode.Disposable {
	return vscode.languages.registerHoverProvider(dockerfiles, {
		provideHover(document, { line }) {
			const { lines, resolved } = factsOf(store, document);
			const facts = lines.find(one => one.line - 1 <= line && line < one.endLine);
			const markdown = facts && lineHover(facts, linksOf(document.uri, facts), Date.now(), translate);
			if (facts === undefined || markdown === undefined) {
				return undefined;
			}
			const { start, end } = resolved.dockerfile.instructions[facts.instruction]!.range;
			const text = new vscode.MarkdownString(markdown);
			text.isTrusted = { enabledCommands };
			return new vscode.Hover(text, new vscode.Range(start.line, start.character, end.line, end.character));
		},
	});
}

function linksOf(uri: vscode.Uri, facts: LineFacts): readonly string[] {
	const { line, source, outcome, diffId } = facts;
	const target: LineTarget = { kind: 'line', path: uri.fsPath, line };
	const miss = missOf(facts, 'next') ?? missOf(facts, 'last');
	return [
		...miss === undefined ? [] : [link(vscode.l10n.t('Explain Cache Miss'), Command.explainMiss, target)],
		...miss?.kind === 'instructionChanged' ? [link(vscode.l10n.t('Compare with Before'), Command.compareInstruction, target)] : [],
		...diffId === undefined ? [] : [link(vscode.l10n.t('Show in Image History'), Command.showLineInImages, target)],
		...continuesStage(facts) ? [link(vscode.l10n.t('Open Shell Before This Line'), Command.shellBefore, target)] : [],
		...source === 'run' || outcome === 'failed' ? [link(vscode.l10n.t('Show Build Log'), Command.showBuildLog, uri)] : [],
	];
}

function link(label: string, command: CommandId, argument: unknown): string {
	return `[${label}](command:${command}?${encodeURIComponent(JSON.stringify([argument]))})`;
}
