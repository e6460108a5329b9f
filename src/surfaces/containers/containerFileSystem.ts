import * as vscode from 'vscode';
import { formatBytes } from '../../core/base/bytes';
import { isEngineError } from '../../core/engine/engineError';
import { contentBytes, fileContent } from '../../core/layers/content';
import { defaultLimits } from '../../core/layers/limits';
import { parseContainerUri, type ContainerFile } from '../../platform/containerUris';
import { explainFailure } from '../../platform/messages';
import type { EngineConnection } from '../../services/engineConnection';

/** An editor gets a file whole and in memory. Bytes. */
const mostOpenBytes = 256 * 1024 * 1024;

/** Files in containers as the editor's own files, read-only and read anew each time they are opened. */
export class ContainerFileSystem implements vscode.FileSystemProvider {
	private readonly changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
	/** Never fires: no engine tells of files that change. */
	readonly onDidChangeFile = this.changed.event;

	constructor(private readonly connection: EngineConnection) {}

	watch(): vscode.Disposable {
		return new vscode.Disposable(() => undefined);
	}

	async stat(uri: vscode.Uri): Promise<vscode.FileStat> {
		const { size, kind } = await this.found(uri);
		const type = kind === 'directory' ? vscode.FileType.Directory : kind === 'file' ? vscode.FileType.File : vscode.FileType.Unknown;
		return { type, ctime: 0, mtime: 0, size, permissions: vscode.FilePermission.Readonly };
	}

	async readFile(uri: vscode.Uri): Promise<Uint8Array> {
		const { file, path, size, kind } = await this.found(uri);
		if (kind !== 'file') {
			throw kind === 'directory' ? vscode.FileSystemError.FileIsADirectory(uri) : vscode.FileSystemError.Unavailable(uri);
		}
		if (size > mostOpenBytes) {
			throw vscode.FileSystemError.Unavailable(vscode.l10n.t('This file has {0}. An editor takes up to {1}.', formatBytes(size), formatBytes(mostOpenBytes)));
		}
		const { engine } = await this.connection.get();
		const stream = await engine.readFromContainer(file.id, path, new AbortController().signal);
		return contentBytes(fileContent(stream, defaultLimits), defaultLimits);
	}

	readDirectory(): [string, vscode.FileType][] {
		return [];
	}

	createDirectory(uri: vscode.Uri): never {
		throw vscode.FileSystemError.NoPermissions(uri);
	}

	writeFile(uri: vscode.Uri): never {
		throw vscode.FileSystemError.NoPermissions(uri);
	}

	delete(uri: vscode.Uri): never {
		throw vscode.FileSystemError.NoPermissions(uri);
	}

	rename(uri: vscode.Uri): never {
		throw vscode.FileSystemError.NoPermissions(uri);
	}

	dispose(): void {
		this.changed.dispose();
	}

	/** What is at the address; a link's target, as the engine says it. */
	private async found(uri: vscode.Uri): Promise<{ readonly file: ContainerFile; readonly path: string; readonly size: number; readonly kind: string }> {
		const file = parseContainerUri(uri);
		if (file === undefined) {
			throw vscode.FileSystemError.FileNotFound(uri);
		}
		try {
			const { engine } = await this.connection.get();
			const entry = await engine.statInContainer(file.id, file.path);
			const path = entry?.kind === 'symlink' && entry.link?.startsWith('/') ? entry.link : file.path;
			const target = path === file.path ? entry : await engine.statInContainer(file.id, path);
			if (target === undefined) {
				throw vscode.FileSystemError.FileNotFound(uri);
			}
			return { file, path, size: target.sizeBytes, kind: target.kind };
		} catch (failure) {
			throw isEngineError(failure) ? vscode.FileSystemError.Unavailable(explainFailure(failure).message) : failure;
		}
	}
}
