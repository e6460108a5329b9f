import type { ImageSource } from '../../core/image/imageSource';
import { sourceKey } from '../../core/layerFile';
import type { FileTarget } from '../../services/revealRequests';
import type { ArchiveImageNode, ArchiveNode } from './archiveNodes';
import type { HistoryNode, ImagesModel, ImagesNode } from './imagesModel';
import type { LayerTreeNode } from './layerNodes';
import type { LayerTree } from './layerTree';
import type { PlatformNode } from './platformNodes';

/** The node of an opened archive. */
export async function findArchive(model: ImagesModel, path: string): Promise<ArchiveNode | undefined> {
	const archives = (await model.children(undefined)).find(({ kind }) => kind === 'archives');
	return archives === undefined ? undefined
		: (await model.children(archives)).find((node): node is ArchiveNode => node.kind === 'archive' && node.path === path);
}

/** The node of a path in a layer, its image read where it is not known; undefined where the view does not have it. */
export async function findFile(model: ImagesModel, layers: LayerTree, { file, view }: FileTarget): Promise<LayerTreeNode | undefined> {
	const image = await findImage(model, file.source);
	const row = image && (await model.children(image)).find((node): node is HistoryNode => node.kind === 'history' && node.row.layer === file.layer);
	if (row === undefined) {
		return undefined;
	}
	await layers.viewsOf(row, row.named);
	const wanted = layers.view(row, row.named, view);
	return wanted && layers.find(wanted, file.path);
}

async function findImage(model: ImagesModel, source: ImageSource): Promise<ImagesNode | undefined> {
	if (source.kind === 'engine') {
		const image = await model.find(source.reference, undefined);
		return image === undefined || source.platform === undefined ? image : findPlatform(model, image, source);
	}
	const archive = await findArchive(model, source.path);
	return archive === undefined || archive.named !== undefined ? archive
		: (await model.children(archive)).find((node): node is ArchiveImageNode => node.kind === 'archiveImage' && sourceKey(node.named.source) === sourceKey(source));
}

async function findPlatform(model: ImagesModel, image: ImagesNode, source: ImageSource): Promise<PlatformNode | undefined> {
	const platforms = (await model.children(image)).find(({ kind }) => kind === 'platforms');
	return platforms && (await model.children(platforms)).find((node): node is PlatformNode => node.kind === 'platform' && sourceKey(node.named.source) === sourceKey(source));
}
