import { formatBytes } from '../core/base/bytes';
import type { PageMessage, Picture } from '../core/pictureMessages';
import { drawBar } from './drawBar';
import { drawLegend } from './drawLegend';
import { drawTable } from './drawTable';
import { drawTreemap } from './drawTreemap';
import { byId, element, filled } from './elements';
import { exportedSvg } from './exportSvg';

declare function acquireVsCodeApi(): { postMessage(message: PageMessage): void; getState(): unknown; setState(state: unknown): void };

/** What the page remembers while it is hidden. */
export interface PageState {
	readonly colour: 'layer' | 'waste';
	readonly form: 'picture' | 'table';
}

const editor = acquireVsCodeApi();
const kept = editor.getState() as Partial<PageState> | undefined;
let state: PageState = { colour: kept?.colour ?? 'layer', form: kept?.form ?? 'picture' };
let picture: Picture | undefined;

function send(message: PageMessage): void {
	editor.postMessage(message);
}

function change(next: Partial<PageState>): void {
	state = { ...state, ...next };
	editor.setState(state);
	draw();
}

/** Draws all anew; what had the focus has it again, or what took its place. */
function draw(): void {
	if (picture === undefined) {
		return;
	}
	const focused = document.activeElement?.getAttribute('data-key') ?? undefined;
	drawAll(picture);
	const [same] = focused === undefined ? [] : document.querySelectorAll<HTMLElement>(`[data-key="${CSS.escape(focused)}"]:not(:disabled)`);
	if (same !== undefined) {
		same.focus();
	} else if (focused !== undefined) {
		document.querySelector<HTMLElement>('#drawing [data-key]')?.focus();
	}
}

function drawAll(shown: Picture): void {
	const { words, root, title, layers } = shown;
	const waste = root.wastedBytes > 0 ? ` · ${filled(words.wasted, formatBytes(root.wastedBytes))}` : '';
	byId('title').replaceChildren(root.path === '/' ? title : `${title} ${root.path}`, element('span', { class: 'total' }, `${formatBytes(root.bytes)}${waste}`));
	byId('hint').textContent = state.form === 'table' ? '' : words.hint;
	byId('toolbar').setAttribute('aria-label', words.toolbar);
	byId('toolbar').replaceChildren(
		toggle(words.byLayer, state.colour === 'layer', () => { change({ colour: 'layer' }); }),
		toggle(words.byWaste, state.colour === 'waste', () => { change({ colour: 'waste' }); }),
		element('span', { class: 'gap' }),
		toggle(words.picture, state.form === 'picture', () => { change({ form: 'picture' }); }),
		toggle(words.table, state.form === 'table', () => { change({ form: 'table' }); }),
		element('span', { class: 'gap' }),
		button(words.up, root.path === '/', () => { send({ kind: 'zoom', path: parentOf(root.path) }); }),
		button(words.exportSvg, state.form === 'table', () => {
			const svg = document.querySelector<SVGSVGElement>('#drawing svg');
			if (svg !== null) {
				send({ kind: 'export', svg: exportedSvg(svg, title) });
			}
		}),
	);
	drawBar(byId('bar'), layers, words, layer => { send({ kind: 'revealLayer', layer }); });
	drawLegend(byId('legend'), layers, words, state.form === 'table' ? undefined : state.colour, draw);
	const drawing = byId('drawing');
	const actions = {
		reveal: (path: string, layer: number | undefined, isWasted: boolean) => { send({ kind: 'reveal', path, layer, isWasted }); },
		zoom: (path: string) => { send({ kind: 'zoom', path }); },
	};
	if (state.form === 'table') {
		drawTable(drawing, shown, actions);
	} else {
		drawTreemap(drawing, shown, state.colour, actions);
	}
}

function toggle(label: string, isOn: boolean, act: () => void): HTMLElement {
	const made = button(label, false, act);
	made.setAttribute('aria-pressed', String(isOn));
	return made;
}

function button(label: string, isOff: boolean, act: () => void): HTMLElement {
	const made = element('button', { type: 'button', 'data-key': label });
	made.textContent = label;
	made.toggleAttribute('disabled', isOff);
	made.addEventListener('click', act);
	return made;
}

function parentOf(path: string): string {
	const at = path.lastIndexOf('/');
	return at <= 0 ? '/' : path.slice(0, at);
}

window.addEventListener('message', ({ data }: MessageEvent<Picture>) => {
	picture = data;
	draw();
});
new ResizeObserver(() => {
	if (state.form === 'picture') {
		draw();
	}
}).observe(document.body);
send({ kind: 'ready' });
