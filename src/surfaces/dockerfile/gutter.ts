import * as vscode from 'vscode';
import { readSetting } from '../../platform/settings';
import type { LineFactsStore } from '../../services/lineFactsStore';
import { lineMark, type LineMark } from '../../words/lineMark';
import { factsOf } from './factsOf';

interface MarkLook {
	/** SVG inside a 16 × 16 box; `COLOUR` is the mark's. Every mark has a shape of its own, so colour is never the only sign. */
	readonly shape: string;
	readonly light: string;
	readonly dark: string;
}

/** Colours with a contrast of 4.5 and more against white and against #1e1e1e. */
const looks: Readonly<Record<LineMark, MarkLook>> = {
	cached: { shape: '<path d="M4 8.5 7 11.5 12.5 5" fill="none" stroke="COLOUR" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round"/>', light: '#1a7f37', dark: '#57ab5a' },
	ran: { shape: '<circle cx="8" cy="8" r="3.6" fill="COLOUR"/>', light: '#0969da', dark: '#539bf5' },
	failed: { shape: '<path d="M4.5 4.5 11.5 11.5 M11.5 4.5 4.5 11.5" stroke="COLOUR" stroke-width="2" stroke-linecap="round"/>', light: '#cf222e', dark: '#f47067' },
	notRun: { shape: '<path d="M4.5 8H11.5" stroke="COLOUR" stroke-width="1.8" stroke-linecap="round"/>', light: '#6e7781', dark: '#8b949e' },
	running: { shape: '<path d="M5.5 4 11.5 8 5.5 12Z" fill="COLOUR"/>', light: '#9a6700', dark: '#d29922' },
	// What is only foretold is drawn hollow.
	willHit: { shape: '<circle cx="8" cy="8" r="5" fill="none" stroke="COLOUR"/><path d="M5.8 8.2 7.4 9.8 10.2 6.4" fill="none" stroke="COLOUR" stroke-width="1.2" stroke-linecap="round"/>', light: '#1a7f37', dark: '#57ab5a' },
	willRebuild: { shape: '<path d="M8 3.4 12.6 8 8 12.6 3.4 8Z" fill="none" stroke="COLOUR" stroke-width="1.6" stroke-linejoin="round"/>', light: '#9a6700', dark: '#d29922' },
	mayRebuild: { shape: '<path d="M8 3.4 12.6 8 8 12.6 3.4 8Z" fill="none" stroke="COLOUR" stroke-width="1.4" stroke-dasharray="2.2 1.8"/>', light: '#9a6700', dark: '#d29922' },
	stale: { shape: '<circle cx="8" cy="8" r="3.4" fill="none" stroke="COLOUR" stroke-width="1.6"/>', light: '#9a6700', dark: '#d29922' },
};

/** A thin mark beside each line that was built. */
export function createGutter(store: LineFactsStore): vscode.Disposable & { readonly draw: (editor: vscode.TextEditor) => void } {
	const decorations = Object.entries(looks).map(([mark, { shape, light, dark }]) => ({
		mark,
		type: vscode.window.createTextEditorDecorationType({
			light: { gutterIconPath: icon(shape, light) },
			dark: { gutterIconPath: icon(shape, dark) },
			gutterIconSize: 'contain',
		}),
	}));
	return {
		draw(editor) {
			const { document } = editor;
			const marked = readSetting('lines.gutter', document)
				? factsOf(store, document).lines.map(facts => ({ mark: lineMark(facts), range: new vscode.Range(facts.line - 1, 0, facts.line - 1, 0) })) : [];
			for (const { mark, type } of decorations) {
				editor.setDecorations(type, marked.filter(one => one.mark === mark).map(({ range }) => range));
			}
		},
		dispose: () => { decorations.forEach(({ type }) => { type.dispose(); }); },
	};
}

function icon(shape: string, colour: string): vscode.Uri {
	const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" width="16" height="16">${shape.replaceAll('COLOUR', colour)}</svg>`;
	return vscode.Uri.parse(`data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`);
}
