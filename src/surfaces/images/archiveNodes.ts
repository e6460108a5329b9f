import { basename } from 'node:path';
import { archiveRows } from '../../core/archiveRows';
import type { ImageRow } from '../../core/image/historyRows';
import { formatBytes } from '../../core/base/bytes';
import { sourceKey } from '../../core/layerFile';
import { translate } from '../../platform/messages';
import type { Row } from '../../platform/tree';
import type { ExploredImages } from '../../services/exploredImages';
import type { OpenArchives, OpenedArchive } from '../../services/openArchives';
import { oneLine } from '../../words/rows';

export interface ArchivesNode { readonly kind: 'archives' }
/** One file or folder; its images are its children, or the rows of its only image. */
export interface ArchiveNode { readonly kind: 'archive'; readonly path: string; /** Its image, where it is one. */ readonly named: OpenedArchive | undefined; readonly parent: ArchivesNode }
export interface ArchiveImageNode { readonly kind: 'archiveImage'; readonly named: OpenedArchive; readonly parent: ArchiveNode }
export type ArchivesTreeNode = ArchivesNode | ArchiveNode | ArchiveImageNode;

const archivesNode: ArchivesNode = { kind: 'archives' };

/** Archives and layout folders opened from disk, below one row. */
export class ArchiveTree {
	constructor(private readonly archives: OpenArchives, private readonly explored: ExploredImages) {}

	roots(): readonly ArchivesNode[] {
		return this.archives.paths.length === 0 ? [] : [archivesNode];
	}

	archivesOf(parent: ArchivesNode): Promise<readonly ArchiveNode[]> {
		return Promise.all(this.archives.paths.map(async (path): Promise<ArchiveNode> => {
			// One that cannot be read is shown as a row that says why once it is opened.
			const images = await this.archives.images(path).catch(() => []);
			return { kind: 'archive', path, named: images.length === 1 ? images[0] : undefined, parent };
		}));
	}

	async imagesOf(parent: ArchiveNode): Promise<readonly ArchiveImageNode[]> {
		return (await this.archives.images(parent.path)).map(named => ({ kind: 'archiveImage', named, parent }));
	}

	/** Oldest first; reads the archive. */
	async rowsOf(archive: OpenedArchive): Promise<readonly ImageRow[]> {
		return archiveRows((await this.explored.get(archive)).image);
	}

	row(node: ArchivesTreeNode): Row {
		switch (node.kind) {
			case 'archives':
				return {
					id: 'archives',
					label: translate('Archives'),
					tooltip: translate('Image archives and OCI layout folders opened from disk. They need no engine.'),
					accessible: translate('Archives'),
					icon: { name: 'file-zip' },
					contextValue: 'archives',
					expand: 'expanded',
				};
			case 'archive':
				return this.archiveRow(node);
			case 'archiveImage':
				return {
					id: `archiveImage:${sourceKey(node.named.source)}`,
					label: oneLine(node.named.name),
					description: this.sizeOf(node.named, node.named.platform),
					tooltip: [...node.named.references, node.named.platform ?? ''].filter(line => line !== '').map(oneLine).join('\n'),
					accessible: oneLine(node.named.name),
					icon: { name: 'tag' },
					contextValue: 'archiveImage',
					expand: 'collapsed',
				};
		}
	}

	private archiveRow({ path, named: only }: ArchiveNode): Row {
		const name = oneLine(basename(path));
		const reference = only?.references[0];
		return {
			id: `archive:${path}`,
			label: name,
			description: only === undefined ? undefined : this.sizeOf(only, reference),
			tooltip: [oneLine(path), ...only?.references.map(oneLine) ?? []].join('\n'),
			accessible: [name, reference].filter(part => part !== undefined).join(', '),
			icon: { name: 'file-zip' },
			contextValue: 'archive',
			expand: 'collapsed',
		};
	}

	/** With the size once it is known, which takes reading. */
	private sizeOf(archive: OpenedArchive, first: string | undefined): string {
		const layers = this.explored.known(archive.source)?.image.layers;
		const bytes = layers?.reduce((sum, { index }) => sum + (index.subtreeBytes[0] ?? 0), 0);
		return [...first === undefined ? [] : [oneLine(first)], ...bytes === undefined ? [] : [formatBytes(bytes)]].join(' · ');
	}
}
