import { formatBytes } from '../core/base/bytes';
import { formatDuration, leastShownMs } from '../core/base/duration';
import type { LayerSize } from '../core/build/record';
import type { Outcome } from '../core/build/run';
import { layerKind } from '../core/dockerfile/keyword';
import type { ForecastTotal } from '../core/forecastTotal';
import type { LineFacts, StageTotal } from '../core/lineFacts';
import type { Forecast } from '../core/cache/reason';
import { makeupTable } from './makeup';
import { codeBlock, codeSpan, escapeMarkdown } from './markdown';
import { changeTitle, historyTable } from './lineHistory';
import { changedFiles, forecastSentence, forecastWords, foretoldSentence, reasonSentence, reasonWords } from './reason';
import { oneLine, outcomeWord, shorten } from './rows';
import type { StoryRow } from './storyRow';
import type { Translate } from './translate';
import { burialWords } from './waste';

/** The parts of a line's facts that a person wants to see. */
export interface LineParts {
	readonly sizes: boolean;
	readonly times: boolean;
	readonly outcomes: boolean;
}

/** A line's facts in a few words: `43.1 MB · 12.4 s · ran`. Empty where there is nothing to say. */
export function lineTitle(facts: LineFacts, parts: LineParts, t: Translate): string {
	if (facts.keyword === 'FROM') {
		return stageTitle(facts, parts, t);
	}
	// A line that is being written gets no lens: it would push the text down under the cursor.
	if (facts.source === undefined || !isCosted(facts)) {
		return '';
	}
	const size = parts.sizes && showsSize(facts) ? [formatBytes(facts.size.bytes)] : [];
	const time = parts.times && facts.durationMs !== undefined ? [formatDuration(facts.durationMs)] : [];
	if (facts.stale !== undefined) {
		const numbers = [...size, ...time].join(' · ');
		return [...numbers === '' ? [] : [t('was {0}', numbers)], ...parts.outcomes ? [aheadWords(facts, t) ?? staleWord(facts, t)] : []].join(' · ');
	}
	const waste = parts.sizes && facts.waste !== undefined && isMuchWaste(facts.waste) ? [t('wastes {0}', formatBytes(facts.waste.bytes))] : [];
	const change = facts.history === undefined ? '' : changeTitle(facts.history, parts, t);
	return [...size, ...waste, ...time, change, ...parts.outcomes ? [aheadWords(facts, t) ?? pastWords(facts, t)] : []].filter(word => word !== '').join(' · ');
}

/** A few bytes of waste are in every image; a hover says them. */
function isMuchWaste({ bytes, imageBytes }: NonNullable<LineFacts['waste']>): boolean {
	return bytes >= 1e6 || bytes * 100 >= imageBytes;
}

/** What the next build will do, where that is news: a line that holds and will be cached, or that never came to its end, says what happened to it last. */
function aheadWords(facts: LineFacts, t: Translate): string | undefined {
	const { forecast, stale } = facts;
	const isNoNews = (stale === undefined && forecast?.kind === 'hit') || isWithoutEnd(facts);
	return forecast === undefined || forecast.kind === 'unknown' || isNoNews ? undefined : forecastWords(forecast, t);
}

/** Whether the line as it stands did not come to its end in the last build: that it has to run again says less. */
export function isWithoutEnd({ stale, outcome }: LineFacts): boolean {
	return stale === undefined && outcome !== undefined && withoutEnd.includes(outcome);
}

const withoutEnd: readonly Outcome[] = ['failed', 'cancelled', 'unfinished', 'notRun'];

function pastWords({ outcome, reason }: LineFacts, t: Translate): string {
	return [...outcome === undefined ? [] : [outcomeWord(outcome, t)], ...reason === undefined ? [] : [reasonWords(reason, t)]].filter(word => word !== '').join(' · ');
}

function stageTitle({ stage, stageName, stageTotal: total }: LineFacts, { sizes, times, outcomes }: LineParts, t: Translate): string {
	if (total === undefined) {
		return '';
	}
	const size = sizes && total.bytes !== undefined ? [total.partial ? t('at least {0}', formatBytes(total.bytes)) : formatBytes(total.bytes)] : [];
	const time = times && total.durationMs !== undefined ? [formatDuration(total.durationMs)] : [];
	if (total.inFinalImage === false) {
		const name = oneLine(stageName ?? String(stage));
		const was = total.stale && size.length > 0 ? [t('was {0}', size[0]!)] : size;
		const place = [...was, ...outcomes ? [t('not in the image')] : []].join(', ');
		return [...place === '' ? [] : [t('stage {0}: {1}', name, place)], ...time].join(' · ');
	}
	const numbers = [...size, ...time].join(' · ');
	return numbers === '' ? '' : total.stale ? t('stage total was {0}', numbers) : t('stage total {0}', numbers);
}

