import { formatBytes } from '../core/base/bytes';
import type { DifferenceNode, DifferenceTotals } from '../core/differenceTree';
import type { NamedSource } from '../core/layerFile';
import type { ImageComparison } from '../core/layers/compare';
import { changeLetters, changeTotals, layerChangeWord } from './layers';
import { oneLine, shorten, type RowText } from './rows';
import type { Translate } from './translate';

/** Two images beside each other: `web:1 ↔ web:2`. */
export function comparisonRow({ a, b }: { readonly a: NamedSource; readonly b: NamedSource }, totals: DifferenceTotals, t: Translate): RowText {
	const label = `${oneLine(a.name)} ↔ ${oneLine(b.name)}`;
	const isSame = totals.added + totals.modified + totals.removed === 0;
	const counts = isSame ? t('no file differs') : changeTotals(totals, t);
	const size = signedBytes(totals.bytesB - totals.bytesA);
	return {
		label,
		description: isSame ? counts : `${size} · ${changeLetters(totals, t)}`,
		tooltip: [t('From {0} to {1}', oneLine(a.name), oneLine(b.name)), counts, t('Content of files that differ: {0} → {1}', formatBytes(totals.bytesA), formatBytes(totals.bytesB))].join('\n'),
		accessible: [t('Comparison of {0} and {1}', oneLine(a.name), oneLine(b.name)), counts, size].join(', '),
	};
}

export function sharedLayersRow({ layers: { shared, onlyA, onlyB } }: ImageComparison, t: Translate): RowText {
	const label = t('Layers');
	const words = t('{0} shared, {1} only in the first, {2} only in the second', shared.length, onlyA.length, onlyB.length);
	return {
		label, description: t('{0} shared, {1} ↔ {2} not', shared.length, onlyA.length, onlyB.length),
		tooltip: [
			words,
			...shared.length > 0 ? [t('Shared:'), ...shared.map(shorter)] : [],
			...onlyA.length > 0 ? [t('Only in the first:'), ...onlyA.map(shorter)] : [],
			...onlyB.length > 0 ? [t('Only in the second:'), ...onlyB.map(shorter)] : [],
		].join('\n'),
		accessible: `${label}, ${words}`,
	};
}

export function differenceRow({ name, path, difference, children, totals }: DifferenceNode, t: Translate): RowText {
	const label = shorten(oneLine(name));
	const word = difference === undefined ? [] : [layerChangeWord(difference.change, t)];
	const size = sizes(totals);
	const counts = children.length > 0 ? [changeTotals(totals, t)] : [];
	return {
		label,
		description: size,
		tooltip: [oneLine(path), ...word, ...counts, size].filter(line => line !== '').join('\n'),
		accessible: [label, ...word, size, ...counts].filter(part => part !== '').join(', '),
	};
}

/** `12 kB → 14 kB (+2 kB)`; the one size where one side has nothing. */
function sizes({ bytesA, bytesB }: DifferenceTotals): string {
	if (bytesA === 0 || bytesB === 0) {
		return bytesA === bytesB ? '' : signedBytes(bytesB - bytesA);
	}
	return bytesA === bytesB ? formatBytes(bytesB) : `${formatBytes(bytesA)} → ${formatBytes(bytesB)} (${signedBytes(bytesB - bytesA)})`;
}

function signedBytes(bytes: number): string {
	return bytes > 0 ? `+${formatBytes(bytes)}` : formatBytes(bytes);
}

function shorter(diffId: string): string {
	return `  ${diffId.replace(/^sha256:/, '').slice(0, 12)}`;
}
