import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Workbench } from '../../scripts/lib/workbench.mjs';
import { createDockerEngine } from '../../src/core/engine/dockerEngine';
import type { Engine } from '../../src/core/engine/engine';
import { engineRequest } from '../support/engineRequest';
import { baseImage, buildImage, endpointOf, testEngines } from '../support/engines';
import { StrataPage } from './strataPage';

// One engine: what differs between engines is tested on each of them without an editor.
const test = testEngines().at(-1)!;

describe(`a person with a container on Docker ${test.name}`, function () {
	this.timeout(120_000);
	// Each step stands on the one before.
	this.bail(true);
	const name = `strata-test-ui-${Date.now().toString(36)}`;
	/** One whose containers end at once when they are asked to: the engine gives a shell that does not listen ten seconds. */
	const image = `strata-test/${name}:1`;
	const row = (state: string) => strata.row('Containers', new RegExp(`^${name}, ${state}`));
	let folder: string;
	let engine: Engine;
	let workbench: Workbench;
	let strata: StrataPage;

	before(async () => {
		folder = await mkdtemp(join(tmpdir(), 'strata-container-'));
		await writeFile(join(folder, 'notes.txt'), 'a folder with something in it\n');
		engine = await createDockerEngine(endpointOf(test));
		await buildImage(engine, { Dockerfile: `FROM ${baseImage}\nCOPY notes.txt /\nSTOPSIGNAL SIGKILL\n`, 'notes.txt': `${name}\n` }, { builder: 'classic', tags: [image] });
		const { openWorkbench } = await import('../../scripts/lib/workbench.mjs');
		workbench = await openWorkbench({
			folder, vsix: join(resolve(__dirname, '../..'), 'dist/strata.vsix'), viewport: { width: 1440, height: 1000 },
			// Text that is drawn cannot be read by a test.
			settings: { 'strata.engine.endpoint': test.host, 'strata.build.network': 'none', 'terminal.integrated.gpuAcceleration': 'off' },
		});
		workbench.page.setDefaultTimeout(60_000);
		strata = new StrataPage(workbench.page);
	});

	after(async () => {
		await workbench?.close();
		for (const { id } of (await engine.containers()).filter(container => container.name === name)) {
			await engine.removeContainer(id, { force: true });
		}
		await engine.removeImage(image);
		await rm(folder, { recursive: true, force: true });
	});

	afterEach(async function () {
		if (this.currentTest?.state === 'failed') {
			await workbench.screenshot(`failed-container-${this.currentTest.title.replace(/\W+/g, '-')}`);
		}
	});

	it('runs an image with a name of its own and types into it', async () => {
		await strata.openViews();
		await strata.run('Run Image…');
		await strata.pick(image);
		await strata.pick('Name');
		await strata.write(/^Name$/, '-x');
		await strata.complaint(/no name for a container/);
		await strata.answer(/^Name$/, name);
		await strata.pick('Network');
		// Other options of the page are "none" too, and it is still there for a moment.
		await strata.pick(/^\s*none\s*$/);
		await workbench.page.locator('.quick-input-list .monaco-list-row', { hasText: /Name\s*strata-test-ui/ }).waitFor();
		await workbench.screenshot('container-run');
		await strata.pick(/^\s*Run/);
		await workbench.page.locator('.terminal-wrapper.active .xterm-rows', { hasText: '/ #' }).waitFor();
		await workbench.page.keyboard.type('echo "made $((40+2))" > /made; echo more >> /notes.txt; rm /bin/vi; echo di""d\n');
		await workbench.page.locator('.terminal-wrapper.active .xterm-rows', { hasText: 'did' }).waitFor();
		await row('running').waitFor();
	});

	it('opens what it changed, and sees it beside what the image has', async () => {
		await row('running').click();
		await strata.row('Containers', /^made, added, 8 B$/).click();
		await workbench.page.locator('.tab.active[data-resource-name="made"]').waitFor();
		await workbench.page.locator('.view-line', { hasText: 'made 42' }).waitFor();
		await workbench.screenshot('container-file');
		const notes = strata.row('Containers', /^notes\.txt, changed, /);
		await strata.choose(notes, 'Compare with Image');
		await workbench.page.locator('.tab.active', { hasText: `notes.txt: image ↔ ${name}` }).waitFor();
		await workbench.page.locator('.editor.original .view-line', { hasText: name }).waitFor();
		await workbench.page.locator('.editor.modified .view-line', { hasText: 'more' }).waitFor();
		await workbench.screenshot('container-diff');
	});

	it('offers what can be done with it, and asks which where the palette names none', async () => {
		assert.deepEqual([
			'Restart Container', 'Stop Container', 'Attach Shell', 'Show Container Logs', 'Commit Container as Image…', 'Inspect Container as JSON', 'Write Dockerfile from Changes…', 'Build Dockerfile and Compare with Container…',
			'Copy Container ID', 'Export Container File System…', 'Remove Container…',
		], await strata.offers(row('running')));
		for (const [command, question] of [
			['Restart Container', 'Which container should restart?'], ['Show Container Logs', 'Whose logs?'], ['Commit Container as Image', 'Which container becomes an image?'],
			['Export Container File System', 'Which container\'s file system'], ['Write Dockerfile from Changes', 'Which container becomes a Dockerfile?'], ['Remove Container', 'Which container should be removed?'],
			['Run Image', 'Which image should run?'], ['Attach Shell', 'Which container do you want to enter?'], ['Inspect Container as JSON', 'Which container shall be inspected?'],
			['Build Dockerfile and Compare with Container', 'Which container should the Dockerfile\'s image'],
		] as const) {
			await strata.asks(command, question);
		}
	});

	it('reads what it wrote, enters it, and sees all that the engine says of it', async () => {
		await strata.choose(row('running'), 'Show Container Logs');
		await workbench.page.locator('.terminal-wrapper.active .xterm-rows', { hasText: 'did' }).waitFor();
		await workbench.screenshot('container-logs');
		await strata.choose(row('running'), 'Attach Shell');
		// A prompt of its own: those of the other terminals have what was typed there behind them.
		await workbench.page.locator('.terminal-wrapper.active .xterm-rows', { hasText: '/ #', hasNotText: 'did' }).waitFor();
		await workbench.page.keyboard.type('cat /made; echo in""side\n');
		await workbench.page.locator('.terminal-wrapper.active .xterm-rows', { hasText: 'inside' }).waitFor();
		await workbench.screenshot('container-shell');
		await strata.choose(row('running'), 'Inspect Container as JSON');
		await workbench.page.locator('.tab.active', { hasText: `${name}.json` }).waitFor();
		await workbench.page.locator('.view-line', { hasText: '"State": {' }).waitFor();
		await workbench.screenshot('container-inspected');
	});

	it('finds its image in the family tree, and what removing that would free', async () => {
		await strata.run('Group Images by Family');
		await strata.row('Images', /^strata-test\/base:1, .* derived/).click();
		const derived = strata.row('Images', new RegExp(`^${image}, .*, 1 container$`));
		await derived.waitFor();
		await workbench.screenshot('images-families');
		await strata.choose(derived, 'What Would I Free?');
		await workbench.page.locator('.view-line', { hasText: 'Nothing was removed.' }).waitFor();
		assert.match(await strata.editorText(), new RegExp(`cannot be removed.*${name}`, 's'));
		await strata.run('Group Images by Repository');
		await strata.row('Images', /^strata-test\/base, /).waitFor();
	});

	it('writes it as a Dockerfile, builds that, and sees that the image is the container', async () => {
		await strata.choose(row('running'), 'Write Dockerfile from Changes…');
		await strata.pick('in this workspace');
		await workbench.page.locator('.tab.active[data-resource-name="Dockerfile"]').waitFor();
		await workbench.page.locator('.view-line', { hasText: 'COPY files/ /' }).waitFor();
		await workbench.screenshot('container-dockerfile');
		await strata.choose(row('running'), 'Build Dockerfile and Compare with Container…');
		await workbench.page.locator('.tab.active', { hasText: 'compared.txt' }).waitFor();
		await workbench.page.locator('.view-line', { hasText: 'No difference: the image is the container.' }).waitFor();
		await workbench.screenshot('container-compared');
	});

	it('stops it and removes it, knowing what is lost', async () => {
		await engineRequest(test.host, 'POST', `/containers/${name}/pause`);
		await strata.choose(row('paused'), 'Unpause Container');
		await strata.choose(row('running'), 'Stop Container');
		await row('exited').waitFor();
		await workbench.screenshot('container-stopped');
		await strata.run('Start Container');
		await strata.pick(name);
		await row('running').waitFor();
		await strata.run('Stop Container');
		await strata.pick(name);
		await strata.choose(row('exited'), 'Start Container');
		await strata.choose(row('running'), 'Remove Container…');
		await strata.dialogSays(new RegExp(`${name} is running\\. End it and remove it\\?`));
		await strata.press('Cancel');
		await row('running').click();
		await workbench.page.keyboard.press('Delete');
		await strata.dialogSays(/Lost with it, since they are in no image: \d+ added, \d+ changed, 1 removed\./);
		await workbench.screenshot('container-remove');
		await workbench.page.locator('.monaco-dialog-box').getByRole('button', { name: 'Remove', exact: true }).click();
		await row('running').waitFor({ state: 'detached' });
		const temporary = (await engine.images()).filter(({ labels }) => labels['dev.strata.temporary'] !== undefined);
		const rebuilt = (await Promise.all(temporary.map(({ id }) => engine.history(id)))).filter(rows => rows.some(({ createdBy }) => createdBy.includes('rm -rf /bin/vi')));
		assert.deepEqual(rebuilt, [], 'the image that was compared is gone again');
	});
});
