import { formatBytes } from '../core/base/bytes';
import type { HistoryMeasure } from '../core/engine/historyMeasure';
import { oneLine, type RowText } from './rows';
import type { Translate } from './translate';

/** What a row of an image says beyond the image itself. */
export interface ImageRowFacts {
	/** Names of the containers made from it. */
	readonly usedBy: readonly string[];
	/** In a family tree: what it adds to the image above it, and how many images derive from it. */
	readonly added: { readonly bytes: number; readonly layers: number } | undefined;
	readonly derived: number;
}

/** Names in a tooltip; the rest is counted. */
const mostNames = 6;

/** The row of an image with what is known of its place among others. */
export function withImageFacts(row: RowText, { usedBy, added, derived }: ImageRowFacts, t: Translate): RowText {
	const adds = added === undefined ? [] : [t('+{0}', formatBytes(added.bytes))];
	const users = usedBy.length === 0 ? [] : [usedBy.length === 1 ? t('1 container') : t('{0} containers', usedBy.length)];
	const families = derived === 0 ? [] : [t('{0} derived', derived)];
	return {
		label: row.label,
		description: [...adds, row.description, ...families, ...users].join(' · '),
		tooltip: [
			row.tooltip,
			...added === undefined ? [] : [added.layers === 1 ? t('Adds {0} in 1 layer to the image above it', formatBytes(added.bytes)) : t('Adds {0} in {1} layers to the image above it', formatBytes(added.bytes), added.layers)],
			...usedBy.length === 0 ? [] : [t('Used by: {0}', namesOf(usedBy, t))],
		].join('\n'),
		accessible: [row.accessible, ...added === undefined ? [] : [t('adds {0}', formatBytes(added.bytes))], ...families, ...users].join(', '),
	};
}

/** What the layers of all images say of one, for its tooltip. */
export function sharingLines({ ownBytes, ownLayers, sharedBytes, sharedLayers, sharedWith }: {
	readonly ownBytes: number | undefined; readonly ownLayers: number; readonly sharedBytes: number | undefined; readonly sharedLayers: number; readonly sharedWith: readonly string[];
}, t: Translate, measure: HistoryMeasure = 'files'): readonly string[] {
	const size = (bytes: number | undefined): string => bytes === undefined ? t('size not known') : formatBytes(bytes);
	return [
		t('Layers of its own: {0} ({1})', ownLayers, size(ownBytes)),
		...sharedLayers === 0 ? [t('Shares no layer with another image')] : [t('Shared layers: {0} ({1}), with {2}', sharedLayers, size(sharedBytes), namesOf(sharedWith, t))],
		...measure === 'blocks' ? [t('Layers are measured on disk, unpacked, in whole blocks of 4 KiB.')] : [],
	];
}

function namesOf(names: readonly string[], t: Translate): string {
	const more = names.length - mostNames;
	return names.slice(0, mostNames).map(oneLine).join(', ') + (more > 0 ? t(' and {0} more', more) : '');
}
