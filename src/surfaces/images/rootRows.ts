import type { ImageSummary } from '../../core/engine/engine';
import { translate } from '../../platform/messages';
import type { Row } from '../../platform/tree';
import { oneLine } from '../../words/rows';
import type { RepositoryImages } from './groupImages';

export function repositoryRow({ name, tags }: RepositoryImages): Row {
	const label = oneLine(name);
	return {
		id: `repository:${name}`,
		label,
		description: tags.length === 1 ? translate('1 tag') : translate('{0} tags', tags.length),
		tooltip: label,
		accessible: tags.length === 1 ? translate('{0}, 1 tag', label) : translate('{0}, {1} tags', label, tags.length),
		icon: { name: 'package' },
		contextValue: 'repository',
		expand: 'collapsed',
	};
}

export function untaggedRow(images: readonly ImageSummary[]): Row {
	return {
		id: 'untagged',
		label: translate('Untagged'),
		description: countOf(images.length),
		tooltip: translate('Images without a tag. Builds that move a tag leave them behind.'),
		accessible: translate('Untagged images, {0}', images.length),
		icon: { name: 'circle-slash' },
		contextValue: 'untagged',
		expand: 'collapsed',
	};
}

function countOf(count: number): string {
	return count === 1 ? translate('1 image') : translate('{0} images', count);
}
