import { basename } from 'node:path';
import { formatBytes } from '../../core/base/bytes';
import { translate } from '../../platform/messages';
import { escapeHtml } from '../../platform/webPage';
import type { ArchiveCheck } from '../../services/archiveChecks';
import type { ArchiveContents } from '../../services/openArchives';
import { verifiedWords, verifyingWords } from '../../words/archiveCheck';
import { oneLine } from '../../words/rows';

export const archiveStyle = `
body { padding: 2em; max-width: 60em; color: var(--vscode-foreground); font: var(--vscode-font-size) var(--vscode-font-family); }
h1 { font-size: 1.4em; font-weight: 600; overflow-wrap: anywhere; }
table { border-collapse: collapse; margin: 1.2em 0; }
th, td { text-align: left; padding: 0.35em 1.5em 0.35em 0; border-bottom: 1px solid var(--vscode-widget-border, var(--vscode-contrastBorder, transparent)); overflow-wrap: anywhere; }
th { color: var(--vscode-descriptionForeground); font-weight: normal; }
a.button { display: inline-block; padding: 0.45em 1em; color: var(--vscode-button-foreground); background: var(--vscode-button-background); text-decoration: none; border-radius: 2px; }
a.button:hover { background: var(--vscode-button-hoverBackground); }
a.button:focus-visible { outline: 1px solid var(--vscode-focusBorder); outline-offset: 2px; }
.failure { color: var(--vscode-errorForeground); }
.quiet { color: var(--vscode-descriptionForeground); }
`;

/**
 * What was found, and the way on. `explore` is a link that opens the archive in the Images view; `failure` a sentence,
 * where one of the checks failed.
 */
export function archivePage(path: string, { packing, bytes, images }: ArchiveContents, explore: string, checks: readonly ArchiveCheck[], failure: string | undefined): string {
	const kind = {
		plain: translate('Image archive, not compressed: its layers are read by seeking'),
		gzip: translate('Archive compressed with gzip: exploring it reads all of it once'),
		zstd: translate('Archive compressed with zstd: exploring it reads all of it once'),
		folder: translate('OCI image layout'),
	}[packing];
	const hasPlatforms = images?.some(({ platform }) => platform !== undefined) === true;
	const table = images === undefined
		? `<p class="quiet">${escapeHtml(translate('Which images it holds is known once it is read.'))}</p>`
		: `<table><thead><tr>${[translate('Image'), ...hasPlatforms ? [translate('Platform')] : [], translate('Layers')].map(title => `<th scope="col">${escapeHtml(title)}</th>`).join('')}</tr></thead><tbody>${
			images.map(({ references, platform, layerPaths }) => row([references.length === 0 ? translate('(no name)') : references.join(', '), ...hasPlatforms ? [platform ?? ''] : [], String(layerPaths.length)])).join('')
		}</tbody></table>`;
	return [
		`<h1>${escapeHtml(oneLine(basename(path)))}</h1>`,
		`<p>${escapeHtml([kind, ...bytes === undefined ? [] : [formatBytes(bytes)]].join(' · '))}</p>`,
		table,
		...failure === undefined ? checkLine(checks, bytes) : [`<p class="failure" role="alert">✗ ${escapeHtml(failure)}</p>`],
		`<p><a class="button" href="${escapeHtml(explore)}">${escapeHtml(translate('Explore Layers'))}</a></p>`,
		`<p class="quiet">${escapeHtml(translate('It opens in the Images view. No engine is needed, and nothing is unpacked.'))}</p>`,
	].join('\n');
}

/** Nothing before somebody looked into the archive. */
function checkLine(checks: readonly ArchiveCheck[], totalBytes: number | undefined): readonly string[] {
	const running = checks.find(check => check.kind === 'running');
	const words = running !== undefined ? verifyingWords(running.bytes, totalBytes, translate) : checks.length > 0 ? `✓ ${verifiedWords(translate)}` : undefined;
	return words === undefined ? [] : [`<p role="status">${escapeHtml(words)}</p>`];
}

export function failedPage(path: string, message: string): string {
	return `<h1>${escapeHtml(oneLine(basename(path)))}</h1>\n<p>${escapeHtml(message)}</p>`;
}

function row(cells: readonly string[]): string {
	return `<tr>${cells.map(cell => `<td>${escapeHtml(oneLine(cell))}</td>`).join('')}</tr>`;
}
