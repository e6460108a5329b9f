import { formatBytes } from '../core/base/bytes';
import type { ImagePlatform } from '../core/engine/imagePlatform';
import { oneLine, type RowText } from './rows';
import type { Translate } from './translate';

/** All platforms of an image. `shown`: the one whose history is there without choosing; may be empty. */
export function platformsRow(platforms: readonly ImagePlatform[], shown: string, t: Translate): RowText {
	const label = t('Platforms');
	const here = t('{0} of {1} here', platforms.filter(({ isPresent }) => isPresent).length, platforms.length);
	return {
		label,
		description: here,
		tooltip: [
			t('What the image\'s index lists. Only what is here has a history and layers to look into.'),
			...shown === '' ? [] : [t('The rows beside this one are those of {0}, which the engine takes unless told otherwise.', oneLine(shown))],
			t('Tagging, saving and removing are about all of the image; a push asks which.'),
		].join('\n'),
		accessible: `${label}, ${here}`,
	};
}

export function platformRow({ name, digest, isPresent, isReadable, contentBytes, unpackedBytes }: ImagePlatform, t: Translate): RowText {
	const label = oneLine(name);
	// As the engine's list counts an image: what is stored compressed, and its files.
	const size = isPresent ? formatBytes(contentBytes + unpackedBytes) : t('not here');
	return {
		label,
		description: size,
		tooltip: [
			label,
			...isPresent ? [
				t('Content as it is stored, compressed: {0}', formatBytes(contentBytes)),
				unpackedBytes === 0 ? t('Not unpacked') : t('Unpacked on disk: {0}', formatBytes(unpackedBytes)),
			] : [t('The engine knows it from the image\'s index only. Pull the image for this platform to have it here.')],
			...isPresent && !isReadable ? [t('This engine does not tell its history. Docker 28.1 and newer do.')] : [],
			...digest === '' ? [] : [t('Digest: {0}', oneLine(digest))],
		].join('\n'),
		accessible: `${label}, ${size}`,
	};
}
