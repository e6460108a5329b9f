import * as vscode from 'vscode';
import type { LineFacts } from '../../core/lineFacts';
import { wasteThreshold } from '../../core/lineWaste';
import { translate } from '../../platform/messages';
import { readSetting } from '../../platform/settings';
import type { FactsOfText, LineFactsStore } from '../../services/lineFactsStore';
import { burialWords, causeMessage, wasteMessage } from '../../words/waste';

/** Measured waste as Problems on the lines that make it, each with the lines that bury it. */
export function createWasteProblems(store: LineFactsStore): vscode.Disposable & { readonly draw: (document: vscode.TextDocument) => void; readonly clear: (uri: vscode.Uri) => void } {
	const collection = vscode.languages.createDiagnosticCollection('strata-waste');
	return {
		draw: document => { collection.set(document.uri, problemsOf(document, store.facts(document.uri.fsPath, document.getText()))); },
		clear: uri => { collection.delete(uri); },
		dispose: () => { collection.dispose(); },
	};
}

function problemsOf(document: vscode.TextDocument, { lines }: FactsOfText): vscode.Diagnostic[] {
	return lines.flatMap(facts => facts.waste === undefined ? [] : [
		...buriedProblem(document, facts),
		...facts.waste.causes.flatMap(cause => {
			// What is buried has its own problem; copies are about the line that copies.
			const isCopy = cause.kind === 'metadataCopy' || cause.kind === 'duplicateContent';
			const bytes = isCopy ? cause.bytes : cause.bytes - cause.wastedBytes;
			return cause.kind !== 'manyLayers' && bytes < thresholdOf(document, facts) ? []
				: [problem(document, facts, causeMessage({ ...cause, bytes }, translate), vscode.DiagnosticSeverity.Information, cause.kind)];
		}),
	]);
}

function buriedProblem(document: vscode.TextDocument, facts: LineFacts): vscode.Diagnostic[] {
	const waste = facts.waste!;
	const message = waste.bytes < thresholdOf(document, facts) ? undefined : wasteMessage(waste, translate);
	if (message === undefined) {
		return [];
	}
	const found = problem(document, facts, message, vscode.DiagnosticSeverity.Warning, 'waste');
	found.relatedInformation = waste.burials.flatMap(burial => burial.line === undefined ? [] : [
		new vscode.DiagnosticRelatedInformation(new vscode.Location(document.uri, lineRange(document, burial.line, burial.line)), burialWords(burial, translate)),
	]);
	return [found];
}

function problem(document: vscode.TextDocument, { line, endLine }: LineFacts, message: string, severity: vscode.DiagnosticSeverity, code: string): vscode.Diagnostic {
	const found = new vscode.Diagnostic(lineRange(document, line, endLine), message, severity);
	found.source = 'Strata';
	found.code = code;
	return found;
}

function thresholdOf(document: vscode.TextDocument, { waste }: LineFacts): number {
	return wasteThreshold(waste!.imageBytes, readSetting('waste.threshold', document), readSetting('waste.thresholdPercent', document));
}

export function lineRange(document: vscode.TextDocument, line: number, endLine: number): vscode.Range {
	const last = document.lineAt(Math.min(endLine, document.lineCount) - 1);
	const first = document.lineAt(Math.min(line, document.lineCount) - 1);
	return new vscode.Range(first.lineNumber, first.firstNonWhitespaceCharacterIndex, last.lineNumber, last.range.end.character);
}
