import { stat } from 'node:fs/promises';
import { basename } from 'node:path/posix';
import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { copyOrigins } from '../../core/copyOrigins';
import { parseDockerfile } from '../../core/dockerfile/parse';
import { resolveDockerfile } from '../../core/dockerfile/resolve';
import type { LayerFile } from '../../core/layerFile';
import { touchesOf } from '../../core/layers/touch';
import { emptyUri, layerUri } from '../../platform/layerUris';
import { workspaceDockerfiles } from '../../platform/workspaceDockerfiles';
import type { BuildOptionsStore } from '../../services/buildOptionsStore';
import type { ExploredImages } from '../../services/exploredImages';
import type { LayerLines } from '../../services/layerLines';
import { oneLine } from '../../words/rows';
import { layerFileOf } from './fileOf';

/**
 * A file as the layer that touched it last left it, beside what was there before, in the editor's own diff.
 * `isRemoved`: the file was last in this layer and the one above removed it.
 */
export async function compareWithPreviousLayer(explored: ExploredImages, file: LayerFile, isRemoved: boolean): Promise<void> {
	const { stack } = await explored.get(file);
	const touched = touchesOf(stack, file.path).filter(({ layer }) => layer <= file.layer).at(-1);
	const layer = isRemoved ? file.layer + 1 : touched?.layer ?? file.layer;
	const [before, after] = [{ ...file, layer: layer - 1 }, { ...file, layer }];
	const isNew = layer === 0 || await explored.find(before) === undefined;
	await showDiff(file,
		{ uri: isNew ? emptyUri(file) : layerUri(before), words: isNew ? vscode.l10n.t('not there') : vscode.l10n.t('before layer {0}', layer) },
		{ uri: isRemoved ? emptyUri(after) : layerUri(after), words: isRemoved ? vscode.l10n.t('removed by layer {0}', layer) : vscode.l10n.t('with layer {0}', layer) });
}

/** Two files of two images; what is missing on one side is empty there. */
export async function compareFiles(argument: unknown): Promise<void> {
	const { left: given, right: other } = (argument ?? {}) as { readonly left?: unknown; readonly right?: unknown };
	const [left, right] = [layerFileOf(given), layerFileOf(other)];
	const any = left ?? right;
	if (any !== undefined) {
		await showDiff(any,
			{ uri: left === undefined ? emptyUri(any) : layerUri(left), words: left?.name ?? vscode.l10n.t('not there') },
			{ uri: right === undefined ? emptyUri(any) : layerUri(right), words: right?.name ?? vscode.l10n.t('not there') });
	}
}

export interface WorkspaceFileSources {
	readonly explored: ExploredImages;
	readonly lines: LayerLines;
	readonly buildOptions: BuildOptionsStore;
}

/** The file of the workspace that a COPY took, beside what is in the image. Where no line tells, a person picks it. */
export async function compareWithWorkspaceFile(sources: WorkspaceFileSources, file: LayerFile): Promise<void> {
	const path = await originOf(sources, file) ?? await pickAlike(file);
	if (path !== undefined) {
		await showDiff(file,
			{ uri: layerUri(file), words: vscode.l10n.t('in {0}', file.name) },
			{ uri: vscode.Uri.file(path), words: vscode.l10n.t('workspace') });
	}
}

async function originOf({ explored, lines, buildOptions }: WorkspaceFileSources, file: LayerFile): Promise<string | undefined> {
	const { stack } = await explored.get(file);
	const lineOf = await lines.linesOf(file);
	const touches = touchesOf(stack, file.path).filter(({ layer }) => layer <= file.layer);
	// A later chmod touches it too; the COPY is one of those below.
	for (const { layer } of touches.toReversed()) {
		const line = lineOf.get(layer);
		if (line === undefined) {
			continue;
		}
		const resolved = resolveDockerfile(parseDockerfile(await workspaceDockerfiles.text(line.path)), {});
		const instruction = resolved.instructions.find(one => one.instruction.line <= line.line && line.line <= one.instruction.endLine);
		const folder = buildOptions.get(line.path).contextPath ?? dirname(line.path);
		for (const origin of instruction === undefined ? [] : copyOrigins(instruction, file.path)) {
			const path = join(folder, origin);
			if ((await stat(path).catch(() => undefined))?.isFile() === true) {
				return path;
			}
		}
	}
	return undefined;
}

/** Files of the workspace with the same name, those with the same folders first. */
async function pickAlike({ path }: LayerFile): Promise<string | undefined> {
	const name = basename(path);
	const found = await vscode.workspace.findFiles(`**/${name.replace(/[[\]{}*?]/g, '?')}`, '**/node_modules/**', 200);
	if (found.length === 0) {
		await vscode.window.showInformationMessage(vscode.l10n.t('No COPY line that is known put {0} there, and the workspace has no file of this name.', oneLine(name)));
		return undefined;
	}
	const picks = found
		.map(uri => ({ label: vscode.workspace.asRelativePath(uri), uri, alike: sameEnd(uri.path, path) }))
		.sort((left, right) => right.alike - left.alike);
	const picked = await vscode.window.showQuickPick(picks, { placeHolder: vscode.l10n.t('Compare with which file of the workspace?') });
	return picked?.uri.fsPath;
}

/** How many names at the end of two paths are the same. */
function sameEnd(one: string, other: string): number {
	const [left, right] = [one, other].map(path => path.split('/').reverse()) as [string[], string[]];
	const at = left.findIndex((name, index) => name !== right[index]);
	return at < 0 ? left.length : at;
}

async function showDiff({ path }: LayerFile, left: Side, right: Side): Promise<void> {
	await vscode.commands.executeCommand('vscode.diff', left.uri, right.uri, `${oneLine(basename(path))} (${left.words} ↔ ${right.words})`, { preview: true });
}

interface Side {
	readonly uri: vscode.Uri;
	readonly words: string;
}
