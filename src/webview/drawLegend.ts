import { formatBytes } from '../core/base/bytes';
import type { PictureLayer, PictureWords } from '../core/pictureMessages';
import { element, filled, layerColours } from './elements';

/** What the colours mean: each layer's with what made it, or those of waste; nothing beside a table. */
export function drawLegend(place: HTMLElement, layers: readonly PictureLayer[], words: PictureWords, colour: 'layer' | 'waste' | undefined): void {
	const entry = (colour: string, ...text: readonly (Node | string)[]): HTMLElement => element('li', {}, element('span', { class: `swatch ${colour}` }), ...text);
	place.toggleAttribute('hidden', colour === undefined);
	place.setAttribute('aria-label', words.legend);
	place.replaceChildren(...colour === 'waste'
		? [entry('lost', words.waste), entry('kept', words.kept)]
		: layers.filter(({ bytes }) => bytes > 0).map(({ index, label, bytes, wastedBytes }) => entry(`c${index % layerColours}`,
			element('b', {}, String(index)), ` ${label} · `,
			element('span', { class: 'quiet' }, [formatBytes(bytes), ...wastedBytes > 0 ? [filled(words.wasted, formatBytes(wastedBytes))] : []].join(' · ')))));
}
