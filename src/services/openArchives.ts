import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { Emitter, type Disposable, type Event } from '../core/base/event';
import type { ImageSource } from '../core/image/imageSource';
import type { NamedSource } from '../core/layerFile';
import { openArchive, openLayout, packingOf } from '../core/layers/archiveFile';
import { offeredImages, type OfferedImage } from '../core/layers/imagePlan';
import { defaultLimits } from '../core/layers/limits';
import type { KeptValues } from './keptValues';

/** One image of an archive or layout folder that a person opened. */
export interface OpenedArchive extends NamedSource {
	readonly source: ImageSource & { readonly kind: 'archive' | 'layout' };
	readonly references: readonly string[];
	readonly platform: string | undefined;
}

/** What a file or folder turned out to be. */
export interface ArchiveContents {
	readonly kind: 'archive' | 'layout';
	readonly packing: 'plain' | 'gzip' | 'zstd' | 'folder';
	/** Bytes of the file; undefined for a folder. */
	readonly bytes: number | undefined;
	/** Undefined where telling takes reading all of it, because it is compressed. */
	readonly images: readonly OfferedImage[] | undefined;
}

/** Looks at an archive's or layout folder's table of contents. Throws `ArchiveError`, or the system's error. */
export async function readArchiveContents(path: string): Promise<ArchiveContents> {
	const { size, isFolder } = await stat(path).then(found => ({ size: found.size, isFolder: found.isDirectory() }));
	const packing = isFolder ? 'folder' : await packingOf(path);
	const kind = isFolder ? 'layout' : 'archive';
	if (packing !== 'plain' && packing !== 'folder') {
		return { kind, packing, bytes: size, images: undefined };
	}
	const files = packing === 'plain' ? await openArchive(path) : openLayout(path);
	try {
		return { kind, packing, bytes: isFolder ? undefined : size, images: await offeredImages(files, defaultLimits) };
	} finally {
		await files.close();
	}
}

/** The archives that a person opened in this workspace; kept over restarts. */
export class OpenArchives implements Disposable {
	private readonly _onDidChange = new Emitter<undefined>();
	readonly onDidChange: Event<undefined> = this._onDidChange.event;
	private readonly contents = new Map<string, Promise<readonly OpenedArchive[]>>();

	constructor(private readonly kept: KeptValues) {}

	get paths(): readonly string[] {
		const paths = this.kept.get(key);
		return Array.isArray(paths) ? paths.filter(path => typeof path === 'string') : [];
	}

	/** The images of an archive. Throws `ArchiveError`, or the system's error. */
	images(path: string): Promise<readonly OpenedArchive[]> {
		const known = this.contents.get(path);
		if (known !== undefined) {
			return known;
		}
		const images = readArchiveContents(path).then(found => archivesOf(path, found));
		this.contents.set(path, images);
		images.catch(() => { this.contents.delete(path); });
		return images;
	}

	/** Throws where it is no image archive; then it is not added. */
	async open(path: string): Promise<readonly OpenedArchive[]> {
		this.contents.delete(path);
		const images = await this.images(path);
		if (!this.paths.includes(path)) {
			await this.store([...this.paths, path]);
		}
		return images;
	}

	async close(path: string): Promise<void> {
		this.contents.delete(path);
		await this.store(this.paths.filter(other => other !== path));
	}

	/** Files may have changed: look again. */
	refresh(): void {
		this.contents.clear();
		this._onDidChange.fire(undefined);
	}

	dispose(): void {
		this._onDidChange.dispose();
	}

	private async store(paths: readonly string[]): Promise<void> {
		await this.kept.update(key, paths);
		this._onDidChange.fire(undefined);
	}
}

const key = 'openArchives';

function archivesOf(path: string, { kind, images }: ArchiveContents): readonly OpenedArchive[] {
	const name = basename(path);
	if (images === undefined) {
		return [{ source: { kind, path }, name, references: [], platform: undefined }];
	}
	return images.map(({ references, platform, configPath }) => {
		const digest = /[0-9a-f]{64}/.exec(configPath)?.[0];
		const image = references[0] ?? (digest === undefined ? undefined : `sha256:${digest}`);
		const source = { kind, path, ...images.length === 1 || image === undefined ? {} : { image }, ...platform === undefined || images.length === 1 ? {} : { platform } };
		return { source, name: references[0] ?? name, references, platform };
	});
}
