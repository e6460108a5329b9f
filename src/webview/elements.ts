import type { PictureNode } from '../core/pictureMessages';

export function byId(id: string): HTMLElement {
	return document.getElementById(id)!;
}

export function element(name: string, attributes: Readonly<Record<string, string>> = {}, ...children: readonly (Node | string)[]): HTMLElement {
	const made = document.createElement(name);
	Object.entries(attributes).forEach(([key, value]) => { made.setAttribute(key, value); });
	made.append(...children);
	return made;
}

export function svgElement<K extends keyof SVGElementTagNameMap>(name: K, attributes: Readonly<Record<string, string | number>>, ...children: readonly (Node | string)[]): SVGElementTagNameMap[K] {
	const made = document.createElementNS('http://www.w3.org/2000/svg', name);
	Object.entries(attributes).forEach(([key, value]) => { made.setAttribute(key, String(value)); });
	made.append(...children);
	return made;
}

/** A sentence with its places filled. */
export function filled(words: string, ...values: readonly (string | number)[]): string {
	return words.replace(/\{(\d+)\}/g, (place, index: string) => String(values[Number(index)] ?? place));
}

/** Names a part in whatever form it is drawn, so that it is found again after a redraw. */
export function keyOf({ kind, path, layer }: PictureNode): string {
	return `${kind} ${layer ?? ''} ${path}`;
}

/** Colours repeat after so many layers; numbers tell layers apart for certain. */
export const layerColours = 12;
