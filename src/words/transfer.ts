import { formatBytes } from '../core/base/bytes';
import type { LayerPhase, TransferLayer, TransferProgress, TransferSaving } from '../core/transfer';
import { oneLine, type RowText } from './rows';
import type { Translate } from './translate';

export interface TransferFacts {
	readonly kind: 'pull' | 'push';
	readonly reference: string;
	readonly platform: string | undefined;
	readonly state: 'running' | 'succeeded' | 'failed' | 'cancelled';
	readonly progress: TransferProgress;
	readonly saving: TransferSaving | undefined;
}

/** A pull or push as its row shows it. */
export function transferRow(transfer: TransferFacts, t: Translate): RowText {
	const { kind, reference, platform, state, progress } = transfer;
	const title = (name: string): string => ({ pull: t('Pull {0}', name), push: t('Push {0}', name) })[kind];
	const whole = title(oneLine(reference));
	const description = state === 'running' ? runningWords(progress, t)
		: state === 'succeeded' ? transferResult(transfer, t)
		: state === 'cancelled' ? t('cancelled') : t('failed');
	return {
		// How far it is stays in sight; the tooltip has the registry.
		label: title(oneLine(reference).replace(/^.*\//, '')), description,
		tooltip: [whole, ...platform === undefined ? [] : [t('Platform: {0}', platform)], description, ...progress.digest === undefined ? [] : [t('Digest: {0}', progress.digest)]].join('\n'),
		accessible: [whole, ...state === 'running' ? [t('running')] : state === 'succeeded' ? [t('succeeded')] : [], description].join(', '),
	};
}

function runningWords({ layers }: TransferProgress, t: Translate): string {
	if (layers.length === 0) {
		return t('asking the registry');
	}
	const ended = layers.filter(({ phase }) => phase === 'done' || phase === 'exists').length;
	const moved = movedOf(layers);
	return [t('{0} of {1} layers', ended, layers.length), ...moved > 0 ? [formatBytes(moved)] : []].join(' · ');
}

/** What was moved, and what sharing saved. */
export function transferResult({ kind, progress, saving }: Pick<TransferFacts, 'kind' | 'progress' | 'saving'>, t: Translate): string {
	if (progress.isUpToDate) {
		return t('was up to date');
	}
	const fresh = progress.layers.filter(({ phase }) => phase === 'done').length;
	const moved = movedOf(progress.layers);
	const there = saving?.layers ?? progress.layers.filter(({ phase }) => phase === 'exists').length;
	return [
		fresh === 1 ? t('1 new layer') : t('{0} new layers', fresh),
		// An engine says nothing of what it moved at once.
		...moved === 0 ? [] : [kind === 'pull' ? t('{0} downloaded', formatBytes(moved)) : t('{0} sent', formatBytes(moved))],
		...there === 0 ? [] : [saving?.bytes === undefined ? t('{0} already there', there) : t('{0} already there, {1} saved', there, formatBytes(saving.bytes))],
	].join(' · ');
}

function movedOf(layers: readonly TransferLayer[]): number {
	return layers.reduce((total, { movedBytes = 0 }) => total + movedBytes, 0);
}

/** One layer as its row shows it; `place` among all of them, from 1. */
export function transferLayerRow({ id, phase, bytes, totalBytes, movedBytes }: TransferLayer, place: { readonly at: number; readonly of: number }, t: Translate): RowText {
	const word = phaseWord(phase, t);
	const count = bytes === undefined ? phase === 'done' && movedBytes !== undefined ? [formatBytes(movedBytes)] : []
		: [totalBytes === undefined ? formatBytes(bytes) : t('{0} of {1}', formatBytes(bytes), formatBytes(totalBytes))];
	const description = [word, ...count].join(' · ');
	const label = oneLine(id);
	return { label, description, tooltip: `${label}\n${description}`, accessible: t('Layer {0} of {1}, {2}', place.at, place.of, [word, ...count].join(', ')) };
}

function phaseWord(phase: LayerPhase, t: Translate): string {
	switch (phase) {
		case 'waiting': return t('waiting');
		case 'exists': return t('already there');
		case 'downloading': return t('downloading');
		case 'verifying': return t('verifying');
		case 'downloaded': return t('downloaded');
		case 'extracting': return t('extracting');
		case 'pushing': return t('pushing');
		case 'retrying': return t('broke off, trying again');
		case 'done': return t('done');
		case 'stopped': return t('stopped');
	}
}
