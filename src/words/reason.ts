import type { Forecast, InstructionPart, Reason } from '../core/cache/reason';
import { oneLine, shorten } from './rows';
import type { Translate } from './translate';

/** Characters of a path or a name that has to fit on a line with other words. */
const nameLength = 40;

/** Why a line ran, in the few words that fit on it: `package.json changed`. Empty where that goes without saying. */
export function reasonWords(reason: Reason, t: Translate): string {
	switch (reason.kind) {
		case 'neverBuilt': return '';
		case 'instructionChanged': return partWords(reason.what, t);
		case 'argumentChanged': return t('ARG {0} changed', named(reason.name));
		case 'environmentChanged': return t('ENV {0} changed', named(reason.name));
		case 'filesChanged': return filesWords(reason, t);
		case 'baseChanged': return t('base {0} changed', named(reason.reference));
		case 'parentMissed': return t('line {0} ran', reason.line);
		case 'sourceStageRan': return t('line {0} ran', reason.line);
		case 'remoteChanged': return t('download changed');
		case 'noCache': return t('without cache');
		case 'cachePruned': return t('cache was pruned');
		case 'unknown': return t('reason unknown');
	}
}

/** Why a line ran, in one sentence. */
export function reasonSentence(reason: Reason, t: Translate): string {
	switch (reason.kind) {
		case 'neverBuilt': return t('Nothing was ever built here upon the same beginning.');
		case 'instructionChanged': return partSentence(reason.what, reason.line, t);
		case 'argumentChanged': return t('The build argument {0} has another value: {1}, before {2}.', reason.name, shown(reason.after, t), shown(reason.before, t));
		case 'environmentChanged': return t('The variable {0} has another value: {1}, before {2}.', reason.name, shown(reason.after, t), shown(reason.before, t));
		case 'filesChanged': return filesSentence(reason, t);
		case 'baseChanged': return t('The base image {0} is another one than before.', reason.reference);
		case 'parentMissed': return t('It builds upon line {0}, which ran.', reason.line);
		case 'sourceStageRan': return t('It takes files from a stage in which line {0} ran, and they came out different.', reason.line);
		case 'remoteChanged': return t('What {0} gives is not what it gave before.', reason.url);
		case 'noCache': return t('The build was asked not to use the cache.');
		case 'cachePruned': return t('It was built with the very same inputs before, but the engine no longer has the result: its cache was pruned.');
		case 'unknown': return t('No recorded build proves why it ran.');
	}
}

/** Why a line will run: a reason that has not come true yet names no line that ran. */
export function foretoldSentence(reason: Reason, t: Translate): string {
	switch (reason.kind) {
		case 'parentMissed': return t('It builds upon line {0}.', reason.line);
		case 'sourceStageRan': return t('It takes files from a stage in which line {0} comes out different.', reason.line);
		case 'unknown': return t('No recorded build was the same up to here.');
		default: return reasonSentence(reason, t);
	}
}

/** What changed, one thing a row: paths with what happened to them. Empty for reasons that are about no files. */
export function changedFiles(reason: Reason, t: Translate): readonly { readonly path: string; readonly how: string }[] {
	if (reason.kind !== 'filesChanged') {
		return [];
	}
	const list = (paths: readonly string[], how: string): { path: string; how: string }[] => paths.map(path => ({ path, how }));
	return [
		...list(reason.content, t('content changed')),
		...list(reason.added, t('added')),
		...list(reason.removed, t('removed')),
		...list(reason.mode, t('permissions changed')),
	];
}

/** What the next build will do with a line, in a few words: `will rebuild · package.json changed`. Empty where nothing is known. */
export function forecastWords(forecast: Forecast, t: Translate): string {
	switch (forecast.kind) {
		case 'hit': return t('will be cached');
		case 'miss': return [t('will rebuild'), reasonAhead(forecast.reason, t)].filter(word => word !== '').join(' · ');
		case 'depends': return forecast.isBase ? t('may rebuild · {0} may have moved', named(forecast.url ?? ''))
			: forecast.elsewhere !== undefined ? [t('may rebuild'), elsewhereReason(forecast.elsewhere, t)].filter(word => word !== '').join(' · ')
			: forecast.isHeld ? t('may rebuild · another build is under way')
			: forecast.line === undefined ? t('may rebuild · depends on a download') : t('may rebuild · depends on the stage of line {0}', forecast.line);
		case 'unknown': return '';
	}
}

