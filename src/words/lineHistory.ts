import { formatBytes } from '../core/base/bytes';
import { formatDuration, leastShownMs } from '../core/base/duration';
import type { Growth } from '../core/growth';
import type { Difference, LineChange, LineHistory } from '../core/lineHistory';
import { signedBytes, signedDuration } from './signed';
import { sparkline } from './sparkline';
import type { StoryRow } from './storyRow';
import type { Translate } from './translate';
import { formatAge } from './when';

/** From which on a slower or faster run is worth a word on the line: every run takes another time. */
const leastMs = 1000;
const leastShare = 0.1;

/** `+12 MB, +3.1 s since last build`: what of a line is other than in the build before. Empty where nothing is, or it is not known. */
export function changeTitle({ sinceLast }: LineHistory, parts: { readonly sizes: boolean; readonly times: boolean }, t: Translate): string {
	const { bytes, durationMs } = sinceLast ?? {};
	const changes = [
		...parts.sizes && bytes !== undefined && bytes.now !== bytes.before ? [signedBytes(bytes)] : [],
		...parts.times && durationMs !== undefined && isNotable(durationMs) ? [signedDuration(durationMs)] : [],
	];
	return changes.length === 0 ? '' : t('{0} since last build', changes.join(', '));
}

/** The line beside the build before, beside the pinned one, and over the last builds. `now`: milliseconds since the epoch. */
export function historyTable({ sinceLast, sincePinned, sizes, durations }: LineHistory, now: number, t: Translate): readonly StoryRow[] {
	return [
		...changeRows(t('Since last build'), sinceLast, now, t),
		...changeRows(t('Since pinned baseline'), sincePinned, now, t),
		...overTime(t('Sizes'), sizes, formatBytes, words => t('in {0} builds, oldest first, bars from zero: {1}', sizes.length, words)),
		...overTime(t('Times'), durations, formatDuration, words => t('the {0} times it ran, oldest first, bars from zero: {1}', durations.length, words)),
	];
}

/** A layer that grew, in one sentence for a list of problems. */
export function growthMessage({ since, change: { at, bytes } }: Growth, now: number, t: Translate): string {
	const [by, size, before, age] = [formatBytes(bytes.now - bytes.before), formatBytes(bytes.now), formatBytes(bytes.before), formatAge(at, now, t)];
	return since === 'pinned'
		? t('This line\'s layer grew by {0} to {1}; in the pinned baseline ({3}) it was {2}.', by, size, before, age)
		: t('This line\'s layer grew by {0} to {1}; in the build before ({3}) it was {2}.', by, size, before, age);
}

function isNotable({ before, now }: Difference): boolean {
	const difference = Math.abs(now - before);
	return difference >= leastMs && difference >= before * leastShare;
}

function changeRows(name: string, change: LineChange | undefined, now: number, t: Translate): readonly StoryRow[] {
	const { bytes, durationMs } = change ?? {};
	if (change === undefined || (bytes === undefined && durationMs === undefined)) {
		return [];
	}
	const value = [
		...bytes === undefined ? [] : [bytes.now === bytes.before ? t('same size') : signedBytes(bytes)],
		...durationMs === undefined ? [] : [Math.abs(durationMs.now - durationMs.before) < leastShownMs ? t('same time') : signedDuration(durationMs)],
	];
	const before = [...bytes === undefined ? [] : [formatBytes(bytes.before)], ...durationMs === undefined ? [] : [formatDuration(durationMs.before)]];
	return [{ name, value: value.join(', '), meaning: t('was {0} (built {1})', before.join(', '), formatAge(change.at, now, t)) }];
}

function overTime(name: string, values: readonly number[], format: (value: number) => string, meaning: (words: string) => string): readonly StoryRow[] {
	return values.length < 2 ? [] : [{ name, value: sparkline(values), meaning: meaning(values.map(format).join(', ')) }];
}
