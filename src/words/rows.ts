import { formatBytes } from '../core/base/bytes';
import { formatDuration } from '../core/base/duration';
import type { Outcome } from '../core/build/run';
import type { ContainerChange, ContainerSummary, ImageSummary } from '../core/engine/engine';
import type { HistoryMeasure } from '../core/engine/historyMeasure';
import type { PublishedPort } from '../core/engine/publishedPort';
import type { ImageRow } from '../core/image/historyRows';
import { signedBytes } from './signed';
import type { Translate } from './translate';
import { formatAge } from './when';

/** The words of a tree's row. */
export interface RowText {
	readonly label: string;
	readonly description: string;
	readonly tooltip: string;
	/** All of it in words, for a screen reader. */
	readonly accessible: string;
}

/** Characters of an instruction and its cost in a row: as much as a wide view shows. */
const rowLength = 100;

/** A step as a row shows it. */
export interface StepFacts {
	readonly text: string;
	readonly line: number;
	readonly outcome: Outcome | undefined;
	readonly durationMs: number | undefined;
	readonly sizeBytes: number | undefined;
	readonly progress: { readonly name: string; readonly current: number; readonly total: number } | undefined;
}

export function stepRow(step: StepFacts, t: Translate): RowText {
	const label = oneLine(step.text);
	const numbers = [
		// What only changes the config has no size to speak of; a cached step's is still what the line costs.
		...step.sizeBytes === undefined || step.outcome === 'metadata' ? [] : [formatBytes(step.sizeBytes)],
		...step.durationMs === undefined ? [] : [formatDuration(step.durationMs)],
	];
	const outcome = step.outcome === undefined ? '' : outcomeWord(step.outcome, t);
	return {
		// The cost first: a narrow view cuts what stands behind.
		label: shorten(joined([...numbers, label]), rowLength),
		// What ran says so by its cost; everything else needs the word.
		description: step.outcome === 'ran' && numbers.length > 0 ? '' : joined([outcome, ...progressWords(step.progress)]),
		tooltip: [shorten(label, 2000), t('Line {0}', step.line), joined([outcome, ...numbers])].filter(line => line !== '').join('\n'),
		accessible: [t('Line {0}', step.line), label, outcome, ...numbers].filter(part => part !== '').join(', '),
	};
}

export function outcomeWord(outcome: Outcome, t: Translate): string {
	switch (outcome) {
		case 'pending': return t('waiting');
		case 'running': return t('running');
		case 'cached': return t('cached');
		case 'ran': return t('ran');
		case 'failed': return t('failed');
		case 'cancelled': return t('cancelled');
		case 'unfinished': return t('not finished');
		case 'notRun': return t('not run');
		case 'metadata': return t('config only');
	}
}

function progressWords(progress: StepFacts['progress']): readonly string[] {
	if (progress === undefined) {
		return [];
	}
	const { current, total } = progress;
	return current <= 0 ? [] : [total > 0 ? `${formatBytes(current)} / ${formatBytes(total)}` : formatBytes(current)];
}

/** A build as a row shows it. */
export interface RunFacts {
	readonly state: 'running' | 'succeeded' | 'failed' | 'cancelled';
	/** When it began, for the reader's clock. */
	readonly moment: string;
	readonly durationMs: number | undefined;
	readonly cached: number;
	/** Instructions that could have come from the cache and were reached. */
	readonly cacheable: number;
	readonly target: string | undefined;
	readonly tags: readonly string[];
	readonly builder: 'buildkit' | 'classic';
	readonly warnings: number;
	readonly noCache: boolean;
	/** Of all layers of the image; undefined where there is none, or it is not known. */
	readonly imageBytes: number | undefined;
	/** Of the image of the build before. */
	readonly previousBytes: number | undefined;
	/** Later builds are compared with it. */
	readonly isPinned: boolean;
	readonly isOfCommandLine: boolean;
}

