import { formatBytes } from '../core/base/bytes';
import { oneLine } from './rows';
import type { Translate } from './translate';

/** How far a file is written or read. A total that is estimated may be passed; then it says no more. */
export function movedBytes(bytes: number, total: number | undefined, t: Translate): string {
	return total === undefined || bytes > total ? formatBytes(bytes) : t('{0} of {1}', formatBytes(bytes), formatBytes(total));
}

/** What came in with an archive: how many images, and the first; the status bar cuts a long message. */
export function loadResult([first, ...others]: readonly string[], t: Translate): string {
	return first === undefined ? t('Loaded; the engine names no image that came in')
		: others.length === 0 ? t('Loaded {0}', oneLine(first))
		: t('Loaded {0} images: {1} and {2} more', others.length + 1, oneLine(first), others.length);
}
