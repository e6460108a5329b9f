import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { Command } from '../../contributions';
import { fixesOf, type Fix } from '../../core/fixes';
import { translate } from '../../platform/messages';
import type { BuildOptionsStore } from '../../services/buildOptionsStore';
import type { LineFactsStore } from '../../services/lineFactsStore';
import { fixTitle } from '../../words/waste';
import { lineRange } from './problems';

/** What a fix's command is told, to lay the next build beside it. */
export interface AppliedFix {
	readonly path: string;
	readonly bytes: number;
}

/** Changes of a Dockerfile that save measured bytes, on the lines that have waste. */
export function registerQuickFixes(selector: vscode.DocumentSelector, store: LineFactsStore, options: BuildOptionsStore): vscode.Disposable {
	return vscode.languages.registerCodeActionsProvider(selector, {
		provideCodeActions(document, range, { diagnostics }) {
			const { resolved, lines } = store.facts(document.uri.fsPath, document.getText());
			const fixes = fixesOf(resolved, lines).filter(fix => {
				const facts = lines.find(({ line }) => line === fix.line);
				return facts !== undefined && range.intersection(new vscode.Range(facts.line - 1, 0, facts.endLine, 0)) !== undefined
					&& facts.line - 1 <= range.end.line && range.start.line <= facts.endLine - 1;
			});
			const most = Math.max(0, ...fixes.map(({ savesBytes = 0 }) => savesBytes));
			return fixes.map(fix => actionOf(document, fix, most, diagnostics, options));
		},
	}, { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] });
}

function actionOf(document: vscode.TextDocument, fix: Fix, most: number, diagnostics: readonly vscode.Diagnostic[], options: BuildOptionsStore): vscode.CodeAction {
	const action = new vscode.CodeAction(fixTitle(fix, translate), vscode.CodeActionKind.QuickFix);
	action.edit = editOf(document, fix, options);
	action.diagnostics = diagnostics.filter(({ source, code, range }) => source === 'Strata' && typeof code === 'string' && range.start.line === fix.line - 1);
	action.isPreferred = fix.savesBytes !== undefined && fix.savesBytes === most && most > 0;
	if (fix.savesBytes !== undefined) {
		const applied: AppliedFix = { path: document.uri.fsPath, bytes: fix.savesBytes };
		action.command = { title: action.title, command: Command.rememberFix, arguments: [applied] };
	}
	return action;
}

function editOf(document: vscode.TextDocument, { edits, ignore }: Fix, options: BuildOptionsStore): vscode.WorkspaceEdit {
	const edit = new vscode.WorkspaceEdit();
	for (const { line, endLine, text } of edits) {
		if (text === undefined) {
			edit.delete(document.uri, new vscode.Range(line - 1, 0, endLine, 0));
		} else {
			const { end } = lineRange(document, line, endLine);
			const eol = document.eol === vscode.EndOfLine.CRLF ? '\r\n' : '\n';
			edit.replace(document.uri, new vscode.Range(line - 1, 0, end.line, end.character), text.replace(/\n/g, eol));
		}
	}
	if (ignore.length > 0) {
		ignoreIn(edit, join(options.get(document.uri.fsPath).contextPath ?? dirname(document.uri.fsPath), '.dockerignore'), ignore);
	}
	return edit;
}

function ignoreIn(edit: vscode.WorkspaceEdit, path: string, patterns: readonly string[]): void {
	const uri = vscode.Uri.file(path);
	const text = textOf(uri);
	const missing = patterns.filter(pattern => text?.split(/\r?\n/).includes(pattern) !== true);
	if (text === undefined) {
		edit.createFile(uri, { ignoreIfExists: true });
	}
	const lines = text?.split('\n') ?? [''];
	const needsBreak = lines.at(-1) !== '';
	edit.insert(uri, new vscode.Position(lines.length - 1, lines.at(-1)!.length), `${needsBreak ? '\n' : ''}${missing.join('\n')}\n`);
}

function textOf(uri: vscode.Uri): string | undefined {
	const open = vscode.workspace.textDocuments.find(document => document.uri.toString() === uri.toString());
	try {
		return open?.getText() ?? readFileSync(uri.fsPath, 'utf8');
	} catch {
		return undefined;
	}
}
