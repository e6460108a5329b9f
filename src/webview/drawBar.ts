import { formatBytes } from '../core/base/bytes';
import type { PictureLayer, PictureWords } from '../core/pictureMessages';
import { element, filled, layerColours } from './elements';

/** The layers beside each other, lowest first, as wide as they are large; empty ones are left out. */
export function drawBar(place: HTMLElement, layers: readonly PictureLayer[], words: PictureWords, reveal: (layer: number) => void): void {
	place.setAttribute('aria-label', words.layersBar);
	const total = layers.reduce((sum, { bytes }) => sum + bytes, 0);
	place.replaceChildren(...layers.filter(({ bytes }) => bytes > 0).map(({ index, label, bytes, wastedBytes }) => {
		const waste = wastedBytes > 0 ? `\n${filled(words.wasted, formatBytes(wastedBytes))}` : '';
		const part = element('button', { type: 'button', class: `layer c${index % layerColours}`, 'data-key': `layer ${index}`, title: `${words.layer} ${index} · ${formatBytes(bytes)}${waste}\n${label}` });
		part.setAttribute('aria-label', `${words.layer} ${index}, ${formatBytes(bytes)}${waste}, ${label}`);
		part.style.flexGrow = String(Math.max(bytes / total, 0.004));
		part.textContent = bytes / total > 0.03 ? String(index) : '';
		if (wastedBytes > 0) {
			const wasted = element('span', { class: 'wasted' });
			wasted.style.width = `${wastedBytes / bytes * 100}%`;
			part.append(wasted);
		}
		part.addEventListener('click', () => { reveal(index); });
		return part;
	}));
}
