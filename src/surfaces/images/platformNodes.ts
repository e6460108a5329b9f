import type { ImageDetails, ImageSummary } from '../../core/engine/engine';
import type { ImagePlatform } from '../../core/engine/imagePlatform';
import { formatPlatform } from '../../core/image/manifest';
import type { NamedSource } from '../../core/layerFile';
import { translate } from '../../platform/messages';
import { rowUri } from '../../platform/rowColors';
import type { Row } from '../../platform/tree';
import { platformRow, platformsRow } from '../../words/platforms';
import type { ImageNode } from './imagesModel';

/** The platforms of an image that its index lists. `shown` is the one whose history stands beside this row. */
export interface PlatformsNode { readonly kind: 'platforms'; readonly shown: string; readonly parent: ImageNode }
export interface PlatformNode { readonly kind: 'platform'; readonly platform: ImagePlatform; readonly named: NamedSource; readonly parent: PlatformsNode }
export type PlatformTreeNode = PlatformsNode | PlatformNode;

/** An image for one platform needs no row for it. */
export function isForSeveral({ platforms }: ImageSummary): boolean {
	return platforms.length > 1;
}

export function platformsNode(parent: ImageNode, shown: ImageDetails): PlatformsNode {
	return { kind: 'platforms', shown: formatPlatform(shown), parent };
}

export function platformNodes(parent: PlatformsNode): readonly PlatformNode[] {
	const { image, named: { name } } = parent.parent;
	return image.platforms.map(platform => ({
		kind: 'platform', platform, parent,
		named: { source: { kind: 'engine', reference: image.id, platform: platform.name }, name: `${name} (${platform.name})` },
	}));
}

/** `parentId`: of the image's row. */
export function platformTreeRow(node: PlatformTreeNode, parentId: string): Row {
	if (node.kind === 'platforms') {
		return {
			...platformsRow(node.parent.image.platforms, node.shown, translate),
			id: `${parentId}/platforms`,
			icon: { name: 'chip' },
			contextValue: 'platforms',
			expand: 'collapsed',
		};
	}
	const { name, isPresent, isReadable } = node.platform;
	return {
		...platformRow(node.platform, translate),
		id: `${parentId}/platforms/${name}`,
		...isPresent ? { icon: { name: 'chip' } } : { icon: { name: 'circle-outline', color: 'disabledForeground' }, uri: rowUri('dimmed', `/${name}`) },
		contextValue: isReadable ? 'platform' : 'platform+closed',
		expand: isReadable ? 'collapsed' : 'leaf',
	};
}
