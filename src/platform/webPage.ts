import { randomBytes } from 'node:crypto';
import type * as vscode from 'vscode';

export interface WebPage {
	/** HTML; everything that strangers wrote in it must have gone through `escapeHtml`. */
	readonly body: string;
	readonly style: string;
	/** A script of the extension's own, by its address in the webview. */
	readonly script?: vscode.Uri | undefined;
}

/** A whole page with a policy that lets in nothing but its own style and script: no network, no inline handlers. */
export function webPage({ cspSource }: vscode.Webview, { body, style, script }: WebPage): string {
	const nonce = randomBytes(18).toString('base64');
	const policy = [
		'default-src \'none\'', `style-src 'nonce-${nonce}' ${cspSource}`,
		...script === undefined ? [] : [`script-src 'nonce-${nonce}'`],
	].join('; ');
	return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<style nonce="${nonce}">${style}</style>
</head>
<body>
${body}
${script === undefined ? '' : `<script nonce="${nonce}" src="${escapeHtml(script.toString())}"></script>`}
</body>
</html>`;
}

export function escapeHtml(text: string): string {
	return text.replace(/[&<>"']/g, character => `&#${String(character.charCodeAt(0))};`);
}
