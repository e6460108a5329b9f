import { formatBytes } from '../core/base/bytes';
import type { ImageSummary } from '../core/engine/engine';
import type { HistoryMeasure } from '../core/engine/historyMeasure';
import { oneLine, type RowText } from './rows';
import type { Translate } from './translate';

/** A repository; `images` are those its tags name, one for each tag. */
export function repositoryText(name: string, images: readonly ImageSummary[], t: Translate): RowText {
	const label = oneLine(name);
	const tags = images.length === 1 ? t('1 tag') : t('{0} tags', images.length);
	const largest = formatBytes(Math.max(...images.map(({ sizeBytes }) => sizeBytes)));
	// Images share layers: their sum is nothing that is on a disk.
	const isOne = new Set(images.map(({ id }) => id)).size === 1;
	const size = isOne ? largest : t('up to {0}', largest);
	const meaning = isOne ? t('Size of its image, with what that shares with others.') : t('Size of its largest image, with what that shares with others.');
	return { label, description: `${size} · ${tags}`, tooltip: `${label}\n${meaning}`, accessible: [label, tags, size].join(', ') };
}

/** `measure`: what the images' sizes are. */
export function untaggedText(images: readonly ImageSummary[], t: Translate, measure: HistoryMeasure = 'files'): RowText {
	// What shares an unpacked layer shares its compressed copy too, which the containerd store does not count as shared.
	const ownBytes = images.map(({ sizeBytes, sharedBytes }) => sharedBytes === undefined || measure === 'blocks' ? undefined : Math.max(0, sizeBytes - sharedBytes));
	const isKnown = ownBytes.every(bytes => bytes !== undefined);
	const own = isKnown ? [t('{0} own', formatBytes(ownBytes.reduce((total, bytes) => total + bytes, 0)))] : [];
	return {
		label: t('Untagged'),
		description: [...own, images.length === 1 ? t('1 image') : t('{0} images', images.length)].join(' · '),
		tooltip: [
			t('Images without a tag. Builds that move a tag leave them behind.'),
			...isKnown ? [t('Own: what no other image has. What they share with one another alone is not counted.')] : [],
		].join('\n'),
		accessible: [t('Untagged images, {0}', images.length), ...own].join(', '),
	};
}
