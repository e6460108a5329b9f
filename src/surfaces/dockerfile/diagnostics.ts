import * as vscode from 'vscode';
import { followInstruction } from '../../core/alignInstructions';
import type { LintWarning } from '../../core/build/events';
import type { Range } from '../../core/base/range';
import { growthOf, type GrowthLimits } from '../../core/growth';
import type { LineFacts } from '../../core/lineFacts';
import { translate } from '../../platform/messages';
import { readSetting } from '../../platform/settings';
import type { FactsOfText, LineFactsStore } from '../../services/lineFactsStore';
import { failureMessage, warningCode, warningMessage } from '../../words/complaints';
import { growthMessage } from '../../words/lineHistory';
import { factsOf } from './factsOf';

const source = 'Strata';

/** What the last build complained of, and layers that grew, as Problems on the lines they are about; what was edited since is let go. */
export function createDiagnostics(store: LineFactsStore): vscode.Disposable & { readonly draw: (document: vscode.TextDocument) => void; readonly clear: (uri: vscode.Uri) => void } {
	const collection = vscode.languages.createDiagnosticCollection('strata');
	return {
		draw: document => { collection.set(document.uri, problemsOf(document, factsOf(store, document))); },
		clear: uri => { collection.delete(uri); },
		dispose: () => { collection.dispose(); },
	};
}

function problemsOf(document: vscode.TextDocument, facts: FactsOfText): vscode.Diagnostic[] {
	const limits = { megabytes: readSetting('growth.threshold', document), percent: readSetting('growth.thresholdPercent', document) };
	return [...facts.complaints === undefined ? [] : [...failureOf(facts), ...warningsOf(document.uri, facts)], ...growthsOf(facts, limits)];
}

function growthsOf({ lines, resolved: { dockerfile } }: FactsOfText, limits: GrowthLimits): vscode.Diagnostic[] {
	return lines.flatMap(facts => {
		const growth = growthOf(facts, limits);
		if (growth === undefined) {
			return [];
		}
		const problem = new vscode.Diagnostic(toRange(dockerfile.instructions[facts.instruction]!.range), growthMessage(growth, Date.now(), translate), vscode.DiagnosticSeverity.Warning);
		problem.source = source;
		problem.code = 'growth';
		return [problem];
	});
}

function failureOf({ complaints, resolved: { dockerfile }, lines }: FactsOfText): vscode.Diagnostic[] {
	const { failure, dockerfile: built } = complaints!;
	if (failure === undefined) {
		return [];
	}
	const before = built.instructions.find(({ index, line, endLine }) =>
		failure.instruction === undefined ? failure.line !== undefined && line <= failure.line && failure.line <= endLine : index === failure.instruction);
	const now = before && followInstruction(built, dockerfile, before.index);
	const facts: LineFacts | undefined = now && lines[now.index];
	if (now === undefined || facts?.stale !== undefined) {
		return [];
	}
	const problem = new vscode.Diagnostic(toRange(now.range), failureMessage(now.keyword, failure, facts?.logTail, translate), vscode.DiagnosticSeverity.Error);
	problem.source = source;
	return [problem];
}

/** BuildKit's lint, except what another extension already says of the same line. */
function warningsOf(uri: vscode.Uri, { complaints, resolved: { dockerfile } }: FactsOfText): vscode.Diagnostic[] {
	const { warnings, dockerfile: built } = complaints!;
	const others = vscode.languages.getDiagnostics(uri).filter(problem => problem.source !== source);
	return warnings.flatMap(warning => {
		const range = rangeOf(warning, built, dockerfile);
		const code = warningCode(warning);
		if (range === undefined || others.some(other => other.range.start.line === range.start.line && codeOf(other) === code)) {
			return [];
		}
		const problem = new vscode.Diagnostic(range, warningMessage(warning), vscode.DiagnosticSeverity.Warning);
		problem.source = source;
		if (code !== undefined) {
			problem.code = warning.url === undefined ? code : { value: code, target: vscode.Uri.parse(warning.url) };
		}
		return [problem];
	});
}

function rangeOf({ startLine }: LintWarning, built: FactsOfText['resolved']['dockerfile'], now: FactsOfText['resolved']['dockerfile']): vscode.Range | undefined {
	const before = built.instructions.find(({ line, endLine }) => startLine !== undefined && line <= startLine && startLine <= endLine);
	const instruction = before && followInstruction(built, now, before.index);
	return instruction?.text === before?.text ? instruction && toRange(instruction.range) : undefined;
}

function codeOf({ code }: vscode.Diagnostic): string | number | undefined {
	return typeof code === 'object' ? code.value : code;
}

function toRange({ start, end }: Range): vscode.Range {
	return new vscode.Range(start.line, start.character, end.line, end.character);
}
