import * as vscode from 'vscode';
import { Command, WebviewPanel } from '../../contributions';
import { layerInstructions } from '../../core/archiveRows';
import type { NamedSource } from '../../core/layerFile';
import { pictureOf } from '../../core/picture';
import type { PageMessage, Picture } from '../../core/pictureMessages';
import { registerCommands } from '../../platform/commands';
import type { Log } from '../../platform/log';
import { showFailure } from '../../platform/messages';
import { namedSourceOf } from '../../platform/namedSource';
import { webPage } from '../../platform/webPage';
import type { ExploredImages } from '../../services/exploredImages';
import type { LineFactsStore } from '../../services/lineFactsStore';
import type { RevealRequests } from '../../services/revealRequests';
import { oneLine, shorten } from '../../words/rows';
import { pictureWords, treemapBody, treemapStyle } from './treemapPage';

export interface TreemapSurfaceServices {
	readonly log: Log;
	readonly explored: ExploredImages;
	readonly lineFacts: LineFactsStore;
	readonly reveals: RevealRequests;
	readonly extensionUri: vscode.Uri;
}

/** An image as a picture: folders and files as large as their bytes. */
export function registerTreemap(services: TreemapSurfaceServices): vscode.Disposable {
	return registerCommands(services.log, {
		[Command.showTreemap]: async argument => {
			const named = namedSourceOf(argument) ?? dockerfileImage(services.lineFacts, argument);
			if (named === undefined) {
				await vscode.window.showInformationMessage(vscode.l10n.t('No image of this Dockerfile is known. Build it first, or choose an image in the Images view.'));
				return;
			}
			await services.explored.get(named);
			openPanel(services, named);
		},
	});
}

function openPanel({ explored, reveals, extensionUri }: TreemapSurfaceServices, named: NamedSource): void {
	const scripts = vscode.Uri.joinPath(extensionUri, 'dist');
	const panel = vscode.window.createWebviewPanel(WebviewPanel.treemap, vscode.l10n.t('Treemap: {0}', oneLine(named.name)), vscode.ViewColumn.Active, {
		enableScripts: true, localResourceRoots: [scripts],
	});
	let folder = '/';
	const draw = async (): Promise<void> => {
		const picture = await pictureFor(explored, named, folder);
		if (picture !== undefined) {
			await panel.webview.postMessage(picture);
		}
	};
	const act = async (message: PageMessage): Promise<void> => {
		switch (message.kind) {
			case 'ready':
				return draw();
			case 'zoom':
				folder = message.path;
				return draw();
			case 'reveal': {
				const top = (await explored.get(named)).stack.length - 1;
				// What is wasted can only be seen in the layer that added it.
				const layer = message.isWasted ? message.layer ?? top : top;
				reveals.reveal({ kind: 'file', file: { ...named, layer, path: message.path }, view: message.isWasted ? 'changes' : 'files' });
				return;
			}
			case 'revealLayer':
				reveals.reveal({ kind: 'file', file: { ...named, layer: message.layer, path: '/' }, view: 'changes' });
				return;
			case 'export':
				return exportSvg(named, message.svg);
		}
	};
	panel.webview.onDidReceiveMessage((message: PageMessage) => { act(message).catch(showFailure); });
	panel.webview.html = webPage(panel.webview, { style: treemapStyle, body: treemapBody, script: panel.webview.asWebviewUri(vscode.Uri.joinPath(scripts, 'treemap.js')) });
}

async function pictureFor(explored: ExploredImages, named: NamedSource, folder: string): Promise<Picture | undefined> {
	const image = await explored.get(named);
	const root = pictureOf(image, folder);
	const instructions = layerInstructions(image.image);
	const { wastedByLayer } = image.waste();
	return root && {
		kind: 'picture', title: named.name, root, words: pictureWords(),
		layers: image.stack.map((index, layer) => ({
			index: layer, label: shorten(oneLine(instructions[layer] ?? '')), bytes: index.subtreeBytes[0] ?? 0, wastedBytes: wastedByLayer[layer] ?? 0,
		})),
	};
}

async function exportSvg({ name }: NamedSource, svg: string): Promise<void> {
	const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
	const file = `${name.replace(/[^\w.-]+/g, '-')}.svg`;
	const to = await vscode.window.showSaveDialog({ ...folder && { defaultUri: vscode.Uri.joinPath(folder, file) }, filters: { SVG: ['svg'] } });
	if (to !== undefined) {
		await vscode.workspace.fs.writeFile(to, Buffer.from(svg));
	}
}

function dockerfileImage(lineFacts: LineFactsStore, argument: unknown): NamedSource | undefined {
	const document = vscode.window.activeTextEditor?.document;
	const path = argument instanceof vscode.Uri ? argument.fsPath : document?.languageId === 'dockerfile' ? document.uri.fsPath : undefined;
	const id = path === undefined ? undefined : lineFacts.imageOf(path);
	return id === undefined || path === undefined ? undefined : { source: { kind: 'engine', reference: id }, name: vscode.workspace.asRelativePath(path) };
}
