import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Frame, Locator } from 'playwright-core';
import type { Workbench } from '../../scripts/lib/workbench.mjs';
import { startFakeEngine, type FakeEngine } from '../support/fakeEngine';
import { archiveTar, diffIdsOf, newArchive, oldArchive, type ImageDescription } from '../support/imageOf';
import { entryBytes } from '../support/layerTar';
import { StrataPage } from './strataPage';

const root = resolve(__dirname, '../..');
const slow = `sha256:${'a'.repeat(64)}`;
const web = `sha256:${'e'.repeat(64)}`;
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

describe('a person who looks into layers, for the most part with no engine', function () {
	this.timeout(90_000);
	// Each step stands on the one before.
	this.bail(true);
	let folder: string;
	let workbench: Workbench;
	let strata: StrataPage;
	/** Not there until somebody needs it. */
	let engine: FakeEngine;
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
		engine = await startFakeEngine();
		await engine.die();
		engine.on('GET /images/json', [
			{ Id: slow, RepoTags: ['slow:1'], RepoDigests: [], Created: 1_700_000_000, Size: 2e9, Containers: -1, SharedSize: -1, Labels: {} },
			{ Id: web, RepoTags: ['web:1'], RepoDigests: [], Created: 1_700_000_000, Size: 12e6, Containers: -1, SharedSize: -1, Labels: {} },
		]);
		engine.on('GET /images/*/json', { Id: slow, RepoTags: ['slow:1'], Os: 'linux', Architecture: 'amd64', Size: 2e9, Config: {}, RootFS: { Type: 'layers', Layers: [`sha256:${'d'.repeat(64)}`] } });
		engine.on('GET /images/*/history', [{ Id: slow, Created: 1_700_000_000, CreatedBy: 'COPY big / # buildkit', Comment: 'buildkit.dockerfile.v0', Size: 2e9, Tags: ['slow:1'] }]);
		engine.on(`GET /images/${web}/json`, { Id: web, RepoTags: ['web:1'], Os: 'linux', Architecture: 'amd64', Size: 12e6, Config: {}, RootFS: { Type: 'layers', Layers: diffIdsOf(image) } });
		engine.on(`GET /images/${web}/history`, [...image.createdBy!, 'CMD ["sh"]'].map((CreatedBy, at) =>
			({ Id: web, Created: 1_700_000_000, CreatedBy: `${CreatedBy} # buildkit`, Comment: 'buildkit.dockerfile.v0', Size: at < 4 ? 1000 : 0, Tags: null })).reverse());
		engine.on(`GET /images/${web}/get`, (_, response) => {
			response.writeHead(200, { 'content-type': 'application/x-tar' });
			response.end(archiveTar(newArchive(image)));
		});
		const { openWorkbench } = await import('../../scripts/lib/workbench.mjs');
		workbench = await openWorkbench({
			folder, extensionPath: root, viewport: { width: 1440, height: 1800 },
			settings: { 'strata.engine.endpoint': engine.endpoint.url, 'workbench.editorAssociations': { '*.tar': 'strata.archive' }, 'files.simpleDialog.enable': true, 'workbench.hover.delay': 60_000 },
		});
		workbench.page.setDefaultTimeout(60_000);
		strata = new StrataPage(workbench.page);
	});

	after(async () => {
		await workbench?.close();
		await engine?.[Symbol.asyncDispose]();
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
		// Each news draws the page anew, which is another frame.
		await inner(workbench, frame => frame.getByRole('status').getByText('✓ Verified: every layer is what the image says'));
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

	it('has the files in the order that is chosen', async () => {
		const names = async (): Promise<readonly string[]> => {
			const rows = await strata.view('Images').getByRole('treeitem', { level: 6 }).all();
			return Promise.all(rows.map(async row => (await row.getAttribute('aria-label'))!.split(',')[0]!));
		};
		const sorted = async (...wanted: readonly string[]): Promise<void> => {
			while ((await names()).join() !== wanted.join()) {
				await workbench.page.waitForTimeout(50);
			}
		};
		await sorted('app.conf', 'program', 'logo.svg', 'app.conf');
		await strata.chooseInView('Images', 'Sort Files by Name');
		await sorted('app.conf', 'app.conf', 'logo.svg', 'program');
		await strata.chooseInView('Images', 'Sort Files by Size');
		await sorted('app.conf', 'program', 'logo.svg', 'app.conf');
	});

	it('is led to the line that put a file here, in a Dockerfile that nobody had opened, and to the file it was copied from', async () => {
		const { page } = workbench;
		await strata.choose(images(/^CMD \["sh"\], no layer/), 'Go to Dockerfile Line');
		await page.locator('.statusbar-item', { hasText: 'Ln 6, Col 1' }).waitFor();
		await tab('Dockerfile').waitFor();
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
		const { page } = workbench;
		await strata.choose(images(/^program, 500 kB/), 'Save File As…');
		await saveAs(/\/program$/, join(folder, 'saved'));
		await strata.choose(images(/^program, 500 kB/), 'Copy Path in Image');
		await strata.statusSays(/Copied/);
		await page.keyboard.press('F1');
		await page.keyboard.press('Control+V');
		while (await page.locator('.quick-input-widget input').inputValue() !== '>/app/program') {
			await page.waitForTimeout(50);
		}
		await page.keyboard.press('Escape');
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
		// By keyboard alone: from file to file, into the folder of one, and out again.
		const focused = (name: RegExp): Promise<void> => frame.locator('g.part:focus').and(frame.getByRole('button', { name })).waitFor();
		await frame.getByRole('button', { name: /deb_Packages, 9 MB.*wastes 9 MB/ }).focus();
		await page.keyboard.press('ArrowDown');
		await focused(/^\/usr\/lib\/libc\.so/);
		await page.keyboard.press('ArrowRight');
		await focused(/^\/app\/program/);
		await page.keyboard.press('Space');
		await frame.getByRole('heading', { name: /^web:1 \/app/ }).waitFor();
		await focused(/^\/app\/program/);
		await page.keyboard.press('Backspace');
		await frame.getByRole('heading', { name: /^web:1 *11\.5 MB · wastes 9 MB/ }).waitFor();
		await focused(/^\/app\/program/);
		for (const [theme, kind] of [['Dark High Contrast', 'hc-black'], ['Dark Modern', 'vs-dark'], ['Light Modern', 'vs']] as const) {
			await strata.chooseTheme(theme, kind);
			await workbench.screenshot(`layers-treemap-${kind}`);
		}
		assert.match((await frame.getByRole('list', { name: 'Meaning of the colors' }).innerText()).replace(/\s+/g, ' '), /^0 RUN apt-get update · 11 MB · wastes 9 MB 1 COPY app \/app · 500 kB/);
		await frame.getByRole('button', { name: 'Export as SVG…' }).click();
		await saveAs(/\/web-1\.svg$/, join(folder, 'picture.svg'));
		await frame.getByRole('button', { name: 'Color by Waste' }).click();
		assert.match((await frame.getByRole('list', { name: 'Meaning of the colors' }).innerText()).replace(/\s+/g, ' '), /^Waste In the image$/);
		await workbench.screenshot('layers-treemap-waste');
		await frame.getByRole('button', { name: 'Table', exact: true }).press('Enter');
		await frame.locator('button:focus', { hasText: 'Table' }).waitFor();
		assert.match((await frame.locator('table').innerText()).replace(/\s+/g, ' '), /deb_Packages 9 MB 9 MB 0 RUN apt-get update/);
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

	it('stops the reading of an image, and the engine sends no more', async () => {
		const stopped = new Promise<void>(resolve => {
			engine.on('GET /images/*/get', (_, response) => {
				response.writeHead(200, { 'content-type': 'application/x-tar' });
				response.write(entryBytes({ path: `blobs/sha256/${'b'.repeat(64)}`, size: 2 ** 32, data: 'x'.repeat(1024) }));
				const drip = setInterval(() => { response.write(Buffer.alloc(65_536, 'x')); }, 20);
				response.once('close', () => {
					clearInterval(drip);
					resolve();
				});
			});
		});
		await engine.rise();
		await images(/^slow, 1 tag/).click();
		await images(/^1, 2 GB/).click();
		await images(/^COPY big/).click();
		const reading = await strata.message(/Reading the layers of slow:1/);
		await workbench.screenshot('layers-reading');
		await reading.getByRole('button', { name: 'Cancel' }).click();
		await stopped;
		await reading.waitFor({ state: 'detached' });
		await workbench.screenshot('layers-cancelled');
		await images(/^Cancelled: Read Again/).click();
		await strata.message(/Reading the layers of slow:1/);
		assert.deepEqual(engine.requests.filter(request => !/^(?:GET|HEAD) /.test(request)), []);
	});

	it('peeks from a path in a RUN line at the file as that line\'s layer leaves it', async () => {
		const { page } = workbench;
		await strata.openFile('web', 'Dockerfile');
		await strata.lens('1 kB.*').waitFor();
		// Before the layers are known no key press may make an engine send an image.
		await strata.run('Show Image as Treemap');
		await tab('Treemap: web/Dockerfile').waitFor();
		// A page may swallow keys.
		await page.locator('.tab[data-resource-name="Dockerfile"]').click();
		await tab('Dockerfile').waitFor();
		await page.keyboard.press('Control+G');
		await page.locator('.quick-input-widget input').fill(':4:26');
		await page.keyboard.press('Enter');
		await page.locator('.statusbar-item', { hasText: 'Ln 4, Col 26' }).waitFor();
		await page.keyboard.press('Control+Shift+F10');
		const peek = page.locator('.peekview-widget');
		await peek.locator('.peekview-title', { hasText: 'app.conf' }).waitFor();
		await peek.locator('.view-line', { hasText: /^two$/ }).waitFor();
		await workbench.screenshot('layers-peek');
		await page.keyboard.press('Escape');
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
