import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Frame, Locator } from 'playwright-core';
import type { Workbench } from '../../scripts/lib/workbench.mjs';
import { archiveTar, newArchive, oldArchive, type ImageDescription } from '../support/imageOf';
import { StrataPage } from './strataPage';

const root = resolve(__dirname, '../..');
const picture = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9z"/></svg>';
const lists = 'var/lib/apt/lists/deb_Packages';
const many = Array.from({ length: 600 }, (_, at) => `many/f${String(at).padStart(5, '0')}`);

/** As BuildKit writes it: of what makes no layer only the comment says who wrote it. */
function config(plain: Record<string, unknown>): unknown {
	return { ...plain, history: (plain['history'] as readonly object[]).map(entry => ({ ...entry, comment: 'buildkit.dockerfile.v0' })) };
}

const image: ImageDescription = {
	reference: 'web:1', config,
	createdBy: ['RUN /bin/sh -c apt-get update', 'COPY app /app', 'RUN /bin/sh -c sed -i s/one/two/ /app/app.conf && rm -rf /var/lib/apt/lists/*', 'RUN /bin/sh -c make-many'],
	layers: [
		[`${lists} * 9000000`, 'usr/lib/libc.so * 2000000'],
		['app/app.conf = one\n', { path: 'app/logo.svg', data: picture }, 'app/program * 500000'],
		['app/app.conf = two\n', `-${lists}`],
		many,
	],
};
const dockerfile = 'FROM scratch\nRUN apt-get update\nCOPY app /app\nRUN sed -i s/one/two/ /app/app.conf && rm -rf /var/lib/apt/lists/*\nRUN make-many\nCMD ["sh"]\n';
const other: ImageDescription = { ...image, reference: 'web:2', layers: [image.layers[0]!, ['app/app.conf = three\n', 'app/program * 700000'], [`-${lists}`]], createdBy: image.createdBy!.slice(0, 3) };

