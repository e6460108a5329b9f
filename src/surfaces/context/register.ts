import * as vscode from 'vscode';
import { Command } from '../../contributions';
import { formatBytes } from '../../core/base/bytes';
import { parseDockerfile } from '../../core/dockerfile/parse';
import { readBuildDefaults } from '../../platform/buildDefaults';
import { registerCommands } from '../../platform/commands';
import type { Log } from '../../platform/log';
import { showFailure } from '../../platform/messages';
import type { BuildOptionsStore } from '../../services/buildOptionsStore';
import { patternFor, reportContext, type ContextReport, type SentFile } from '../../services/contextReport';
import { nextBuild } from '../../services/nextBuild';
import { oneLine } from '../../words/rows';

export interface ContextSurfaceServices {
	readonly log: Log;
	readonly buildOptions: BuildOptionsStore;
}

/** What a build sends: the files, what keeps others out, and a click that leaves one out too. */
export function registerContext({ log, buildOptions }: ContextSurfaceServices): vscode.Disposable {
	return registerCommands(log, {
		[Command.showContext]: async () => {
			const document = vscode.window.activeTextEditor?.document;
			if (document?.languageId !== 'dockerfile' || document.uri.scheme !== 'file') {
				await vscode.window.showInformationMessage(vscode.l10n.t('Open a Dockerfile first.'));
				return;
			}
			const path = document.uri.fsPath;
			const { contextPath } = nextBuild(path, parseDockerfile(document.getText()), buildOptions.get(path), readBuildDefaults(path));
			showContext(contextPath, path);
		},
	});
}

interface ContextPick extends vscode.QuickPickItem {
	/** Absolute address to open, and where in it. */
	readonly opens: vscode.Uri;
	readonly line: number;
	/** Relative to the context; undefined where it is left out already. */
	readonly ignorable: string | undefined;
}

/** Enough to find the big ones; typing searches among these. */
const mostShown = 2000;

const ignoreButton = (): vscode.QuickInputButton => ({ iconPath: new vscode.ThemeIcon('eye-closed'), tooltip: vscode.l10n.t('Add to .dockerignore') });

function showContext(contextPath: string, dockerfilePath: string): void {
	const pick = vscode.window.createQuickPick<ContextPick | (vscode.QuickPickItem & { readonly opens?: undefined; readonly ignorable?: undefined })>();
	const closing = new AbortController();
	let ignorePath = '';
	const draw = async (): Promise<void> => {
		pick.busy = true;
		const report = await reportContext(contextPath, dockerfilePath, closing.signal);
		({ ignorePath } = report);
		pick.title = vscode.l10n.t('Build context {0}: {1} files, {2} would be sent', vscode.workspace.asRelativePath(contextPath), report.sent.length, formatBytes(report.bytes));
		pick.items = picksOf(report, contextPath);
		pick.busy = false;
	};
	const update = (): void => {
		draw().catch((error: unknown) => {
			if (!closing.signal.aborted) {
				pick.hide();
				void showFailure(error);
			}
		});
	};
	pick.placeholder = vscode.l10n.t('Biggest first. The eye leaves a file out of the build context.');
	pick.matchOnDescription = true;
	pick.onDidTriggerItemButton(({ item: { ignorable } }) => {
		if (ignorable !== undefined) {
			addPattern(vscode.Uri.file(ignorePath), patternFor(ignorable)).then(update, showFailure);
		}
	});
	pick.onDidAccept(() => {
		const [chosen] = pick.selectedItems;
		if (chosen?.opens !== undefined) {
			const at = new vscode.Range(chosen.line - 1, 0, chosen.line - 1, 0);
			vscode.commands.executeCommand('vscode.open', chosen.opens, { selection: at }).then(undefined, showFailure);
			pick.hide();
		}
	});
	pick.onDidHide(() => {
		closing.abort();
		pick.dispose();
	});
	pick.show();
	update();
}

function picksOf({ sent, leftOut, ignorePath }: ContextReport, contextPath: string): (ContextPick | vscode.QuickPickItem & { readonly opens?: undefined })[] {
	const separator = (label: string): vscode.QuickPickItem => ({ label, kind: vscode.QuickPickItemKind.Separator });
	const more = sent.length - mostShown;
	return [
		separator(vscode.l10n.t('sent')),
		...sent.slice(0, mostShown).map((file): ContextPick => ({
			label: `$(file) ${oneLine(file.path)}`,
			description: [formatBytes(file.bytes), useOf(file)].join(' · '),
			opens: vscode.Uri.file(`${contextPath}/${file.path}`), line: 1,
			...file.isForEngine ? { ignorable: undefined } : { ignorable: file.path, buttons: [ignoreButton()] },
		})),
		...more > 0 ? [separator(vscode.l10n.t('and {0} smaller files', more))] : [],
		separator(vscode.l10n.t('left out by .dockerignore')),
		...leftOut.slice(0, mostShown).map(({ path, isFolder, pattern }): ContextPick => ({
			label: `$(${isFolder ? 'folder' : 'file'}) ${oneLine(path)}`,
			description: vscode.l10n.t('by {0}, line {1}', oneLine(pattern.text), pattern.line),
			opens: vscode.Uri.file(ignorePath), line: pattern.line, ignorable: undefined,
		})),
	];
}

function useOf({ takenBy, isForEngine }: SentFile): string {
	if (takenBy.length > 0) {
		return vscode.l10n.t('line {0}', takenBy.join(', '));
	}
	return isForEngine ? vscode.l10n.t('read by the engine') : vscode.l10n.t('no line takes it');
}

/** Appends a line to the ignore file, through its editor where it is open, and saves it. */
async function addPattern(uri: vscode.Uri, pattern: string): Promise<void> {
	const edit = new vscode.WorkspaceEdit();
	edit.createFile(uri, { ignoreIfExists: true });
	await vscode.workspace.applyEdit(edit);
	const document = await vscode.workspace.openTextDocument(uri);
	const end = document.lineAt(document.lineCount - 1).range.end;
	const insert = new vscode.WorkspaceEdit();
	insert.insert(uri, end, `${end.character === 0 ? '' : '\n'}${pattern}\n`);
	await vscode.workspace.applyEdit(insert);
	await document.save();
}
