import { formatBytes } from '../core/base/bytes';
import type { ImageSummary, RemovedImage } from '../core/engine/engine';
import { shortDigest } from '../core/image/digest';
import type { Hold, RemovalPlan, RemovalWish } from '../core/removalPlan';
import type { StackedLayer, VanishingLayers } from '../core/vanishingLayers';
import { oneLine, shorten } from './rows';
import type { Translate } from './translate';

/** A removal that is thought through and not begun. */
export interface RemovalFacts {
	readonly wishes: readonly RemovalWish[];
	readonly plan: RemovalPlan;
	readonly layers: VanishingLayers;
	readonly images: ReadonlyMap<string, ImageSummary>;
}

/** Longer lists are counted. */
const mostNames = 8;

/** The question of the confirmation, and all that will happen. */
export function removalQuestion(facts: RemovalFacts, t: Translate): { readonly question: string; readonly detail: string } {
	const { plan, layers } = facts;
	return {
		question: questionOf(facts, t),
		detail: [
			...plan.refused.map(({ name, hold }) => t('{0} cannot be removed: {1}', imageName(name, facts), holdWords(hold, facts, t))),
			...plan.untagged.length === 0 ? [] : [t('Names that go: {0}', listed(plan.untagged, t))],
			...keptNames(facts).length === 0 ? [] : [t('This frees nothing; names that stay: {0}', listed(keptNames(facts), t))],
			...plan.deleted.length === 0 ? [] : [t('Images that go: {0}', listed(plan.deleted.map(id => imageName(id, facts)), t))],
			...plan.staying.map(({ imageId, hold }) => t('{0} stays without a name: {1}', shortDigest(imageId), holdWords(hold, facts, t))),
			...plan.deleted.length === 0 ? [] : layerLines(layers, facts, t),
		].join('\n'),
	};
}

function questionOf({ wishes, plan, layers, images }: RemovalFacts, t: Translate): string {
	const names = listed(wishes.map(({ name }) => imageName(name, { images })), t);
	if (plan.deleted.length + plan.untagged.length === 0) {
		return t('{0} cannot be removed as things are.', names);
	}
	if (plan.deleted.length === 0) {
		return wishes.length === 1 ? t('Remove the name {0}? Its image stays.', names) : t('Remove the names {0}? Their images stay.', names);
	}
	const what = wishes.length > mostNames ? t('{0} images', wishes.length) : names;
	return t('Remove {0}? {1}', what, freedWords(layers, t));
}

/** Where only names go: those that their images still have. */
function keptNames({ plan, images }: RemovalFacts): readonly string[] {
	return plan.deleted.length > 0 ? [] : [...images.values()]
		.filter(({ references }) => references.some(name => plan.untagged.includes(name)))
		.flatMap(({ references }) => references.filter(name => !plan.untagged.includes(name)));
}

/** What a removal frees, as far as it is known. */
export function freedWords({ freedBytes, perhapsCachedBytes, hasCompressedCopies }: VanishingLayers, t: Translate): string {
	return freedBytes === undefined ? t('How much it frees is not known.')
		: hasCompressedCopies ? t('This frees up to {0} of unpacked layers, and their compressed copies.', formatBytes(freedBytes))
		: perhapsCachedBytes === undefined || perhapsCachedBytes > 0 ? t('This frees up to {0}.', formatBytes(freedBytes))
		: t('This frees {0}.', formatBytes(freedBytes));
}

function layerLines({ gone, kept, keptBy, perhapsCachedBytes }: VanishingLayers, facts: RemovalFacts, t: Translate): readonly string[] {
	const heaviest = gone.filter(({ bytes }) => bytes !== undefined && bytes > 0).toSorted((a, b) => (b.bytes ?? 0) - (a.bytes ?? 0)).slice(0, 5);
	return [
		gone.length === 0 ? t('No layer disappears: others have them all.') : t('Layers that disappear: {0}', counted(gone, t)),
		...heaviest.map(({ bytes = 0, createdBy = '' }) => `    ${formatBytes(bytes)} · ${shorten(oneLine(createdBy), 60)}`),
		...kept.length === 0 ? [] : [t('Layers that stay: {0}, needed by {1}', counted(kept, t), listed(keptBy.map(id => imageName(id, facts)), t))],
		...perhapsCachedBytes === undefined ? [t('Layers that the build cache still uses stay on disk; which, the engine does not say.')]
		: perhapsCachedBytes === 0 ? [] : [t('Up to {0} of this may stay on disk, because the build cache uses a layer of that size.', formatBytes(perhapsCachedBytes))],
	];
}

function counted(layers: readonly StackedLayer[], t: Translate): string {
	const unknown = layers.some(({ bytes }) => bytes === undefined);
	const size = formatBytes(layers.reduce((total, { bytes = 0 }) => total + bytes, 0));
	return unknown ? t('{0} of unknown size', layers.length) : `${String(layers.length)} (${size})`;
}

function holdWords({ kind, by }: Hold, facts: Pick<RemovalFacts, 'images'>, t: Translate): string {
	const names = listed(by.map(name => imageName(name, facts)), t);
	switch (kind) {
		case 'children': return t('other images are built upon it: {0}', names);
		case 'running': return t('containers run from it: {0}', names);
		case 'stopped': return t('stopped containers were made from it: {0}', names);
		case 'names': return t('it has other names: {0}', names);
	}
}

/** An image as people know it: its first name, else the start of its id. */
function imageName(name: string, { images }: Pick<RemovalFacts, 'images'>): string {
	return oneLine(images.get(name)?.references[0] ?? shortDigest(name));
}

function listed(names: readonly string[], t: Translate): string {
	const shown = names.slice(0, mostNames).map(name => oneLine(name.replace(/(@sha256:.{12}).*/, '$1…'))).join(', ');
	return names.length <= mostNames ? shown : t('{0} and {1} more', shown, names.length - mostNames);
}

/** What the engine did, in its own two words; the numbers first, since the status bar cuts a long message. */
export function removalResult(removed: readonly RemovedImage[], { plan, images, layers }: Pick<RemovalFacts, 'plan' | 'images' | 'layers'>, t: Translate): string {
	const untagged = removed.filter(({ kind }) => kind === 'untagged').map(({ reference }) => reference);
	const deleted = removed.filter(({ kind }) => kind === 'deleted').map(({ reference }) => reference);
	// The containerd store also calls deleted what it keeps without a name.
	const goneImages = deleted.filter(id => images.has(id) && !plan.staying.some(({ imageId }) => imageId === id));
	const goneLayers = layers.gone.filter(({ chainId }) => deleted.includes(chainId));
	const isKnown = goneLayers.every(({ bytes }) => bytes !== undefined);
	const count = goneLayers.length === 1 ? t('1 layer') : t('{0} layers', goneLayers.length);
	return [
		...goneLayers.length === 0 ? []
		: isKnown ? [t('Freed {0}', formatBytes(goneLayers.reduce((total, { bytes = 0 }) => total + bytes, 0))), count]
		: [t('Deleted {0}', count)],
		...goneImages.length === 0 ? [] : [t('deleted {0}', listed(goneImages.map(shortDigest), t))],
		...untagged.length === 0 ? [] : [t('untagged {0}', listed(untagged, t))],
	].join(' · ');
}
