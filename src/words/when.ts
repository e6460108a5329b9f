import type { Translate } from './translate';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** How long ago, roughly: `just now`, `5 minutes ago`, `3 days ago`, `2 years ago`. Both in milliseconds since the epoch. */
export function formatAge(at: number, now: number, t: Translate): string {
	const ago = Math.max(0, now - at);
	if (ago < minute) {
		return t('just now');
	}
	if (ago < hour) {
		return counted(Math.floor(ago / minute), t('1 minute ago'), number => t('{0} minutes ago', number));
	}
	if (ago < day) {
		return counted(Math.floor(ago / hour), t('1 hour ago'), number => t('{0} hours ago', number));
	}
	if (ago < 60 * day) {
		return counted(Math.floor(ago / day), t('1 day ago'), number => t('{0} days ago', number));
	}
	if (ago < 730 * day) {
		return t('{0} months ago', Math.floor(ago / (30 * day)));
	}
	return t('{0} years ago', Math.floor(ago / (365 * day)));
}

/** A moment on the reader's clock: the time today, else date and time. */
export function formatMoment(at: number, now: number, language: string | undefined): string {
	const time: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false };
	const sameDay = new Date(at).toDateString() === new Date(now).toDateString();
	return new Intl.DateTimeFormat(language, sameDay ? time : { ...time, second: undefined, month: 'short', day: 'numeric' }).format(at);
}

function counted(count: number, one: string, many: (count: number) => string): string {
	return count === 1 ? one : many(count);
}
