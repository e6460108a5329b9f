import { formatBytes } from '../core/base/bytes';
import type { CacheRecord } from '../core/engine/engine';
import type { CacheRemoval, RecordLine } from '../core/cacheRecordLines';
import { oneLine, shorten, type RowText } from './rows';
import type { Translate } from './translate';
import { formatAge } from './when';

/** Where records stand that are no Dockerfile's: by what they are. */
export type RecordKind = 'step' | 'base' | 'context' | 'mount' | 'other';

/** What a record is, by its type and BuildKit's words for it. */
export function recordKind({ type, description }: CacheRecord): RecordKind {
	return type === 'exec.cachemount' ? 'mount'
		: type === 'source.local' ? 'context'
		: /^(?:from local|pulled from) /.test(description) ? 'base'
		: type === 'regular' ? 'step' : 'other';
}

export function recordKindTitle(kind: RecordKind, t: Translate): string {
	switch (kind) {
		case 'step': return t('Steps of other builds');
		case 'base': return t('Base images');
		case 'context': return t('Build contexts');
		case 'mount': return t('Cache mounts');
		case 'other': return t('Other records');
	}
}

/** A record as a row shows it. */
export function recordRow(record: CacheRecord, line: RecordLine | undefined, now: number, t: Translate): RowText {
	const label = line?.text ?? plainDescription(record.description);
	const used = record.lastUsedAt ?? record.createdAt;
	const size = formatBytes(record.sizeBytes);
	const words = [
		...used === undefined ? [] : [t('used {0}', formatAge(used, now, t))],
		...record.shared ? [t('shared')] : [],
		...record.inUse ? [t('in use')] : [],
	];
	return {
		// The size first: a narrow view cuts what stands behind.
		label: `${size} · ${shorten(oneLine(label), 60)}`,
		description: words.join(' · '),
		tooltip: [
			shorten(oneLine(label), 2000),
			...line === undefined ? [] : [t('Line {0} of {1}', line.line, line.dockerfilePath)],
			t('Size of the cache record: {0}', size),
			...record.usageCount === undefined ? [] : [t('Used {0} times', record.usageCount)],
			...record.shared ? [t('Shared: an image has the same layer, so its bytes stay when the record goes.')] : [],
			...record.inUse ? [t('In use: it cannot be removed now.')] : [],
			t('Engine\'s words: {0}', shorten(oneLine(record.description), 500)),
			`${record.type} ${record.id}`,
		].join('\n'),
		accessible: [shorten(oneLine(label)), size, ...words].join(', '),
	};
}

function plainDescription(description: string): string {
	return description.replace(/^mount \/ from exec (?:\/bin\/sh -c )?/, 'RUN ').replace(/^fileop target$/, 'COPY, ADD or WORKDIR').replace(/(sha256:[0-9a-f]{12})[0-9a-f]{52}/g, '$1');
}

/** What a removal takes and frees: the question of the confirmation, and its detail. `costsOthers`: on this engine, other records too become useless. */
export function removalWords({ records, dependents, freedBytes, sharedBytes, inUse }: CacheRemoval, t: Translate, costsOthers = false): { readonly question: string; readonly detail: string } {
	return {
		question: records.length === 1
			? t('Remove 1 build cache record? This frees {0}.', formatBytes(freedBytes))
			: t('Remove {0} build cache records? This frees {1}.', records.length, formatBytes(freedBytes)),
		detail: [
			t('The next build that needs them will run these steps again.'),
			...costsOthers ? [t('With this engine\'s containerd image store, steps of other builds may run again too.')] : [],
			...dependents === 0 ? [] : [dependents === 1 ? t('1 of them builds upon those selected, and goes with them.') : t('{0} of them build upon those selected, and go with them.', dependents)],
			...sharedBytes === 0 ? [] : [t('{0} more are layers of images and stay on disk.', formatBytes(sharedBytes))],
			...inUse === 0 ? [] : [inUse === 1 ? t('1 is in use and stays.') : t('{0} are in use and stay.', inUse)],
		].join('\n'),
	};
}
