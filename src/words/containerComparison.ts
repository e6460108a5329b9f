import { formatBytes } from '../core/base/bytes';
import type { ConfigChange } from '../core/rebuild/configChange';
import { octal } from '../core/rebuild/copyPlan';
import { isPackageBookkeeping } from '../core/rebuild/packages';
import type { FileDifference } from '../core/layers/compare';
import { oneLine } from './rows';
import type { Translate } from './translate';

/** More lines than this are no answer; the rest is counted. */
const mostListed = 500;

/** What still differs between the image of a container's Dockerfile and the container, as a text. */
export function containerComparisonText(
	{ files, config }: { readonly files: readonly FileDifference[]; readonly config: readonly ConfigChange[] },
	about: { readonly container: string; readonly dockerfile: string }, t: Translate,
): string {
	const own = files.filter(({ path }) => !isPackageBookkeeping(path));
	const kept = files.filter(({ path }) => isPackageBookkeeping(path));
	return [
		comparisonTitle(files.length + config.length, t),
		'',
		t('Image built from: {0}', about.dockerfile),
		t('Container: {0}', oneLine(about.container)),
		t('Compared: every path with its kind, mode, owner, link and content, and the config. Times do not count.'),
		...section(t('Files'), own, t),
		...section(t('Files that a package manager keeps for itself: logs, caches, databases'), kept, t),
		...config.length === 0 ? [] : ['', t('Config'), ...config.map(({ subject }) => `  ${oneLine(subject)}`)],
		'',
	].join('\n');
}

export function comparisonTitle(count: number, t: Translate): string {
	return count === 0 ? t('No difference: the image is the container.') : count === 1 ? t('1 difference remains.') : t('{0} differences remain.', count);
}

function section(title: string, files: readonly FileDifference[], t: Translate): readonly string[] {
	return files.length === 0 ? [] : [
		'', title,
		...files.slice(0, mostListed).map(file => `  ${differenceLine(file, t)}`),
		...files.length > mostListed ? [`  ${t('and {0} more', files.length - mostListed)}`] : [],
	];
}

function differenceLine({ path, change, a, b }: FileDifference, t: Translate): string {
	const name = oneLine(path);
	if (a === undefined || b === undefined) {
		return change === 'added' ? t('{0}  only in the container', name) : t('{0}  only in the image', name);
	}
	const parts = [
		...a.kind === b.kind ? [] : [`${a.kind} → ${b.kind}`],
		...a.mode === b.mode ? [] : [`${octal(a.mode)} → ${octal(b.mode)}`],
		...a.uid === b.uid && a.gid === b.gid ? [] : [`${a.uid}:${a.gid} → ${b.uid}:${b.gid}`],
		...a.link === b.link || a.kind !== 'symlink' ? [] : [`${oneLine(a.link ?? '')} → ${oneLine(b.link ?? '')}`],
		...a.size === b.size ? [] : [`${formatBytes(a.size)} → ${formatBytes(b.size)}`],
	];
	return `${name}  ${parts.length === 0 ? t('other content') : parts.join(', ')}`;
}
