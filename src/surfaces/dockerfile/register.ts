import * as vscode from 'vscode';
import { Command } from '../../contributions';
import { registerCommands } from '../../platform/commands';
import type { Log } from '../../platform/log';
import { showFailure } from '../../platform/messages';
import { onSettingChange, readSetting, writeSetting } from '../../platform/settings';
import type { ImageStore } from '../../services/imageStore';
import type { LayerLines } from '../../services/layerLines';
import type { LineFactsStore } from '../../services/lineFactsStore';
import type { RevealRequests } from '../../services/revealRequests';
import { registerCodeLens } from './codeLens';
import { createDiagnostics } from './diagnostics';
import { createEndOfLine } from './endOfLine';
import { gathered, isDockerfile } from './factsOf';
import { createGutter } from './gutter';
import { registerHover } from './hover';
import { revealLine, showLineInImages } from './reveal';
import { selectImage } from './selectImage';

export interface DockerfileSurfaceServices {
	readonly log: Log;
	readonly images: ImageStore;
	readonly lineFacts: LineFactsStore;
	readonly lines: LayerLines;
	readonly reveals: RevealRequests;
}

/** What every line of a Dockerfile costs, on the line. */
export function registerDockerfile({ log, images, lineFacts, lines, reveals }: DockerfileSurfaceServices): vscode.Disposable {
	const gutter = createGutter(lineFacts);
	const endOfLine = createEndOfLine(lineFacts);
	const diagnostics = createDiagnostics(lineFacts);
	const drawAll = (): void => {
		const editors = vscode.window.visibleTextEditors.filter(({ document }) => isDockerfile(document));
		for (const editor of editors) {
			gutter.draw(editor);
			endOfLine.draw(editor);
		}
		new Set(editors.map(({ document }) => document)).forEach(diagnostics.draw);
	};
	/** What the toggle brings back. */
	let lastShown: 'lens' | 'endOfLine' = 'lens';
	const drawing = gathered(100, drawAll);
	drawAll();
	return vscode.Disposable.from(
		gutter, endOfLine, diagnostics, drawing,
		lineFacts.onDidChange(drawing.trigger),
		vscode.window.onDidChangeVisibleTextEditors(drawAll),
		vscode.workspace.onDidChangeTextDocument(({ document }) => {
			if (isDockerfile(document)) {
				drawing.trigger();
			}
		}),
		vscode.workspace.onDidCloseTextDocument(document => {
			if (isDockerfile(document)) {
				lineFacts.forget(document.uri.fsPath);
				diagnostics.clear(document.uri);
			}
		}),
		onSettingChange(['lines.show', 'lines.sizes', 'lines.times', 'lines.outcomes', 'lines.gutter', 'growth.threshold', 'growth.thresholdPercent'], drawing.trigger),
		registerCodeLens(lineFacts),
		registerHover(lineFacts),
		reveals.onLine(target => { revealLine(lineFacts, lines, target).catch(showFailure); }),
		registerCommands(log, {
			[Command.toggleLines]: () => {
				const shown = readSetting('lines.show');
				lastShown = shown === 'off' ? lastShown : shown;
				return writeSetting('lines.show', shown === 'off' ? lastShown : 'off');
			},
			[Command.selectImage]: argument => selectImage(lineFacts, images, argument),
			[Command.revealLine]: argument => revealLine(lineFacts, lines, argument),
			[Command.showLineInImages]: argument => showLineInImages(lineFacts, reveals, argument),
		}),
	);
}
