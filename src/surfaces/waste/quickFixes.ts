import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import * as vscode from 'vscode';
import { Command } from '../../contributions';
import { ignoreFilesFor } from '../../core/dockerfile/dockerignore';
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
			const { resolved, lines, builder } = store.facts(document.uri.fsPath, document.getText());
			const fixes = fixesOf(resolved, lines, builder).filter(fix => {
				const facts = lines.find(({ line }) => line === fix.line);
				return facts !== undefined && range.intersection(new vscode.Range(facts.line - 1, 0, facts.endLine, 0)) !== undefined
					&& facts.line - 1 <= range.end.line && range.start.line <= facts.endLine - 1;
			});
			const [best] = fixes.filter(({ savesBytes }) => savesBytes !== undefined && savesBytes > 0).sort((left, right) => right.savesBytes! - left.savesBytes!);
			return fixes.map(fix => actionOf(document, fix, fix === best, diagnostics, options));
		},
	}, { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] });
}

function actionOf(document: vscode.TextDocument, fix: Fix, isBest: boolean, diagnostics: readonly vscode.Diagnostic[], options: BuildOptionsStore): vscode.CodeAction {
	const action = new vscode.CodeAction(fixTitle(fix, translate), vscode.CodeActionKind.QuickFix);
	action.edit = editOf(document, fix, options);
	action.diagnostics = diagnostics.filter(({ source, code, range }) => source === 'Strata' && typeof code === 'string' && range.start.line === fix.line - 1);
	action.isPreferred = isBest;
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
		ignoreIn(edit, document.uri.fsPath, options.get(document.uri.fsPath).contextPath, ignore);
	}
	return edit;
}

/** Adds to the file that a build reads: the Dockerfile's own, where there is one, else the context's. */
function ignoreIn(edit: vscode.WorkspaceEdit, dockerfile: string, contextPath: string | undefined, patterns: readonly string[]): void {
	const files = ignoreFilesFor(dockerfile).map(path => {
		const uri = vscode.Uri.file(resolve(contextPath ?? dirname(dockerfile), path));
		return { uri, text: textOf(uri) };
	});
	const { uri, text } = files.find(file => file.text !== undefined) ?? files.at(-1)!;
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
