import { formatBytes } from '../core/base/bytes';
import type { Picture, PictureNode } from '../core/pictureMessages';
import type { PictureActions } from './drawTreemap';
import { element, filled, keyOf } from './elements';

/** More rows help nobody; the largest come first. */
const mostRows = 500;

/** The same as a table, largest first, for those whom a picture tells nothing. */
export function drawTable(place: HTMLElement, { root, words, title, layers }: Picture, actions: PictureActions): void {
	const made = new Map(layers.map(({ index, label }) => [index, label]));
	const rows = [...below(root)].sort((left, right) => right.bytes - left.bytes).slice(0, mostRows).map(node => {
		const name = node.kind === 'others' ? `${node.path} ${filled(words.others, node.count)}` : node.path;
		const link = element('button', { type: 'button', class: 'link', 'data-key': keyOf(node) }, name);
		link.addEventListener('click', () => { actions.reveal(node.path, node.layer, node.kind === 'wasted'); });
		return element('tr', {},
			element('td', {}, link),
			element('td', { class: 'number' }, formatBytes(node.bytes)),
			element('td', { class: 'number' }, node.wastedBytes > 0 ? formatBytes(node.wastedBytes) : ''),
			element('td', {}, node.kind === 'folder' ? '' : node.layer === undefined ? words.several : `${node.layer} ${made.get(node.layer) ?? ''}`));
	});
	place.replaceChildren(element('table', {},
		element('caption', {}, `${title} ${root.path}`),
		element('thead', {}, element('tr', {}, ...[words.path, words.size, words.waste, words.layer].map((name, at) => element('th', { scope: 'col', class: at === 1 || at === 2 ? 'number' : '' }, name)))),
		element('tbody', {}, ...rows)));
}

function* below(node: PictureNode): Generator<PictureNode> {
	for (const child of node.children) {
		yield child;
		yield* below(child);
	}
}
