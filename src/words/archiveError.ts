import { formatBytes } from '../core/base/bytes';
import type { ArchiveError } from '../core/layers/archiveError';
import type { ArchiveLimits } from '../core/layers/limits';
import { oneLine, shorten } from './rows';
import type { Translate } from './translate';

/** Why an image, a layer or a file in it could not be read, for a person. What the archive says itself is made harmless. */
export function describeArchiveError(error: ArchiveError, t: Translate): string {
	const found = quoted(error.found);
	return error.subject === undefined ? withoutSubject(error, found, t) : withSubject(error, quoted(error.subject), found, t);
}

function withSubject(error: ArchiveError, subject: string, found: string, t: Translate): string {
	switch (error.kind) {
		case 'truncated': return t('{0} is cut off: it ends in the middle.', subject);
		case 'badHeader': return t('{0} is damaged: a tar header does not make sense ({1}).', subject, found);
		case 'badCompression': return t('{0} is damaged: it cannot be decompressed ({1}).', subject, found);
		case 'badJson': return t('{0} is damaged: it is not JSON.', subject);
		case 'badManifest': return t('{0} does not describe an image as it should. {1}', subject, found).trim();
		case 'unsafePath': return t('The path {0} leads out of the image. Engines refuse such an image, and so does Strata.', subject);
		case 'linkLoop': return t('{0} leads in a circle of links.', subject);
		case 'missingBlob': return t('{0} is missing in the archive.', subject);
		case 'digestMismatch': return t('{0} is not what the image says it is: its digest is {1}.', subject, found);
		case 'bound': return t('{0}: {1}', subject, boundWords(error, t));
		case 'notArchive': return t('{0} is no image archive: no tar, or a tar without manifest.json or index.json.', subject);
		case 'noImage': return t('There is no image {0} in the archive. It has: {1}', subject, found === '' ? '–' : found);
		case 'notFound': return t('There is no {0} in this view of the image.', subject);
		case 'notFile': return t('{0} is no regular file ({1}).', subject, found);
	}
}

function withoutSubject(error: ArchiveError, found: string, t: Translate): string {
	switch (error.kind) {
		case 'truncated': return t('The archive is cut off: it ends in the middle.');
		case 'badHeader': return t('The archive is damaged: a tar header does not make sense ({0}).', found);
		case 'badCompression': return t('The archive is damaged: it cannot be decompressed ({0}).', found);
		case 'bound': return boundWords(error, t);
		case 'notArchive': return t('This is no image archive: no tar, or a tar without manifest.json or index.json.');
		case 'noImage': return t('There is no image in the archive.');
		case 'badJson': case 'badManifest': case 'unsafePath': case 'linkLoop': case 'missingBlob': case 'digestMismatch': case 'notFound': case 'notFile':
			return withSubject(error, t('The archive'), found, t);
	}
}

/** Names the bound and how much it is. */
function boundWords({ bound, limit = 0 }: ArchiveError, t: Translate): string {
	if (bound === undefined) {
		return t('It asks for more than Strata gives to one archive.');
	}
	const words: Readonly<Record<keyof ArchiveLimits, () => string>> = {
		layerEntries: () => t('a layer has more than {0} entries.', limit),
		layerNameBytes: () => t('the names in a layer take more than {0}.', formatBytes(limit)),
		layerBytes: () => t('a layer is larger than {0} uncompressed.', formatBytes(limit)),
		pathDepth: () => t('a path is deeper than {0} folders.', limit),
		fileBytes: () => t('a file claims to be larger than {0}.', formatBytes(limit)),
		headerBytes: () => t('an extension header is larger than {0}.', formatBytes(limit)),
		sparseSegments: () => t('a sparse file has more than {0} segments.', limit),
		archiveEntries: () => t('the archive has more than {0} entries.', limit),
		jsonBytes: () => t('a JSON document is larger than {0}.', formatBytes(limit)),
		allJsonBytes: () => t('the JSON documents take more than {0}.', formatBytes(limit)),
		inflationRatio: () => t('it decompresses to more than {0} times its size.', limit),
		inflationFreeBytes: () => t('it decompresses to more than {0}.', formatBytes(limit)),
		zstdWindowBytes: () => t('decompressing it takes more than {0} of memory.', formatBytes(limit)),
		indexDepth: () => t('image indexes stand in each other more than {0} deep.', limit),
		contentBytes: () => t('the file is larger than {0}.', formatBytes(limit)),
	};
	const sentence = words[bound]();
	return t('Strata’s bound is reached: {0}', sentence);
}

function quoted(text: string | undefined): string {
	return text === undefined ? '' : shorten(oneLine(text));
}