export function runRow(run: RunFacts, t: Translate): RowText {
	const label = run.target === undefined ? t('Build {0}', run.moment) : t('Build {0} to {1}', run.moment, run.target);
	const state = {
		running: t('running'), succeeded: t('succeeded'), failed: t('failed'), cancelled: t('cancelled'),
	}[run.state];
	const score = run.cacheable > 0 ? [t('{0}/{1} cached', run.cached, run.cacheable)] : [];
	const duration = run.durationMs === undefined ? [] : [formatDuration(run.durationMs)];
	const warnings = run.warnings === 0 ? [] : [run.warnings === 1 ? t('1 warning') : t('{0} warnings', run.warnings)];
	const { imageBytes, previousBytes } = run;
	const grown = imageBytes === undefined || previousBytes === undefined || imageBytes === previousBytes ? [] : [signedBytes({ before: previousBytes, now: imageBytes })];
	const image = imageBytes === undefined ? [] : [[formatBytes(imageBytes), ...grown.map(change => `(${change})`)].join(' ')];
	const pinned = run.isPinned ? [t('pinned')] : [];
	const origin = run.isOfCommandLine ? [t('command line')] : [];
	return {
		label,
		description: joined([...run.state === 'succeeded' ? [] : [state], ...pinned, ...image, ...score, ...duration, ...warnings, ...origin]),
		tooltip: [
			t('{0}: {1}', label, state),
			...run.tags.length > 0 ? [t('Tags: {0}', run.tags.join(', '))] : [],
			...imageBytes === undefined ? [] : [t('Image: {0}', formatBytes(imageBytes))],
			...grown.map(change => t('{0} since the build before', change)),
			joined([...score, ...duration, ...warnings, ...run.noCache ? [t('without cache')] : []]),
			...run.isPinned ? [t('Pinned: later builds are compared with it')] : [],
			run.builder === 'buildkit' ? t('Builder: BuildKit') : t('Builder: classic'),
			...run.isOfCommandLine ? [t('Built at the command line; BuildKit told of it afterwards')] : [],
		].filter(line => line !== '').join('\n'),
		accessible: [
			label, state, ...pinned, ...imageBytes === undefined ? [] : [t('image {0}', formatBytes(imageBytes))], ...grown.map(change => t('{0} since the build before', change)),
			...score, ...duration, ...warnings, ...run.isOfCommandLine ? [t('built at the command line')] : [],
		].join(', '),
	};
}

/** A tag, or the id of an image that has none. */
export function imageRow(image: ImageSummary, name: string, now: number, t: Translate, measure: HistoryMeasure = 'files'): RowText {
	const size = formatBytes(image.sizeBytes);
	// Images that are to be the same each time they are made have no time; the epoch is not one.
	const age = image.createdAt > 0 ? [formatAge(image.createdAt, now, t)] : [];
	const parts = image.sharedBytes === undefined ? [] : [
		t('Shared with other images: {0}', formatBytes(image.sharedBytes)),
		t('Only in this image: {0}', formatBytes(Math.max(0, image.sizeBytes - image.sharedBytes))),
	];
	const unique = image.sharedBytes === undefined || image.sharedBytes === 0
		? [] : [t('{0} own', formatBytes(Math.max(0, image.sizeBytes - image.sharedBytes)))];
	return {
		label: oneLine(name),
		description: joined([size, ...unique, ...age]),
		tooltip: [
			...image.references, t('Image ID: {0}', image.id), ...image.digests.map(digest => t('Digest: {0}', digest)),
			measure === 'blocks' ? t('Size on disk, compressed and unpacked: {0}', size) : t('Size of all its layers, uncompressed: {0}', size),
			t('Created: {0}', age[0] ?? t('not recorded')),
		].map(line => shorten(oneLine(line), 300)).join('\n'),
		// Read aloud, an id tells least: where there is no name it comes last.
		accessible: (image.references.length > 0 ? [oneLine(name), size, ...parts, ...age] : [t('Untagged image'), size, ...parts, ...age, oneLine(name)]).join(', '),
	};
}

/** `measure`: what its size is; `content`: what its layer in an archive holds. */
export function historyRow(row: ImageRow, now: number, t: Translate, measure: HistoryMeasure | 'content' = 'files'): RowText {
	const label = instructionWords(row, t);
	// A layer's snapshot takes a block at least: where it takes none there is none.
	const isPacked = measure === 'blocks' && row.empty === false && row.sizeBytes === 0;
	const size = row.empty === true ? t('no layer') : isPacked ? t('not unpacked') : formatBytes(row.sizeBytes);
	// An imported or scratch-made row may have no time; the epoch is not one.
	const age = row.createdAt > 0 ? [formatAge(row.createdAt, now, t)] : [];
	return {
		// The size first: a narrow view cuts what stands behind.
		label: shorten(joined([...row.empty === true ? [] : [size], label]), rowLength),
		description: joined([...row.empty === true ? [size] : [], ...age]),
		tooltip: [
			row.instruction.trim() === '' ? label : shorten(row.instruction.replace(controls, ' '), 2000),
			row.empty === true ? t('Changes only the config; makes no layer.') : isPacked ? t('Not unpacked: the engine has it compressed, and does not tell its size.') : measureWords(measure, size, t),
			...row.diffId === undefined ? [] : [t('Layer (diffID): {0}', row.diffId)],
			...row.comment === '' || row.comment.startsWith('buildkit.') ? [] : [t('Comment: {0}', oneLine(row.comment))],
		].join('\n'),
		accessible: [label, size, ...age].join(', '),
	};
}

