import { formatBytes } from '../core/base/bytes';
import { oneLine } from './rows';
import type { Translate } from './translate';

/** The question before stopped containers are removed, and what goes with them. */
export function pruneQuestion(chosen: readonly { readonly container: { readonly name: string }; readonly bytes: number | undefined }[], t: Translate): { readonly question: string; readonly detail: string } {
	const known = chosen.reduce((total, { bytes = 0 }) => total + bytes, 0);
	const unknown = chosen.filter(({ bytes }) => bytes === undefined).length;
	const freed = unknown === 0 ? t('This frees {0}.', formatBytes(known)) : t('This frees {0}, and what {1} of them hold is not known.', formatBytes(known), unknown);
	const names = chosen.map(({ container }) => oneLine(container.name));
	return {
		question: `${chosen.length === 1 ? t('Remove the stopped container {0}?', names[0] ?? '') : t('Remove {0} stopped containers?', chosen.length)} ${freed}`,
		detail: [
			...chosen.length === 1 ? [] : [names.slice(0, 20).join(', ') + (names.length > 20 ? ` ${t('and {0} more', names.length - 20)}` : '')],
			t('What they changed is lost; images and volumes stay.'),
		].join('\n'),
	};
}
