import * as vscode from 'vscode';
import { missOf, type MissesOf } from '../../core/missChain';
import type { LineFacts } from '../../core/lineFacts';
import { showMarkdownPage } from '../../platform/markdownPage';
import { translate } from '../../platform/messages';
import type { TextDocuments } from '../../platform/textDocuments';
import type { LineFactsStore } from '../../services/lineFactsStore';
import { explainPage } from '../../words/explainPage';

/** A line among others whose misses are meant: of an open text, or of a recorded build. */
interface Asked {
	readonly lines: readonly LineFacts[];
	readonly instruction: number;
	readonly key: string;
}

/** Opens the page that says why a line ran, or will: the line given, or the one with the cursor. */
export async function explainMiss(store: LineFactsStore, texts: TextDocuments, argument: unknown): Promise<void> {
	const asked = await askedBy(store, argument);
	const facts = asked?.lines[asked.instruction];
	if (asked === undefined || facts === undefined) {
		await vscode.window.showInformationMessage(vscode.l10n.t('Put the cursor on a line of a Dockerfile first.'));
		return;
	}
	const misses: MissesOf = missOf(facts, 'next') === undefined ? 'last' : 'next';
	const page = explainPage(asked.lines, asked.instruction, misses, translate);
	if (page === undefined) {
		await vscode.window.showInformationMessage(facts.outcome === 'cached'
			? vscode.l10n.t('Line {0} came from the cache: there is no miss to explain.', facts.line)
			: vscode.l10n.t('No build is recorded in which line {0} missed the cache.', facts.line));
		return;
	}
	await showMarkdownPage(texts, vscode.l10n.t('Line {0}: Cache Miss', facts.line), asked.key, () => page);
}

/** Shows what an instruction said when it was built before, beside what it says now. */
export async function compareInstruction(store: LineFactsStore, texts: TextDocuments, argument: unknown): Promise<void> {
	const asked = await askedBy(store, argument);
	const facts = asked?.lines[asked.instruction];
	const reason = facts && (missOf(facts, 'next') ?? missOf(facts, 'last'));
	if (asked === undefined || facts === undefined || reason?.kind !== 'instructionChanged') {
		return;
	}
	const before = texts.address(`${facts.keyword}.Dockerfile`, `${asked.key}/before`, () => `${reason.before}\n`);
	const after = texts.address(`${facts.keyword}.Dockerfile`, `${asked.key}/after`, () => `${reason.after}\n`);
	await vscode.commands.executeCommand('vscode.diff', before, after, vscode.l10n.t('Line {0}: before ↔ after', facts.line));
}

async function askedBy(store: LineFactsStore, argument: unknown): Promise<Asked | undefined> {
	if (typeof argument === 'object' && argument !== null && 'kind' in argument) {
		if (argument.kind === 'misses') {
			return argument as unknown as Asked;
		}
		if (argument.kind === 'line' && 'path' in argument && 'line' in argument) {
			return atLine(store, await vscode.workspace.openTextDocument(String(argument.path)), Number(argument.line));
		}
	}
	const editor = vscode.window.activeTextEditor;
	return editor?.document.languageId === 'dockerfile' && editor.document.uri.scheme === 'file'
		? atLine(store, editor.document, editor.selection.active.line + 1) : undefined;
}

function atLine(store: LineFactsStore, document: vscode.TextDocument, line: number): Asked | undefined {
	const path = document.uri.fsPath;
	const { lines } = store.facts(path, document.getText());
	const facts = lines.find(one => one.line <= line && line <= one.endLine);
	return facts && { lines, instruction: facts.instruction, key: `${path}/${String(facts.line)}` };
}