/** Whether a line cost something or can be cached: those that only change the config are left in peace. */
export function isCosted({ keyword, outcome, size }: LineFacts): boolean {
	switch (outcome) {
		case undefined:
			return size !== undefined && (size.bytes > 0 || layerKind(keyword) === 'layer');
		// Until it is reached, a line that only changes the config looks as it will look in the end.
		case 'pending':
		case 'running':
		case 'notRun':
			return layerKind(keyword) === 'layer';
		default:
			return outcome !== 'metadata';
	}
}

function showsSize(facts: LineFacts): facts is LineFacts & { readonly size: LayerSize } {
	return facts.size !== undefined && (facts.size.bytes > 0 || layerKind(facts.keyword) === 'layer');
}

function staleWord({ stale }: LineFacts, t: Translate): string {
	return stale === 'changed' ? t('edited since') : t('depends on an edit');
}

/** What one line cost in words, for a screen reader and a lens's tooltip. */
export function lineSentence(facts: LineFacts, t: Translate): string {
	const total = facts.stageTotal;
	const words = facts.keyword === 'FROM' && total !== undefined
		? [stageTitle(facts, { sizes: true, times: true, outcomes: true }, t)]
		: [...storyRows(facts, t).map(({ name, value }) => `${name}: ${value}`), facts.history === undefined ? '' : changeTitle(facts.history, { sizes: true, times: true }, t)];
	return [t('Line {0}, {1}', facts.line, facts.keyword), ...words].filter(word => word !== '').join('. ');
}

/**
 * The whole story of a line as Markdown; `links` are Markdown of our own making, `now` is in milliseconds since the epoch.
 * Undefined where nothing is known.
 */
export function lineHover(facts: LineFacts, links: readonly string[], now: number, t: Translate): string | undefined {
	const rows = [
		...storyRows(facts, t), ...facts.history === undefined ? [] : historyTable(facts.history, now, t),
		...stageRows(facts.stageTotal, t), ...facts.makeup === undefined ? [] : makeupTable(facts.makeup, t),
	];
	if (rows.length === 0 && facts.stale === undefined) {
		return undefined;
	}
	const table = rows.length === 0 ? [] : [
		[`| ${escapeMarkdown(sourceTitle(facts, t))} | | |`, '|:--|:--|:--|',
			...rows.map(({ name, value, meaning }) => `| ${escapeMarkdown(name)} | **${escapeMarkdown(value)}**&ensp; | ${escapeMarkdown(meaning)} |`)].join('\n'),
	];
	const layer = facts.diffId === undefined ? [] : [`${escapeMarkdown(t('Layer (diffID)'))} ${codeSpan(facts.diffId)}`];
	const log = facts.logTail === undefined || facts.logTail === '' ? [] : [codeBlock(facts.logTail)];
	return [...table, ...changesNote(facts, t), ...staleNote(facts, t), ...layer, ...log, ...links.length === 0 ? [] : [links.join(' · ')]].join('\n\n');
}

function sourceTitle({ source }: LineFacts, t: Translate): string {
	switch (source) {
		case 'run': return t('Build under way');
		case 'record': return t('Last build');
		case 'history': return t('Image history');
		case undefined: return t('This line');
	}
}

function storyRows(facts: LineFacts, t: Translate): readonly StoryRow[] {
	const { size, durationMs, outcome } = facts;
	return [
		...showsSize(facts) ? [{ name: t('Size'), value: formatBytes(size!.bytes), meaning: sizeMeaning(size!, t) }] : [],
		...wasteRows(facts.waste, t),
		...durationMs === undefined ? [] : [{ name: t('Time'), value: formatDuration(durationMs), meaning: t('the engine worked on it') }],
		...outcome === undefined || facts.keyword === 'FROM' ? [] : [{ name: t('Outcome'), value: outcomeWord(outcome, t), meaning: outcomeMeaning(outcome, t) }],
		...facts.reason === undefined ? [] : [{ name: t('Reason'), value: reasonWords(facts.reason, t) || t('never built before'), meaning: reasonSentence(facts.reason, t) }],
		...facts.forecast === undefined || facts.forecast.kind === 'unknown' ? [] : [{ name: t('Forecast'), value: forecastSentence(facts.forecast, t), meaning: forecastMeaning(facts.forecast, t) }],
	];
}

function wasteRows(waste: LineFacts['waste'], t: Translate): readonly StoryRow[] {
	return waste === undefined || waste.bytes === 0 ? [] : [{
		name: t('Waste'),
		value: formatBytes(waste.bytes),
		meaning: waste.burials.slice(0, mostBurials).map(burial => burialWords(burial, t)).join(' '),
	}];
}

