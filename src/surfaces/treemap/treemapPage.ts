import type { PictureWords } from '../../core/pictureMessages';
import { translate } from '../../platform/messages';

/** Twelve colours of the theme, six and their mixtures, so that neighbouring layers differ. */
const [blue, green, purple, yellow, red] = ['blue', 'green', 'purple', 'yellow', 'red'].map(name => `var(--vscode-charts-${name})`);
// The orange of themes is a translucent mark on text, or not there.
const charts = [blue, `color-mix(in srgb, ${red} 45%, ${yellow})`, green, purple, yellow, red];
const colours = [...charts, ...charts.map(colour => `color-mix(in srgb, ${colour!} 50%, var(--vscode-editor-foreground))`)];

export const treemapStyle = `
body { display: flex; flex-direction: column; gap: 8px; height: 100vh; margin: 0; padding: 8px 12px; box-sizing: border-box; color: var(--vscode-foreground); font: var(--vscode-font-size) var(--vscode-font-family); }
h1 { margin: 0; font-size: 1.15em; font-weight: 600; overflow-wrap: anywhere; }
.total { margin-left: 10px; font-weight: normal; font-size: 0.87em; color: var(--vscode-descriptionForeground); }
#hint:empty { display: none; }
#hint { margin: 0; color: var(--vscode-descriptionForeground); font-size: 0.92em; }
#toolbar { display: flex; flex-wrap: wrap; gap: 4px; }
#toolbar .gap { width: 12px; }
button { font: inherit; cursor: pointer; }
#toolbar button { padding: 2px 9px; color: var(--vscode-button-secondaryForeground); background: var(--vscode-button-secondaryBackground); border: 1px solid var(--vscode-button-border, transparent); border-radius: 2px; }
#toolbar button[aria-pressed="true"] { color: var(--vscode-button-foreground); background: var(--vscode-button-background); text-decoration: underline; }
#toolbar button:disabled { opacity: 0.5; cursor: default; }
button:focus-visible, g:focus-visible rect { outline: 2px solid var(--vscode-focusBorder); outline-offset: -1px; }
#bar { display: flex; gap: 1px; height: 22px; }
#bar .layer { position: relative; flex-basis: 0; min-width: 3px; padding: 0; border: 0; overflow: hidden; color: var(--vscode-editor-background); font-size: 11px; }
#bar .wasted { position: absolute; right: 0; bottom: 0; height: 6px; background: repeating-linear-gradient(45deg, var(--vscode-editor-background) 0 2px, transparent 2px 5px); }
#legend { display: flex; flex-wrap: wrap; gap: 2px 16px; max-height: 4.2em; margin: 0; padding: 0; overflow: auto; list-style: none; font-size: 0.92em; flex-shrink: 0; }
#legend.many li { max-width: 26em; }
#legend.many { max-height: 6.6em; }
#legend.whole { max-height: 40vh; }
#legend[hidden] { display: none; }
#legend li { max-width: 100%; overflow: hidden; white-space: nowrap; text-overflow: ellipsis; }
.swatch { display: inline-block; width: 10px; height: 10px; margin-right: 6px; border: 1px solid var(--vscode-contrastBorder, transparent); vertical-align: -1px; }
.swatch.lost { background: var(--vscode-charts-red); }
.swatch.kept { background: color-mix(in srgb, var(--vscode-charts-blue) 35%, var(--vscode-editor-background)); }
.quiet { color: var(--vscode-descriptionForeground); }
#drawing { flex: 1; min-height: 0; overflow: auto; }
svg { display: block; }
g.part { cursor: pointer; outline: none; }
g.part:focus-visible > rect:first-of-type { stroke: var(--vscode-focusBorder); stroke-width: 3; }
g.part:hover > rect:first-of-type { stroke: var(--vscode-foreground); stroke-width: 1.5; }
rect.frame { fill: var(--vscode-sideBar-background); stroke: var(--vscode-widget-border, var(--vscode-contrastBorder, transparent)); }
rect.kept { fill: color-mix(in srgb, var(--vscode-charts-blue) 35%, var(--vscode-editor-background)); }
rect.lost { fill: var(--vscode-charts-red); }
rect.several { fill: color-mix(in srgb, var(--vscode-descriptionForeground) 40%, var(--vscode-editor-background)); }
rect.hatched { pointer-events: none; }
line.hatch { stroke: var(--vscode-editor-background); }
text { fill: var(--vscode-editor-background); font-size: 11px; font-family: var(--vscode-font-family); pointer-events: none; }
.folder > text { fill: var(--vscode-foreground); }
rect.kept ~ text, rect.several ~ text { fill: var(--vscode-foreground); }
text.size { opacity: 0.85; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; padding: 4px 0; color: var(--vscode-descriptionForeground); }
th { position: sticky; top: 0; background: var(--vscode-editor-background); text-align: left; }
td, th { padding: 2px 12px 2px 0; overflow-wrap: anywhere; }
.number { text-align: right; white-space: nowrap; }
button.link { padding: 0; border: 0; background: none; color: var(--vscode-textLink-foreground); text-align: left; overflow-wrap: anywhere; }
${colours.map((colour, at) => `rect.c${String(at)} { fill: ${colour!}; } .layer.c${String(at)}, .swatch.c${String(at)} { background: ${colour!}; }`).join('\n')}
`;

export const treemapBody = `
<h1 id="title"></h1>
<div id="toolbar" role="toolbar"></div>
<div id="bar" role="group"></div>
<ul id="legend" tabindex="0"></ul>
<div id="drawing"></div>
<p id="hint"></p>`;

export function pictureWords(): PictureWords {
	return {
		byLayer: translate('Color by Layer'),
		byWaste: translate('Color by Waste'),
		picture: translate('Picture'),
		table: translate('Table'),
		exportSvg: translate('Export as SVG…'),
		up: translate('One Folder Up'),
		path: translate('Path'),
		size: translate('Size'),
		layer: translate('Layer'),
		waste: translate('Waste'),
		others: translate('{0} smaller ones', '{0}'),
		largest: translate('Only the largest'),
		layersBar: translate('Layers, lowest first'),
		toolbar: translate('Form of the picture'),
		legend: translate('Meaning of the colors'),
		kept: translate('In the image'),
		hint: translate('Click or Enter: reveal in the Images view. Double-click or Space: one folder deeper, Backspace: one up. Arrows: move. Hatched: waste, bytes that nobody can reach.'),
		wasted: translate('wastes {0}', '{0}'),
		several: translate('several layers'),
	};
}
