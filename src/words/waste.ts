import { formatBytes } from '../core/base/bytes';
import type { Fix } from '../core/fixes';
import type { CauseKind } from '../core/layers/causes';
import type { Burial } from '../core/layers/waste';
import type { ImageWaste, LineWaste } from '../core/lineWaste';
import { oneLine, shorten } from './rows';
import type { Translate } from './translate';

/** What a line wastes, in one sentence for a list of problems. Undefined where nothing of it is buried. */
export function wasteMessage({ bytes, burials }: LineWaste, t: Translate): string | undefined {
	if (bytes === 0) {
		return undefined;
	}
	const [first, ...rest] = burials.map(burial => burialWords(burial, t));
	const more = rest.length === 0 ? '' : ` ${rest.length === 1 ? t('1 more way.') : t('{0} more ways.', rest.length)}`;
	return `${t('{0} of what this line adds is waste: it stays in the image and nobody can reach it.', formatBytes(bytes))} ${first ?? ''}${more}`;
}

/** `Line 12 removes 80 MB: /var/lib/apt/lists/… and 20 more files.` */
export function burialWords({ line, how, bytes, files, paths }: LineWaste['burials'][number], t: Translate): string {
	const size = formatBytes(bytes);
	const which = shorten(oneLine(paths[0] ?? ''), 80);
	const what = files <= 1 ? which : t('{0} and {1} more', which, files - 1);
	const who = line === undefined ? t('A later layer') : t('Line {0}', line);
	return burialSentence(how, who, size, what, t);
}

function burialSentence(how: Burial, who: string, size: string, what: string, t: Translate): string {
	switch (how) {
		case 'removed': return t('{0} removes {1}: {2}.', who, size, what);
		case 'overwritten': return t('{0} writes {1} anew: {2}.', who, size, what);
		case 'hidden': return t('{0} puts something else in the place of {1}: {2}.', who, size, what);
	}
}

/** What the line's layer need not hold, apart from what is waste already. */
export function causeMessage({ kind, bytes, files, paths, firstLine, packages }: LineWaste['causes'][number], t: Translate): string {
	const size = formatBytes(bytes);
	const where = paths.slice(0, 3).map(path => shorten(oneLine(path), 80)).join(', ');
	switch (kind) {
		case 'metadataCopy': return firstLine === undefined
			? t('{0} are stored a second time because only mode, owner or time changed: {1}.', size, where)
			: t('{0} of line {2} are stored a second time because only mode, owner or time changed: {1}.', size, where, firstLine);
		case 'duplicateContent': return firstLine === undefined
			? t('{0} are stored here that an earlier layer has under another name: {1}.', size, where)
			: t('{0} are stored here that line {2} has stored under another name: {1}.', size, where, firstLine);
		case 'manyLayers': return t('This image has {0} layers; engines mount at most 127.', files);
		case 'gitFolder': return t('{0} of a Git repository\'s history came along: {1}.', size, where);
		case 'nodeModules': return t('{0} of installed packages were copied from the build context: {1}.', size, where);
		case 'buildTools': return [
			t('{0} of compilers, headers and static libraries are still there in the end: {1}.', size, where),
			...packages.length === 0 ? [] : [t('Installed with {0}.', packages.map(name => shorten(oneLine(name))).join(', '))],
			t('Building in a stage of its own and copying only the result leaves them out.'),
		].join(' ');
		default: return t('{0} of {1} stay in this layer: {2}.', size, leftoverName(kind, t), where);
	}
}

function leftoverName(kind: Exclude<CauseKind, 'metadataCopy' | 'duplicateContent' | 'manyLayers' | 'gitFolder' | 'nodeModules' | 'buildTools'>, t: Translate): string {
	return {
		aptLists: t('apt\'s package lists'), aptArchives: t('apt\'s downloaded packages'), apkCache: t('apk\'s cache'), dnfCache: t('dnf\'s cache'),
		pipCache: t('pip\'s cache'), npmCache: t('npm\'s cache'), yarnCache: t('Yarn\'s cache'), goCache: t('Go\'s caches'),
		cargoCache: t('Cargo\'s downloads'), mavenCache: t('Maven\'s repository'), gradleCache: t('Gradle\'s cache'),
	}[kind];
}

export function fixTitle(fix: Fix, t: Translate): string {
	const saving = fix.savesBytes === undefined ? t('the next build tells what it saves') : t('should save {0}', formatBytes(fix.savesBytes));
	const words = {
		joinRuns: () => t('Join lines {0} to {1} into one RUN', fix.line, fix.lastLine),
		cleanHere: () => t('Clean up in the same RUN: {0}', fix.subject),
		cacheMount: () => fix.lastLine === fix.line
			? t('Keep {0} in a cache mount', fix.subject)
			: t('Keep {0} in a cache mount of lines {1} to {2}', fix.subject, fix.line, fix.lastLine),
		copyFlag: () => t('Let line {0} set it: {1}', fix.lastLine, fix.subject),
		ignore: () => t('Add {0} to .dockerignore', fix.subject),
		noRecommends: () => t('Add {0}', fix.subject),
	}[fix.kind]();
	return `${words} (${saving})`;
}

/** `wastes 84 MB of 494 MB`, over a whole image. */
export function imageWasteTitle({ wastedBytes, totalBytes, efficiency }: Pick<ImageWaste, 'wastedBytes' | 'totalBytes' | 'efficiency'>, t: Translate): string {
	return wastedBytes === 0
		? t('no waste')
		: t('wastes {0} of {1} ({2} % efficient)', formatBytes(wastedBytes), formatBytes(totalBytes), Math.floor(efficiency * 100));
}

/** What fixes promised beside what the next build measured. */
export function savingTitle(promised: number, measured: number, t: Translate): string {
	return measured >= 0
		? t('{0} smaller; {1} promised', formatBytes(measured), formatBytes(promised))
		: t('{0} larger; {1} smaller was promised', formatBytes(-measured), formatBytes(promised));
}