function forecastMeaning(forecast: Forecast, t: Translate): string {
	return forecast.kind === 'miss' && forecast.reason.kind !== 'neverBuilt' ? foretoldSentence(forecast.reason, t) : t('what the next build will do, as recorded builds and the files say');
}

/** Ways of burying that a hover lists. */
const mostBurials = 3;

/** Paths that a hover lists; the page has them all. */
const mostPaths = 8;

/** What changed, by name: of the next build where it will rebuild, else of the last one. */
function changesNote({ reason, forecast }: LineFacts, t: Translate): readonly string[] {
	const shown = forecast?.kind === 'miss' ? forecast.reason : reason;
	if (shown?.kind === 'instructionChanged' && shown.what === 'text') {
		return [`${escapeMarkdown(t('Before:'))} ${codeSpan(shorten(shown.before))}`];
	}
	const files = shown === undefined ? [] : changedFiles(shown, t);
	const rest = shown?.kind === 'filesChanged' && shown.total !== undefined ? shown.total - Math.min(files.length, mostPaths) : 0;
	return files.length === 0 ? [] : [[
		...files.slice(0, mostPaths).map(({ path, how }) => `- ${codeSpan(path)} ${escapeMarkdown(how)}`),
		...rest > 0 ? [`- ${escapeMarkdown(t('{0} more', rest))}`] : [],
	].join('\n')];
}

function stageRows(total: StageTotal | undefined, t: Translate): readonly StoryRow[] {
	if (total === undefined) {
		return [];
	}
	const partial = total.partial ? t('of the lines whose size is known; base image not counted') : t('all lines of this stage; base image not counted');
	return [
		...total.bytes === undefined ? [] : [{ name: t('Stage size'), value: formatBytes(total.bytes), meaning: partial }],
		...total.durationMs === undefined ? [] : [{ name: t('Stage time'), value: formatDuration(total.durationMs), meaning: t('the engine worked on its lines') }],
		...total.inFinalImage === undefined ? [] : [{
			name: t('Final image'), value: total.inFinalImage ? t('part of it') : t('not part of it'),
			meaning: total.inFinalImage ? t('its layers are the image\'s') : t('its layers stay in the build cache; only what is copied from it counts'),
		}],
	];
}

function sizeMeaning({ measure }: LayerSize, t: Translate): string {
	switch (measure) {
		case 'history': return t('layer, uncompressed, as the engine\'s history gives it');
		case 'cacheRecord': return t('layer, uncompressed, as the engine\'s build cache gives it');
		case 'stageBuild': return t('layer, uncompressed, as a later build of just this stage gave it');
	}
}

function outcomeMeaning(outcome: Outcome, t: Translate): string {
	switch (outcome) {
		case 'pending': return t('its turn has not come');
		case 'running': return t('the engine works on it');
		case 'cached': return t('the engine reused an earlier result');
		case 'ran': return t('the engine did the work');
		case 'failed': return t('the build ended here');
		case 'cancelled': return t('the build was cancelled here');
		case 'unfinished': return t('the build broke off while the engine worked on it');
		case 'notRun': return t('never reached, or not needed for the target');
		case 'metadata': return t('changes only the image\'s config; makes no layer');
	}
}

function staleNote({ source, stale }: LineFacts, t: Translate): readonly string[] {
	if (stale === undefined) {
		return [];
	}
	if (source === undefined) {
		return [`_${escapeMarkdown(t('This line was not part of the last build.'))}_`];
	}
	return [`_${escapeMarkdown(stale === 'changed' ? t('Edited since: these facts are those of the line as it was.') : t('Something it builds upon was edited since: these facts are those of the last build.'))}_`];
}

/** The next build in a few words: `7 cached, 2 rebuilds, about 14 s`. */
export function outlookTitle({ hits, rebuilds, depends, unknown, durationMs, isPartial }: ForecastTotal, t: Translate): string {
	return [
		t('{0} cached', hits),
		rebuilds === 1 ? t('1 rebuild') : t('{0} rebuilds', rebuilds),
		...depends === 0 ? [] : [t('{0} may rebuild', depends)],
		...unknown === 0 ? [] : [t('{0} unknown', unknown)],
		...durationMs === undefined ? [] : timeAhead(durationMs, isPartial, t),
	].join(', ');
}

function timeAhead(durationMs: number, isPartial: boolean, t: Translate): readonly string[] {
	const time = formatDuration(durationMs);
	if (durationMs < leastShownMs) {
		// At least next to nothing is no news.
		return isPartial ? [] : [time];
	}
	return [isPartial ? t('at least {0}', time) : t('about {0}', time)];
}

/** `7/9 cached`: of the instructions that a build reached and that can come from the cache, those that did. */
export function scoreTitle(score: { readonly cached: number; readonly cacheable: number }, t: Translate): string {
	return t('{0}/{1} cached', score.cached, score.cacheable);
}
