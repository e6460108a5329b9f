import { formatBytes } from '../core/base/bytes';
import { formatDuration } from '../core/base/duration';
import type { Difference } from '../core/lineHistory';

/** A difference of bytes with its sign: `+12 MB`, `−3 kB`. */
export function signedBytes({ before, now }: Difference): string {
	return `${now > before ? '+' : ''}${formatBytes(now - before)}`;
}

/** A difference of milliseconds with its sign: `+3.1 s`. */
export function signedDuration({ before, now }: Difference): string {
	return `${now > before ? '+' : '−'}${formatDuration(Math.abs(now - before))}`;
}