/** The same as a sentence. */
export function forecastSentence(forecast: Forecast, t: Translate): string {
	switch (forecast.kind) {
		case 'hit': return t('from the cache');
		case 'miss': return [t('will rebuild'), reasonAhead(forecast.reason, t)].filter(word => word !== '').join(': ');
		case 'depends': return forecast.isBase
			? t('from the cache if {0} is still what it was in its registry, which only the build finds out', forecast.url ?? '')
			: forecast.elsewhere !== undefined ? [t('will rebuild, unless the engine has it from a build made elsewhere'), elsewhereReason(forecast.elsewhere, t)].filter(word => word !== '').join(': ')
			: forecast.isHeld ? t('from the cache once the build has ended that is under way; until then the engine may run again what it has upon results of that one')
			: forecast.line === undefined ? t('depends on what {0} gives', forecast.url ?? '')
			: t('depends on the result of the stage that starts at line {0}, which is only known when it is built', forecast.line);
		case 'unknown': return t('unknown: nothing recorded tells');
	}
}

/** A reason that has not come true yet. */
function reasonAhead(reason: Reason, t: Translate): string {
	switch (reason.kind) {
		case 'parentMissed':
		case 'sourceStageRan': return t('line {0} will', reason.line);
		case 'neverBuilt': return t('new');
		case 'unknown': return '';
		default: return reasonWords(reason, t);
	}
}

/** Of a line that only may rebuild: what it stands upon only may, too. */
function elsewhereReason(reason: Reason, t: Translate): string {
	return reason.kind === 'parentMissed' ? t('line {0} may', reason.line) : reasonAhead(reason, t);
}

function filesWords(reason: Extract<Reason, { kind: 'filesChanged' }>, t: Translate): string {
	const { added, removed, content, mode, total } = reason;
	if (total === undefined) {
		return t('files changed');
	}
	if (total === 0) {
		return t('paths changed');
	}
	if (total > 1) {
		const [first] = [...content, ...added, ...removed, ...mode];
		return first === undefined ? t('{0} files changed', total) : t('{0} and {1} more changed', named(first), total - 1);
	}
	return content[0] !== undefined ? t('{0} changed', named(content[0]))
		: added[0] !== undefined ? t('{0} added', named(added[0]))
		: removed[0] !== undefined ? t('{0} removed', named(removed[0]))
		: t('mode of {0} changed', named(mode[0] ?? ''));
}

function filesSentence({ total }: Extract<Reason, { kind: 'filesChanged' }>, t: Translate): string {
	switch (total) {
		case undefined: return t('The files it takes are others than before. Which ones is not known any more: the older list was not kept.');
		case 1: return t('One of the files it takes changed.');
		default: return t('{0} of the files it takes changed.', total);
	}
}

function partWords(what: InstructionPart, t: Translate): string {
	switch (what) {
		case 'text': return t('line was edited');
		case 'shell': return t('SHELL changed');
		case 'user': return t('USER changed');
		case 'workdir': return t('WORKDIR changed');
		case 'network': return t('network changed');
		case 'platform': return t('platform changed');
	}
}

function partSentence(what: InstructionPart, line: number, t: Translate): string {
	switch (what) {
		case 'text': return t('The instruction says something else than before.');
		case 'shell': return t('The shell it runs in is another one, see line {0}.', line);
		case 'user': return t('It runs as another user, see line {0}.', line);
		case 'workdir': return t('It runs in another folder, see line {0}.', line);
		case 'network': return t('It runs with another network.');
		case 'platform': return t('It is built for another platform.');
	}
}

function shown(value: string | undefined, t: Translate): string {
	return value === undefined ? t('not set') : value === '' ? t('empty') : `"${shorten(oneLine(value), 80)}"`;
}

function named(name: string): string {
	const clean = oneLine(name);
	return clean.length <= nameLength ? clean : `…${clean.slice(1 - nameLength)}`;
}
