import { formatBytes } from '../core/base/bytes';
import type { Translate } from './translate';

/** How far a file is written or read. A total that is estimated may be passed; then it says no more. */
export function movedBytes(bytes: number, total: number | undefined, t: Translate): string {
	return total === undefined || bytes > total ? formatBytes(bytes) : t('{0} of {1}', formatBytes(bytes), formatBytes(total));
}
