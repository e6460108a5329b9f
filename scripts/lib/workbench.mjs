import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { chromium } from 'playwright-core';
import { chromiumArguments, findChromium } from './chromium.mjs';
import { startServer } from './server.mjs';

const screenshots = join(import.meta.dirname, '../../test/ui/screenshots');

/**
 * The real workbench in a browser nobody sees, on `folder`, with the extension either from its sources
 * (`extensionPath`) or installed (`vsix`). `screenshot(name)` writes test/ui/screenshots/<name>.png.
 */
export async function openWorkbench({ folder, extensionPath, vsix, settings, env, trust, viewport = { width: 1440, height: 900 } }) {
	const server = await startServer({ settings, trust, env, vsix });
	let browser;
	const close = async () => {
		await browser?.close();
		await server.stop();
	};
	try {
		browser = await chromium.launch({ executablePath: await findChromium(), args: chromiumArguments });
		const page = await browser.newPage({ viewport });
		await page.goto(server.address(folder, { extensionDevelopmentPath: extensionPath }));
		await page.locator('.monaco-workbench .explorer-folders-view .monaco-list-row').first().waitFor({ timeout: 60_000 });
		return { page, server, close, screenshot: name => screenshot(page, join(screenshots, `${name}.png`)) };
	} catch (error) {
		await close();
		throw error;
	}
}

async function screenshot(page, path) {
	await mkdir(dirname(path), { recursive: true });
	// What is fading in has come in.
	await page.screenshot({ path, animations: 'disabled' });
	return path;
}
