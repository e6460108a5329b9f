import { hierarchy, treemap, treemapSquarify, type HierarchyRectangularNode } from 'd3-hierarchy';
import { formatBytes } from '../core/base/bytes';
import type { Picture, PictureNode } from '../core/pictureMessages';
import { filled, keyOf, layerColours, svgElement } from './elements';

export interface PictureActions {
	reveal(path: string, layer: number | undefined, isWasted: boolean): void;
	zoom(path: string): void;
}

type Part = HierarchyRectangularNode<PictureNode>;

const headerHeight = 17;
/** Folders deeper than this are drawn as one part; they open when zoomed into. */
const deepest = 6;

/** Draws a folder as nested rectangles, each as large as its bytes. One of them has the focus; arrows move it. */
export function drawTreemap(place: HTMLElement, { root, words, title }: Picture, colour: 'layer' | 'waste', actions: PictureActions): void {
	// The old drawing must not hold the place open.
	place.replaceChildren();
	const width = Math.max(place.clientWidth, 200);
	const height = Math.max(place.clientHeight, 160);
	const svg = svgElement('svg', { width, height, viewBox: `0 0 ${width} ${height}`, role: 'group', 'aria-label': `${title} ${root.path}` }, hatch());
	const parts = layOut(root, width, height);
	const shapes = parts.map(part => shapeOf(part, words, colour));
	shapes.forEach(shape => { svg.append(shape); });
	place.replaceChildren(svg);
	shapes[0]?.setAttribute('tabindex', '0');
	shapes.forEach((shape, at) => {
		const { data } = parts[at]!;
		const reveal = (): void => { actions.reveal(data.path, data.layer, data.kind === 'wasted'); };
		// One folder deeper, whatever part in it was meant.
		const folder = parts[at]!.ancestors().at(-2)?.data;
		const zoom = (): void => { if (folder?.kind === 'folder') { actions.zoom(folder.path); } };
		shape.addEventListener('focus', () => {
			// The tab key comes back to where the arrows went.
			shapes.forEach(other => { other.setAttribute('tabindex', other === shape ? '0' : '-1'); });
		});
		shape.addEventListener('click', () => {
			shape.focus();
			reveal();
		});
		shape.addEventListener('dblclick', zoom);
		shape.addEventListener('keydown', event => {
			const next = { Enter: reveal, ' ': zoom, Backspace: () => { actions.zoom(parentOf(root.path)); } }[event.key];
			const moved = nextPart(parts, at, event.key);
			if (next !== undefined || moved !== undefined) {
				event.preventDefault();
				next?.();
				if (moved !== undefined) {
					shapes[moved]?.focus();
				}
			}
		});
	});
}

function layOut(root: PictureNode, width: number, height: number): readonly Part[] {
	const tree = hierarchy(root, ({ children }) => children)
		.sum(({ bytes, children }) => children.length === 0 ? bytes : 0)
		.sort((left, right) => (right.value ?? 0) - (left.value ?? 0));
	const laid = treemap<PictureNode>().tile(treemapSquarify).size([width, height]).paddingOuter(2).paddingTop(headerHeight).paddingInner(1).round(true)(tree);
	return laid.descendants().filter(part => part.depth > 0 && part.depth <= deepest && part.x1 - part.x0 >= 2 && part.y1 - part.y0 >= 2);
}

function shapeOf(part: Part, words: Picture['words'], colour: 'layer' | 'waste'): SVGGElement {
	const { data, x0, y0, x1, y1, depth } = part;
	const [width, height] = [x1 - x0, y1 - y0];
	const isLeaf = data.children.length === 0 || depth === deepest;
	const name = data.kind === 'others' ? filled(words.others, data.count) : data.name;
	const layer = data.layer === undefined ? words.several : `${words.layer} ${data.layer}`;
	const wasted = data.wastedBytes > 0 ? filled(words.wasted, formatBytes(data.wastedBytes)) : undefined;
	const told = [data.kind === 'others' ? `${data.path} ${name}` : data.path, formatBytes(data.bytes), ...isLeaf && data.kind !== 'folder' ? [layer] : [], ...wasted === undefined ? [] : [wasted]];
	const group = svgElement('g', { class: `part ${data.kind}`, 'data-key': keyOf(data), tabindex: '-1', role: 'button', 'aria-label': told.join(', ') },
		svgElement('title', {}, told.join('\n')),
		svgElement('rect', { x: x0, y: y0, width, height, class: isLeaf ? fillOf(data, colour) : 'frame' }));
	const text = fitted(isLeaf ? name : `${name} ${formatBytes(data.bytes)}`, width - 6);
	const lines = text === '' || height < 14 ? 0 : isLeaf && height >= 30 && width >= 60 ? 2 : 1;
	if (isLeaf && data.wastedBytes > 0) {
		// Wasted bytes are hatched whatever the colour, below the words as far as there is room.
		const top = lines * 16 < height / 2 ? lines * 16 : 0;
		group.append(svgElement('rect', { x: x0, y: y0 + top, width, height: height - top, fill: 'url(#hatch)', class: 'hatched', 'fill-opacity': data.kind === 'wasted' ? 1 : data.wastedBytes / data.bytes }));
	}
	if (lines > 0) {
		group.append(svgElement('text', { x: x0 + 4, y: y0 + 12 }, text));
	}
	if (lines > 1) {
		group.append(svgElement('text', { x: x0 + 4, y: y0 + 26, class: 'size' }, formatBytes(data.bytes)));
	}
	return group;
}

function fillOf({ kind, layer, wastedBytes }: PictureNode, colour: 'layer' | 'waste'): string {
	return colour === 'waste' ? kind === 'wasted' || wastedBytes > 0 ? 'lost' : 'kept' : layer === undefined ? 'several' : `c${layer % layerColours}`;
}

function hatch(): SVGDefsElement {
	return svgElement('defs', {}, svgElement('pattern', { id: 'hatch', width: 6, height: 6, patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)' },
		svgElement('line', { x1: 0, y1: 0, x2: 0, y2: 6, class: 'hatch', 'stroke-width': 2.5 })));
}

/** About six and a half pixels a letter. */
function fitted(text: string, width: number): string {
	const letters = Math.floor(width / 6.5);
	return letters < 2 ? '' : text.length <= letters ? text : `${text.slice(0, letters - 1)}…`;
}

/** Where an arrow leads: the nearest part of the same kind of place in that direction, by the middles of their sides. */
function nextPart(parts: readonly Part[], at: number, key: string): number | undefined {
	const directions: Readonly<Record<string, readonly [number, number]>> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
	const direction = directions[key];
	if (direction === undefined) {
		return undefined;
	}
	const [dx, dy] = direction;
	const middle = ({ x0, x1, y0, y1 }: Part): readonly [number, number] => [(x0 + x1) / 2, (y0 + y1) / 2];
	const [x, y] = middle(parts[at]!);
	let best: { readonly index: number; readonly distance: number } | undefined;
	for (const [index, part] of parts.entries()) {
		const isLeaf = part.children === undefined || part.depth === deepest;
		const [otherX, otherY] = middle(part);
		const along = (otherX - x) * dx + (otherY - y) * dy;
		const across = Math.abs((otherX - x) * dy) + Math.abs((otherY - y) * dx);
		if (index !== at && isLeaf && along > 0 && across <= along * 2) {
			const distance = along + across;
			if (best === undefined || distance < best.distance) {
				best = { index, distance };
			}
		}
	}
	return best?.index;
}

function parentOf(path: string): string {
	const at = path.lastIndexOf('/');
	return at <= 0 ? '/' : path.slice(0, at);
}