describe('a person who looks into layers, with no engine', function () {
	this.timeout(90_000);
	// Each step stands on the one before.
	this.bail(true);
	let folder: string;
	let workbench: Workbench;
	let strata: StrataPage;
	const images = (words: RegExp): Locator => strata.row('Images', words);
	/** Answers the question for a file's name, once it offers this one, and waits until the file is there. */
	const saveAs = async (offered: RegExp, path: string): Promise<void> => {
		const { page } = workbench;
		const input = page.locator('.quick-input-widget input');
		while (!offered.test(await input.inputValue().catch(() => ''))) {
			await page.waitForTimeout(50);
		}
		await input.fill(path);
		await page.keyboard.press('Enter');
		while (!existsSync(path)) {
			await page.waitForTimeout(50);
		}
	};
	const tab = (words: string | RegExp): Locator => workbench.page.locator('.tab.active', { hasText: words });

	before(async () => {
		folder = await mkdtemp(join(tmpdir(), 'strata-layers-ui-'));
		await mkdir(join(folder, 'web/app'), { recursive: true });
		await writeFile(join(folder, 'web/Dockerfile'), dockerfile);
		await writeFile(join(folder, 'web/app/app.conf'), 'one, here\n');
		await writeFile(join(folder, 'old.tar'), archiveTar(oldArchive(image)));
		await writeFile(join(folder, 'new.tar'), archiveTar(newArchive(other)));
		const { openWorkbench } = await import('../../scripts/lib/workbench.mjs');
		workbench = await openWorkbench({
			folder, extensionPath: root, viewport: { width: 1440, height: 1800 },
			settings: { 'strata.engine.endpoint': `unix://${join(folder, 'none.sock')}`, 'workbench.editorAssociations': { '*.tar': 'strata.archive' }, 'files.simpleDialog.enable': true, 'workbench.hover.delay': 60_000 },
		});
		workbench.page.setDefaultTimeout(60_000);
		strata = new StrataPage(workbench.page);
	});

	after(async () => {
		await workbench?.close();
		await rm(folder, { recursive: true, force: true });
	});

	afterEach(async function () {
		if (this.currentTest?.state === 'failed') {
			await workbench.screenshot(`failed-${this.currentTest.title.replace(/\W+/g, '-')}`);
		}
	});

	it('sees what an archive holds where it is opened as a file, and explores it from there', async () => {
		const { page } = workbench;
		await page.locator('.explorer-folders-view').getByRole('treeitem', { name: /^old\.tar/ }).click();
		const frame = await inner(workbench, frame => frame.getByRole('link', { name: 'Explore Layers' }));
		assert.match(await frame.locator('body').innerText(), /old\.tar\s+Image archive, not compressed.*\s+Image\s+Layers\s+web:1\s+4\s/);
		await workbench.screenshot('layers-archive-page');
		await strata.openViews();
		await frame.getByRole('link', { name: 'Explore Layers' }).click();
		await images(/^CMD \["sh"\], no layer/).waitFor();
		await images(/^RUN apt-get update, 11 MB/).waitFor();
		await workbench.screenshot('layers-archive-rows');
	});

	it('takes an archive that is dragged onto the view', async () => {
		const { page } = workbench;
		await page.getByRole('tab', { name: /^Explorer/ }).first().click();
		await page.locator('.explorer-folders-view').getByRole('treeitem', { name: /^new\.tar/ }).hover();
		await page.mouse.down();
		// The view comes while the pointer that drags stays on its icon.
		const icon = (await page.getByRole('tab', { name: 'Strata' }).first().boundingBox())!;
		for (let at = 0; !await images(/^old\.tar/).isVisible(); at++) {
			await page.mouse.move(icon.x + 10 + at % 5, icon.y + 10 + at % 5);
			await page.waitForTimeout(50);
		}
		const row = (await images(/^old\.tar/).boundingBox())!;
		await page.mouse.move(row.x + 60, row.y + 8, { steps: 5 });
		await page.mouse.up();
		await images(/^new\.tar, web:2/).waitFor();
		await workbench.screenshot('layers-dragged');
		await images(/^new\.tar/).locator('.monaco-tl-twistie').click();
	});

	it('sees what a layer did, opens a picture, and compares a file with the layer below', async () => {
		await images(/^RUN sed/).click();
		await images(/^Changes, 4 B, 1 modified, 1 removed/).click();
		await images(/^var, .*1 removed/).waitFor();
		await images(/^app, .*1 modified/).click();
		await images(/^app\.conf, modified, 4 B/).hover();
		await images(/^app\.conf, modified, 4 B/).getByRole('button', { name: 'Compare with Previous Layer' }).click();
		await tab('app.conf (before layer 2 ↔ with layer 2)').waitFor();
		await workbench.page.locator('.editor.modified .view-line', { hasText: 'two' }).waitFor();
		await workbench.page.locator('.editor.original .view-line', { hasText: 'one' }).waitFor();
		await workbench.screenshot('layers-diff');
	});

	it('filters while typing; without the filter what was open is open, and what was found is in sight', async () => {
		const { page } = workbench;
		await images(/^Files up to Here, 2\.5 MB/).click();
		await strata.view('Images').hover();
		await strata.view('Images').getByRole('button', { name: /^Filter Files/ }).click();
		await strata.write('Filter Files', '*.svg');
		await images(/^Files up to Here, 1 match/).waitFor();
		await images(/^logo\.svg/).waitFor();
		await workbench.screenshot('layers-filter');
		await page.keyboard.press('Enter');
		await images(/^logo\.svg/).click();
		await tab('logo.svg').waitFor();
		await inner(workbench, frame => frame.locator('img'));
		await strata.view('Images').hover();
		await strata.view('Images').getByRole('button', { name: /^Clear File Filter/ }).click();
		await images(/^app\.conf, modified, 4 B/).waitFor();
		await images(/^program, 500 kB/).waitFor();
		await strata.view('Images').getByRole('treeitem', { name: /^logo\.svg/, selected: true }).waitFor();
		await workbench.screenshot('layers-filter-cleared');
	});

	it('is led to the line that put a file here, in a Dockerfile that nobody had opened, and to the file it was copied from', async () => {
		const { page } = workbench;
		const file = images(/^app\.conf, 4 B/);
		await strata.choose(file, 'Which Line Put This File Here?');
		await page.locator('.quick-input-list .monaco-list-row', { hasText: /COPY app \/app.*added.*Layer 1 · line 3 of web\/Dockerfile/s }).waitFor();
		await workbench.screenshot('layers-which-line');
		await strata.pick(/Layer 1 · line 3/);
		await page.locator('.statusbar-item', { hasText: 'Ln 3, Col 1' }).waitFor();
		await strata.choose(file, 'Compare with Workspace File');
		await tab('app.conf (in web:1 ↔ workspace)').waitFor();
		await page.locator('.editor.modified .view-line', { hasText: 'one, here' }).waitFor();
	});

	it('saves a file, copies its path, and finds the row of the file in front', async () => {
		await strata.choose(images(/^program, 500 kB/), 'Save File As…');
		await saveAs(/\/program$/, join(folder, 'saved'));
		await images(/^program, 500 kB/).click();
		await tab('program').waitFor();
		await workbench.page.locator('.editor-instance .view-line', { hasText: /^app\/program/ }).first().waitFor();
		await images(/^app, 500 kB/).locator('.monaco-tl-twistie').click();
		await strata.run('Reveal in Images View');
		await strata.view('Images').getByRole('treeitem', { name: /^program, 500 kB/, selected: true }).waitFor();
		assert.equal((await readFile(join(folder, 'saved'), 'latin1')).length, 500_000);
	});

	it('sees the image as a picture that leads into the tree, and as a table, in every theme', async () => {
		const { page } = workbench;
		await strata.choose(images(/^old\.tar/), 'Show Image as Treemap');
		const frame = await inner(workbench, frame => frame.locator('g.part').first());
		await frame.getByRole('button', { name: /^\/usr\/lib\/libc\.so, 2 MB/ }).click();
		await strata.view('Images').getByRole('treeitem', { name: /^libc\.so, 2 MB/, selected: true }).waitFor();
		await frame.getByRole('button', { name: /deb_Packages, 9 MB.*wastes 9 MB/ }).focus();
		await page.keyboard.press('Enter');
		await strata.view('Images').getByRole('treeitem', { name: /^deb_Packages, added, 9 MB/, selected: true }).waitFor();
		for (const theme of ['Dark High Contrast', 'Dark Modern', 'Light Modern']) {
			await strata.chooseTheme(theme);
			await workbench.screenshot(`layers-treemap-${theme.replaceAll(' ', '-')}`);
		}
		await frame.getByRole('button', { name: 'Export as SVG…' }).click();
		await saveAs(/\/web-1\.svg$/, join(folder, 'picture.svg'));
		await frame.getByRole('button', { name: 'Colour by Waste' }).click();
		await frame.getByRole('button', { name: 'Table', exact: true }).click();
		assert.match((await frame.locator('table').innerText()).replace(/\s+/g, ' '), /deb_Packages 9 MB 0 9 MB/);
		await workbench.screenshot('layers-treemap-table');
		assert.match(await readFile(join(folder, 'picture.svg'), 'utf8'), /^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg".*<title>web:1<\/title>.*libc\.so/s);
	});

	it('lays two images beside each other and opens the diff of a file', async () => {
		const { page } = workbench;
		await strata.choose(images(/^old\.tar/), 'Compare Images…');
		await page.locator('.quick-input-list .monaco-list-row', { hasText: 'web:2' }).click();
		await images(/^Comparison of web:1 and web:2, /).waitFor();
		await images(/^Layers, 1 shared, 3 only in the first, 2 only in the second/).waitFor();
		await images(/^app, .*1 removed/).first().click();
		await images(/^app\.conf, modified, 4 B → 6 B/).click();
		await tab('app.conf (web:1 ↔ web:2)').waitFor();
		await page.locator('.editor.modified .view-line', { hasText: 'three' }).waitFor();
		await workbench.screenshot('layers-compared');
	});
});

/** The page inside the webview in front, once it has what is asked for. */
async function inner({ page }: Workbench, ready: (frame: Frame) => Locator): Promise<Frame> {
	for (;;) {
		for (const frame of page.frames()) {
			// A webview is a frame in a frame.
			if (frame.parentFrame()?.parentFrame() && await ready(frame).isVisible().catch(() => false)) {
				return frame;
			}
		}
		await page.waitForTimeout(50);
	}
}
