import { formatBytes } from '../core/base/bytes';
import { legendLayers } from '../core/legendLayers';
import type { PictureLayer, PictureWords } from '../core/pictureMessages';
import { element, filled, layerColours } from './elements';

/**
 * What the colours mean: each layer's with what made it, of many the largest until all are asked for; or those of waste;
 * nothing beside a table. `redraw` is for when it takes more room or less.
 */
export function drawLegend(place: HTMLElement, layers: readonly PictureLayer[], words: PictureWords, colour: 'layer' | 'waste' | undefined, redraw: () => void): void {
	const entry = (colour: string, ...text: readonly (Node | string)[]): HTMLElement => element('li', {}, element('span', { class: `swatch ${colour}` }), ...text);
	place.toggleAttribute('hidden', colour === undefined);
	place.setAttribute('aria-label', words.legend);
	if (colour === 'waste') {
		place.className = '';
		place.replaceChildren(entry('lost', words.waste), entry('kept', words.kept));
		return;
	}
	const isWhole = place.classList.contains('whole');
	const { named, left } = legendLayers(layers, isWhole);
	const isMany = isWhole || left > 0;
	place.classList.toggle('many', isMany);
	place.replaceChildren(...named.map(({ index, label, bytes, wastedBytes }) => {
		const size = element('span', { class: 'quiet' }, [formatBytes(bytes), ...wastedBytes > 0 ? [filled(words.wasted, formatBytes(wastedBytes))] : []].join(' · '));
		// Where there is little room for each, it is the command that is cut.
		const told = entry(`c${index % layerColours}`, element('b', {}, String(index)), ...isMany ? [' ', size, ` · ${label}`] : [` ${label} · `, size]);
		told.title = label;
		return told;
	}));
	if (isMany) {
		const more = element('button', { type: 'button', class: 'link', 'data-key': 'legend', 'aria-expanded': String(isWhole) }, isWhole ? words.largest : filled(words.others, left));
		more.addEventListener('click', () => {
			place.classList.toggle('whole');
			redraw();
		});
		place.append(element('li', {}, more));
	}
}
