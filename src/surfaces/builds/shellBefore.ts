import { readFile } from 'node:fs/promises';
import * as vscode from 'vscode';
import type { BuildOptions } from '../../core/build/buildOptions';
import type { Dockerfile } from '../../core/dockerfile/model';
import { parseDockerfile } from '../../core/dockerfile/parse';
import { continuesStage, textBefore } from '../../core/dockerfile/textBefore';
import { readBuildDefaults } from '../../platform/buildDefaults';
import { showProcess } from '../../platform/containerTerminal';
import { longWork } from '../../platform/longWork';
import { translate } from '../../platform/messages';
import { requireTrust } from '../../platform/trust';
import type { BuildOptionsStore } from '../../services/buildOptionsStore';
import type { BuildRunner } from '../../services/buildRunner';
import type { EngineConnection } from '../../services/engineConnection';
import { lookBefore } from '../../services/lookBefore';
import { nextBuild } from '../../services/nextBuild';
import type { TemporaryImages } from '../../services/temporaryImages';
import { describeBuildFailure } from '../../words/build';
import { oneLine, shorten } from '../../words/rows';

export interface ShellBeforeServices {
	readonly connection: EngineConnection;
	readonly buildOptions: BuildOptionsStore;
	readonly unrecorded: BuildRunner;
	readonly temporary: TemporaryImages;
}

/** An instruction of a Dockerfile as a build read it or would. */
export interface InstructionPlace {
	readonly options: BuildOptions;
	readonly dockerfile: Dockerfile;
	/** Place in `Dockerfile.instructions`. */
	readonly instruction: number;
}

/** Opens a shell in what is built up to an instruction; nothing of it stays when the terminal ends. */
export async function openShellBefore({ connection, unrecorded, temporary }: ShellBeforeServices, { options, dockerfile, instruction }: InstructionPlace): Promise<void> {
	const text = textBefore(dockerfile, instruction);
	if (text === undefined || !await requireTrust(vscode.l10n.t('Strata builds nothing in a workspace that is not trusted: a Dockerfile runs commands.'))) {
		return;
	}
	const { line, text: words } = dockerfile.instructions[instruction]!;
	const { engine, info } = await connection.get();
	const name = vscode.l10n.t('Before line {0}', line);
	const looked = await lookBefore({ runner: unrecorded, temporary }, engine, info, { options, text }, {
		whileBuilding: build => longWork(vscode.l10n.t('Building {0} up to line {1}', vscode.workspace.asRelativePath(options.dockerfilePath), line), build),
		enter: container => showProcess({
			name, note: `${name}: ${shorten(oneLine(words))}`,
			connect: signal => engine.attachContainer(container, signal),
			started: () => engine.startContainer(container),
		}),
	});
	switch (looked.kind) {
		case 'noShell':
			await vscode.window.showInformationMessage(vscode.l10n.t('What is built before line {0} has no shell (/bin/sh).', line));
			return;
		case 'failed':
			throw new Error(describeBuildFailure(looked.failure, looked.dockerfile, undefined, translate));
		case 'looked':
		case 'cancelled':
	}
}

/** The instruction at a line of a Dockerfile as the editor has it, else one that the person chooses; the next build's options. */
export async function placeAt(path: string, line: number | undefined, { buildOptions }: Pick<ShellBeforeServices, 'buildOptions'>): Promise<InstructionPlace | undefined> {
	const open = vscode.workspace.textDocuments.find(({ uri }) => uri.scheme === 'file' && uri.fsPath === path);
	const dockerfile = parseDockerfile(open?.getText() ?? await readFile(path, 'utf8'));
	const offered = dockerfile.instructions.filter(continuesStage);
	if (offered.length === 0) {
		await vscode.window.showInformationMessage(vscode.l10n.t('No line of this Dockerfile stands upon another: run the image of its FROM instead.'));
		return undefined;
	}
	const meant = offered.find(one => line !== undefined && one.line <= line && line <= one.endLine) ?? (await vscode.window.showQuickPick(
		offered.map(one => ({ label: shorten(oneLine(one.text)), description: vscode.l10n.t('line {0}', one.line), ...one })),
		{ placeHolder: vscode.l10n.t('Before which line do you want a shell?') }));
	return meant && { options: nextBuild(path, dockerfile, buildOptions.get(path), readBuildDefaults(path)), dockerfile, instruction: meant.index };
}
