import type { ImageSummary } from '../../core/engine/engine';
import type { HistoryMeasure } from '../../core/engine/historyMeasure';
import { translate } from '../../platform/messages';
import type { Row } from '../../platform/tree';
import { repositoryText, untaggedText } from '../../words/imageRoots';
import type { RepositoryImages } from './groupImages';

export function repositoryRow({ name, tags }: RepositoryImages): Row {
	return {
		...repositoryText(name, tags.map(({ image }) => image), translate),
		id: `repository:${name}`,
		icon: { name: 'package' },
		contextValue: 'repository',
		expand: 'collapsed',
	};
}

export function untaggedRow(images: readonly ImageSummary[], measure: HistoryMeasure): Row {
	return {
		...untaggedText(images, translate, measure),
		id: 'untagged',
		icon: { name: 'circle-slash' },
		contextValue: 'untagged',
		expand: 'collapsed',
	};
}
