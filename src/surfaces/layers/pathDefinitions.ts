import * as vscode from 'vscode';
import { layersOfLines } from '../../core/lineWaste';
import { resolveNode } from '../../core/layers/tree';
import { pathsOfWord } from '../../core/pathInLine';
import { layerUri } from '../../platform/layerUris';
import type { ExploredImages } from '../../services/exploredImages';
import type { LineFactsStore } from '../../services/lineFactsStore';

/**
 * *Go to Definition* and *Peek Definition* of a path in a Dockerfile: the file as the line's layer leaves it, or where
 * the line makes no layer as a container finds it. Only of images whose layers are known: a pointer that passes with a
 * key pressed asks too, and must not make an engine send an image.
 */
export function registerPathDefinitions(explored: ExploredImages, lineFacts: LineFactsStore): vscode.Disposable {
	return vscode.languages.registerDefinitionProvider({ language: 'dockerfile', scheme: 'file' }, {
		provideDefinition(document, position) {
			const range = document.getWordRangeAtPosition(position, /[\w./@+-]+/);
			const imageId = lineFacts.imageOf(document.uri.fsPath);
			const known = imageId === undefined ? undefined : explored.known({ kind: 'engine', reference: imageId });
			if (range === undefined || imageId === undefined || known === undefined) {
				return undefined;
			}
			const { resolved, lines } = lineFacts.facts(document.uri.fsPath, document.getText());
			const at = lines.findIndex(({ line, endLine }) => line - 1 <= position.line && position.line < endLine);
			const instruction = resolved.instructions[lines[at]?.instruction ?? -1];
			if (instruction === undefined || lines[at]?.stale !== undefined) {
				return undefined;
			}
			const top = instruction.instruction.stage === resolved.target ? known.stack.length - 1 : undefined;
			const layer = instruction.layer ? layersOfLines(lines, known.image.layers.map(({ diffId }) => diffId)).get(at) : top;
			const path = layer === undefined ? undefined : pathsOfWord(instruction, document.getText(range)).find(one => {
				const kind = resolveNode(known.upTo(layer), one, known.root(layer))?.kind;
				return kind === 'file' || kind === 'hardlink';
			});
			if (layer === undefined || path === undefined) {
				return undefined;
			}
			const name = known.image.references[0] ?? vscode.workspace.asRelativePath(document.uri);
			const start = new vscode.Range(0, 0, 0, 0);
			return [{ originSelectionRange: range, targetUri: layerUri({ source: { kind: 'engine', reference: imageId }, name, layer, path }), targetRange: start, targetSelectionRange: start }];
		},
	});
}
