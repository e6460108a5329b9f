import * as vscode from 'vscode';
import { formatBytes } from '../../core/base/bytes';
import { ArchiveError } from '../../core/layers/archiveError';
import { isCancellation } from '../../core/engine/engineError';
import type { LayerFile } from '../../core/layerFile';
import { childrenOf, type TreeNode } from '../../core/layers/tree';
import { isEmptyUri, parseLayerUri } from '../../platform/layerUris';
import { explainFailure } from '../../platform/messages';
import type { ExploredImages } from '../../services/exploredImages';

/** An editor gets a file whole and in memory; larger ones are saved to disk instead. Bytes. */
export const mostOpenBytes = 256 * 1024 * 1024;

/** Files in layers as the editor's own files, read-only. Symlinks are followed within the image, as in a container. */
export class LayerFileSystem implements vscode.FileSystemProvider {
	private readonly changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
	/** Never fires: a layer does not change. */
	readonly onDidChangeFile = this.changed.event;

	constructor(private readonly explored: ExploredImages) {}

	watch(): vscode.Disposable {
		return new vscode.Disposable(() => undefined);
	}

	async stat(uri: vscode.Uri): Promise<vscode.FileStat> {
		if (isEmptyUri(uri)) {
			return { type: vscode.FileType.File, ctime: 0, mtime: 0, size: 0, permissions: vscode.FilePermission.Readonly };
		}
		const { entry, target } = await this.node(uri);
		const { modifiedAt, size } = target ?? entry;
		return { type: typeOf(entry, target), ctime: modifiedAt, mtime: modifiedAt, size, permissions: vscode.FilePermission.Readonly };
	}

	async readDirectory(uri: vscode.Uri): Promise<[string, vscode.FileType][]> {
		const { file, target } = await this.node(uri);
		if (target?.kind !== 'directory') {
			throw vscode.FileSystemError.FileNotADirectory(uri);
		}
		const { upTo } = await this.explored.get(file);
		return childrenOf(upTo(file.layer), target).map(child => [child.name, typeOf(child, undefined)]);
	}

	async readFile(uri: vscode.Uri): Promise<Uint8Array> {
		if (isEmptyUri(uri)) {
			return new Uint8Array();
		}
		const { file, target } = await this.node(uri);
		if (target?.kind === 'directory') {
			throw vscode.FileSystemError.FileIsADirectory(uri);
		}
		if (target !== undefined && target.size > mostOpenBytes) {
			throw vscode.FileSystemError.Unavailable(vscode.l10n.t('This file has {0}. An editor takes up to {1}: save it to disk with "Save File As…" in the Images view.', formatBytes(target.size), formatBytes(mostOpenBytes)));
		}
		return translated(uri, async () => {
			const parts: Buffer[] = [];
			for await (const part of this.explored.read(file, new AbortController().signal)) {
				parts.push(part);
			}
			return Buffer.concat(parts);
		});
	}

	createDirectory(uri: vscode.Uri): never {
		throw readOnly(uri);
	}

	writeFile(uri: vscode.Uri): never {
		throw readOnly(uri);
	}

	delete(uri: vscode.Uri): never {
		throw readOnly(uri);
	}

	rename(uri: vscode.Uri): never {
		throw readOnly(uri);
	}

	dispose(): void {
		this.changed.dispose();
	}

	/** The entry at the address, and what it leads to; the latter is undefined for a link that leads nowhere. */
	private async node(uri: vscode.Uri): Promise<{ readonly file: LayerFile; readonly entry: TreeNode; readonly target: TreeNode | undefined }> {
		const file = parseLayerUri(uri);
		if (file === undefined) {
			throw vscode.FileSystemError.FileNotFound(uri);
		}
		return translated(uri, async () => {
			// A path may go through links to directories, which only following them finds.
			const target = await this.explored.resolve(file);
			const entry = await this.explored.find(file) ?? target;
			if (entry === undefined) {
				throw vscode.FileSystemError.FileNotFound(uri);
			}
			return { file, entry, target };
		});
	}
}

function typeOf(entry: TreeNode, target: TreeNode | undefined): vscode.FileType {
	const link = entry.kind === 'symlink' ? vscode.FileType.SymbolicLink : 0;
	switch ((target ?? entry).kind) {
		case 'directory': return vscode.FileType.Directory | link;
		case 'file':
		case 'hardlink': return vscode.FileType.File | link;
		case 'symlink': return vscode.FileType.SymbolicLink;
		default: return vscode.FileType.Unknown;
	}
}

function readOnly(uri: vscode.Uri): vscode.FileSystemError {
	return vscode.FileSystemError.NoPermissions(uri);
}

/** Failures in the editor's own terms, with our sentence. */
async function translated<T>(uri: vscode.Uri, work: () => Promise<T>): Promise<T> {
	try {
		return await work();
	} catch (failure) {
		if (failure instanceof vscode.FileSystemError || isCancellation(failure)) {
			throw failure;
		}
		if (failure instanceof ArchiveError && failure.kind === 'notFound') {
			throw vscode.FileSystemError.FileNotFound(uri);
		}
		throw vscode.FileSystemError.Unavailable(explainFailure(failure).message);
	}
}
