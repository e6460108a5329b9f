import { parseReference } from '../core/image/reference';
import type { Translate } from './translate';

/** Why a text cannot be the tag of a new image; undefined where it can. */
export function describeTagProblem(text: string, t: Translate): string | undefined {
	const reference = parseReference(text);
	if (reference !== undefined) {
		return reference.digest === undefined ? undefined : t('A new image takes a tag; its digest comes by itself.');
	}
	const path = text.slice(text.indexOf('/') + 1).replace(/:[^/]*$/, '');
	if (text === '') {
		return t('Write a name, for example web:1.');
	}
	if (/[A-Z]/.test(path)) {
		return t('The name of a repository has no capitals: {0}', path.toLowerCase());
	}
	if (/:$/.test(text)) {
		return t('Write the tag behind the colon.');
	}
	return t('"{0}" is no name for an image. Lower case letters, digits and . _ - / are allowed, then a colon and a tag.', text);
}