/** The instruction; of a row without one, what its comment tells: an import keeps nothing else of where its files are from. */
function instructionWords({ instruction, comment, index }: ImageRow, t: Translate): string {
	const words = oneLine(instruction);
	const told = comment.startsWith('buildkit.') ? '' : oneLine(comment);
	if (words !== '' || told === '') {
		return words || t('(no command)');
	}
	// `docker import` writes this comment where it is given no other.
	return told === 'Imported from -' ? t('Imported file system')
		: told.startsWith('Imported from ') ? told
		: index === 0 ? t('Imported: {0}', told) : t('(no command): {0}', told);
}

function measureWords(measure: HistoryMeasure | 'content', size: string, t: Translate): string {
	switch (measure) {
		case 'files': return t('Size in history, bytes of its files: {0}', size);
		case 'blocks': return t('Size in history, on disk unpacked, in whole blocks of 4 KiB: {0}', size);
		case 'tar': return t('Size in history, its tar: {0}', size);
		case 'content': return t('File content in this layer: {0}', size);
	}
}

export function containerRow(container: ContainerSummary, t: Translate): RowText {
	const name = oneLine(container.name);
	// Made by an image's ID: the first digits, as elsewhere.
	const image = oneLine(container.image).replace(/^(?:sha256:)?([0-9a-f]{12})[0-9a-f]{52}$/, '$1');
	const status = oneLine(container.status);
	const ports = portWords(container.ports);
	const all = container.ports.map(one => `${one.hostAddress === undefined ? '' : `${oneLine(one.hostAddress)}:`}${portWord(one)}`).join(', ');
	return {
		label: name,
		// What changes first: a narrow view cuts what stands behind.
		description: joined([status, ports, image]),
		tooltip: [name, t('Image: {0}', image), t('State: {0}', status), ...ports === '' ? [] : [t('Ports, on the engine\'s machine → in the container: {0}', shorten(all, 300))], t('Command: {0}', shorten(oneLine(container.command), 300)), t('Container ID: {0}', container.id)].join('\n'),
		accessible: [name, container.state, status, ...ports === '' ? [] : [t('ports {0}', ports)], image].join(', '),
	};
}

/** Ports in a row; the rest is counted. */
const mostPorts = 3;

function portWords(ports: readonly PublishedPort[]): string {
	const words = [...new Set(ports.map(portWord))];
	const more = words.length - mostPorts;
	return words.slice(0, mostPorts).join(', ') + (more > 0 ? ` +${String(more)}` : '');
}

/** `8080→80`: on the engine's machine, and in the container. */
export function portWord({ hostPort, port, protocol }: PublishedPort): string {
	return `${String(hostPort)}→${String(port)}${protocol === 'tcp' ? '' : `/${oneLine(protocol)}`}`;
}

/** The letter that git gives a change, and rows have. */
export function changeLetter(change: ContainerChange['change']): 'A' | 'M' | 'D' {
	return ({ added: 'A', modified: 'M', removed: 'D' } as const)[change];
}

export function changeWord(change: ContainerChange['change'], t: Translate): string {
	return { added: t('added'), modified: t('changed'), removed: t('removed') }[change];
}

/** How much a container changed: `12 added, 3 changed, 1 removed`. A folder is not changed by what changed in it. */
export function changeCounts(changes: readonly ContainerChange[], t: Translate): string {
	const parents = new Set(changes.map(({ path }) => path.slice(0, path.lastIndexOf('/'))));
	const count = (kind: ContainerChange['change']): number => changes.filter(({ path, change }) => change === kind && (kind !== 'modified' || !parents.has(path))).length;
	return changes.length === 0 ? t('nothing changed') : t('{0} added, {1} changed, {2} removed', count('added'), count('modified'), count('removed'));
}

// Control characters, and those that turn the direction of what follows: names come from strangers.
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** A text on one line, without what could make a row look like another. */
export function oneLine(text: string): string {
	return text.replace(controls, ' ').replace(/\s+/g, ' ').trim();
}

/** Long labels cost the tree more than they tell; the tooltip has the rest. */
export function shorten(text: string, length = 200): string {
	return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

function joined(parts: readonly string[]): string {
	return parts.filter(part => part !== '').join(' · ');
}
