import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import type { Locator } from 'playwright-core';
import type { Workbench } from '../../scripts/lib/workbench.mjs';
import { createDockerEngine } from '../../src/core/engine/dockerEngine';
import type { Engine } from '../../src/core/engine/engine';
import { startBreakingWay, type BreakingWay } from '../support/breakingWay';
import { withContainer } from '../support/containers';
import { baseImage, endpointOf, testEngines } from '../support/engines';
import { startFakeRegistry } from '../support/fakeRegistry';
import { imageFamily } from '../support/imageFamily';
import { registryLogin, requireRegistry, startRegistry, type TestRegistry } from '../support/registry';
import { StrataPage } from './strataPage';

const root = resolve(__dirname, '../..');

describe('the life of an image, without a terminal', function () {
	this.timeout(120_000);
	this.bail(true);
	const test = testEngines().at(-1)!;
	const own = `life-${Date.now().toString(36)}`;
	const repository = `strata-test/${own}`;
	const family = imageFamily([
		{ layers: ['base', 'web'], names: [`${repository}:web`, `${repository}:also-web`] },
		{ layers: ['base', 'api'], names: [`${repository}:api`] },
		{ layers: ['base', 'old'], names: [] },
	], own, 1_000_000);
	let folder: string;
	let engine: Engine;
	let engineWay: BreakingWay;
	let workbench: Workbench;
	let strata: StrataPage;
	let registry: TestRegistry | undefined;

	before(async () => {
		folder = await mkdtemp(join(tmpdir(), 'strata-life-'));
		await writeFile(join(folder, 'readme.txt'), 'a folder to open\n');
		engine = await createDockerEngine(endpointOf(test));
		for await (const { error } of engine.loadImages(Readable.from([family.archive]), new AbortController().signal)) {
			assert.equal(error, undefined);
		}
		engineWay = await startBreakingWay(test);
		const { openWorkbench } = await import('../../scripts/lib/workbench.mjs');
		workbench = await openWorkbench({ folder, extensionPath: root, viewport: { width: 1440, height: 1100 }, settings: { 'strata.engine.endpoint': `tcp://${engineWay.host}` } });
		workbench.page.setDefaultTimeout(30_000);
		strata = new StrataPage(workbench.page);
		await strata.openViews();
	});

	after(async () => {
		await workbench?.close();
		await engineWay?.[Symbol.asyncDispose]();
		const images = await engine.images();
		for (const name of images.flatMap(({ references }) => references).filter(reference => reference.includes(own))) {
			await engine.removeImage(name);
		}
		for (const id of family.ids) {
			await engine.removeImage(id, { force: true }).catch(() => undefined);
		}
		await registry?.[Symbol.asyncDispose]();
		await rm(folder, { recursive: true, force: true });
	});

	afterEach(async function () {
		if (this.currentTest?.state === 'failed') {
			await workbench.screenshot(`failed-${this.currentTest.title.replace(/\W+/g, '-')}`);
		}
	});

	const tag = (name: string): Locator => strata.row('Images', new RegExp(`^${name}, `));

	/** Cancels what a message says to be under way, once it holds still. */
	const cancel = async (work: RegExp): Promise<void> => {
		const message = await strata.message(work);
		await workbench.screenshot(`life-${work.source.split(' ')[0]!.toLowerCase()}`);
		await message.getByRole('button', { name: 'Cancel' }).click();
		await message.waitFor({ state: 'detached' });
		engineWay.set(undefined);
	};

	/** A file that was begun goes once the engine's stream has been closed. */
	const foundInFolder = async (...names: readonly string[]): Promise<void> => {
		while ((await readdir(folder)).join() !== names.join()) {
			await setTimeout(20);
		}
	};

	it('tags from the row', async () => {
		await strata.row('Images', new RegExp(`^${repository}, 3 tags`)).click();
		await strata.choose(tag('api'), 'Tag Image…');
		await strata.write(/^Tag /, `${repository}:Next one`);
		await strata.complaint(/./);
		await workbench.screenshot('life-tag');
		await strata.answer(/^Tag /, `${repository}:next`);
		await tag('next').waitFor();
		assert.equal((await engine.image(`${repository}:next`)).id, family.ids[1]);
		await tag('api').click();
		await workbench.page.keyboard.press('F2');
		await workbench.page.locator('.quick-input-title', { hasText: `Tag ${repository}:api` }).waitFor();
		await workbench.page.keyboard.press('Escape');
	});

	it('offers what can be done with an image, and asks which where the palette names none', async () => {
		const change = ['Tag Image…', 'Push Image…', 'Save Image to Archive…'];
		assert.deepEqual([
			'Run Image…', 'Dockerfile from Image', 'Inspect Image as JSON', 'Analyze Layers', 'Show Image as Treemap', 'Compare Images…', 'Copy Reference', 'Copy Image ID', 'Copy Digest',
			...change, 'What Would I Free?', 'Remove Image…',
		], await strata.offers(tag('api')));
		for (const [command, question] of [
			['Tag Image', 'Which image gets another name?'], ['Remove Image', 'Which images shall be removed?'], ['Save Image to Archive', 'Which images go into the archive?'],
			['Push Image', 'Which name shall be pushed?'], ['What Would I Free?', 'Which images might be removed?'], ['Inspect Image as JSON', 'Which image shall be inspected?'],
			['Prune Untagged Images', 'Untagged images to remove.'], ['Dockerfile from Image', 'Which image\'s history'], ['Compare Images', 'Compare which image?'],
		] as const) {
			await strata.asks(command, question);
		}
		await strata.choose(tag('api'), 'Copy Reference');
		await strata.statusSays(/Copied/);
		await strata.choose(tag('api'), 'Inspect Image as JSON');
		await workbench.page.locator('.tab.active', { hasText: 'api.json' }).waitFor();
		await workbench.page.locator('.view-line', { hasText: family.ids[1]! }).first().waitFor();
		await workbench.screenshot('life-inspected');
		await strata.choose(strata.row('Images', /^strata-test\/base, /), 'What Would I Free?');
		await workbench.page.locator('.view-line', { hasText: 'Nothing was removed.' }).waitFor();
		await strata.run('Dockerfile from Image');
		await strata.pick(`${repository}:web`);
		await workbench.page.locator('.view-line', { hasText: `# COPY ${own}-web /` }).waitFor();
		await strata.choose(tag('api'), 'Dockerfile from Image');
		await workbench.page.locator('.view-line', { hasText: `# COPY ${own}-api /` }).waitFor();
		await workbench.screenshot('life-dockerfile');
		await strata.run('Build Image');
		await strata.message(/This Dockerfile is in no file. Save it first/);
		await strata.closeMessages();
		await strata.choose(tag('api'), 'Run Image…');
		await workbench.page.locator('.quick-input-title', { hasText: `Run ${repository}:api` }).waitFor();
		await workbench.page.keyboard.press('Escape');
	});

	it('filters the images, and says so where the filter leaves none', async () => {
		await strata.chooseInView('Images', 'Filter Images…');
		await strata.answer(/Filter Images/, `${own}-none`);
		await strata.view('Images').getByText('No image has this in its name or ID.').waitFor();
		await workbench.screenshot('life-filtered');
		await strata.view('Images').getByRole('button', { name: 'Change Image Filter' }).click();
		await strata.answer(/Filter Images/, 'also-w');
		await tag('also-web').waitFor();
		assert.equal(await tag('api').count(), 0);
		await strata.view('Images').getByText('Filter: also-w').waitFor();
		await workbench.screenshot('life-filter-found');
		await strata.view('Images').getByRole('button', { name: 'Clear Image Filter' }).click();
		await strata.row('Images', new RegExp(`^${repository}, 4 tags`)).click();
		await tag('api').waitFor();
	});

	it('removes by the key what has the focus, not what was clicked before', async () => {
		await tag('also-web').click();
		await workbench.page.keyboard.press('ArrowLeft');
		await workbench.page.keyboard.press('ArrowDown');
		await workbench.page.keyboard.press('Delete');
		await strata.dialogSays(new RegExp(`Remove the name ${repository}:api\\?`));
		await strata.press('Cancel');
		await workbench.page.keyboard.press('Shift+ArrowUp');
		await workbench.page.keyboard.press('Delete');
		await strata.dialogSays(/also-web/);
		assert.match(await strata.dialog(), new RegExp(`${repository}:api`));
		await strata.press('Cancel');
	});

	it('cancels a save that holds still, and finds nothing half', async () => {
		engineWay.set({ after: 1_000_000, how: 'stalls', of: 'answers' });
		await strata.choose(strata.row('Images', new RegExp(`^${repository}, `)), 'Save Image to Archive…');
		await strata.answerPath(/Save Image to Archive/, join(folder, 'both.tar'));
		await strata.message(/Saving both\.tar/);
		assert.match((await readdir(folder)).join(), /both\.tar\..*unfinished/);
		await cancel(/Saving both\.tar/);
		await foundInFolder('readme.txt');
	});

	it('saves images into one archive, explores it, and loads it again after it was removed', async () => {
		await strata.choose(strata.row('Images', new RegExp(`^${repository}, `)), 'Save Image to Archive…');
		await strata.answerPath(/Save Image to Archive/, join(folder, 'both.tar'));
		const message = await strata.message(/Saved 2 images as both\.tar: 3\.\d+ MB; layers that they share are in it once, which saves 1 MB/);
		await workbench.screenshot('life-saved');
		await message.getByRole('button', { name: 'Explore Archive' }).click();
		await strata.closeMessages();
		const archive = strata.row('Images', /^both\.tar/);
		await archive.waitFor();
		await engine.removeImage(`${repository}:next`);
		await tag('next').waitFor({ state: 'detached' });
		engineWay.set({ after: 1_000_000, how: 'stalls', of: 'requests' });
		await strata.run('Load Image Archive');
		await strata.answerPath(/Load Image Archive/, join(folder, 'both.tar'));
		await cancel(/Loading both\.tar/);
		await assert.rejects(engine.image(`${repository}:next`), { reason: 'notFound' });
		await strata.choose(archive, 'Load Image Archive…');
		await strata.statusSays(/Loaded 4 images: .* and 3 more/);
		await tag('next').waitFor();
		await engine.removeImage(`${repository}:next`);
		await tag('next').waitFor({ state: 'detached' });
		await strata.run('Load Image Archive');
		await strata.answerPath(/Load Image Archive/, join(folder, 'readme.txt'));
		const refusal = await strata.message(/readme\.txt is no tar archive\. Choose a \.tar/);
		await workbench.screenshot('life-load-refused');
		const cutPath = join(folder, 'cut.tar');
		await writeFile(cutPath, (await readFile(join(folder, 'both.tar'))).subarray(0, 1_500_000));
		await refusal.getByRole('button', { name: 'Try Again' }).click();
		await strata.answerPath(/Load Image Archive/, cutPath);
		const cutOff = await strata.message(/cut\.tar cannot be loaded\. The archive is cut off: it ends in the middle\. Save or download it again/);
		await workbench.screenshot('life-load-cut-off');
		await rm(cutPath);
		await cutOff.getByRole('button', { name: 'Try Again' }).click();
		await strata.answerPath(/Load Image Archive/, join(folder, 'both.tar'));
		await tag('next').waitFor();
		await archive.click();
		await workbench.page.keyboard.press('Delete');
		await archive.waitFor({ state: 'detached' });
	});

	it('exports the file system of a container, and imports it as an image; cancelled, neither is there', async () => {
		await withContainer(test, baseImage, ['sh', '-c', `echo ${own} > /mark`], async (_, container) => {
			await container.wait();
			const name = (await container.inspect()).Name.slice(1);
			const row = strata.row('Containers', new RegExp(`^${name}, exited`));
			const exportIt = async (): Promise<void> => {
				await strata.choose(row, 'Export Container File System…');
				await strata.answerPath(/Export Container File System/, join(folder, 'rootfs.tar'));
			};
			engineWay.set({ after: 1_000_000, how: 'stalls', of: 'answers' });
			await exportIt();
			await cancel(/Exporting /);
			await foundInFolder('both.tar', 'readme.txt');
			await exportIt();
			await strata.statusSays(/Exported rootfs\.tar: \d+(\.\d+)? MB/);
			await workbench.screenshot('life-exported');
		});
		await strata.run('Import File System as Image');
		await strata.leave(/Import File System as Image/);
		await strata.chooseInView('Images', 'Import File System as Image…');
		const importIt = async (): Promise<void> => {
			await strata.answerPath(/Import File System as Image/, join(folder, 'rootfs.tar'));
			await strata.answer(/^Import rootfs\.tar/, `strata-test/${own}-imported:1`);
		};
		engineWay.set({ after: 1_000_000, how: 'stalls', of: 'requests' });
		await importIt();
		await cancel(/Importing rootfs\.tar/);
		await assert.rejects(engine.image(`strata-test/${own}-imported:1`), { reason: 'notFound' });
		await strata.run('Import File System as Image');
		await importIt();
		await strata.statusSays(new RegExp(`Imported strata-test/${own}-imported:1`));
		assert.equal((await engine.image(`strata-test/${own}-imported:1`)).diffIds.length, 1);
		await strata.row('Images', /^Imported from rootfs\.tar, \d+(\.\d+)? MB/).waitFor();
		await workbench.screenshot('life-imported');
	});

	it('says of a commit that is cancelled how it ends, and leaves no image of it', async () => {
		await withContainer(test, baseImage, ['sh', '-c', `echo ${own} > /mark`], async (_, container) => {
			await container.wait();
			const row = strata.row('Containers', new RegExp(`^${(await container.inspect()).Name.slice(1)}, exited`));
			const committed = async (): Promise<number> => {
				const histories = await Promise.all((await engine.images()).map(({ id }) => engine.history(id).catch(() => [])));
				return histories.filter(([newest]) => newest?.createdBy.includes(`echo ${own} > /mark`)).length;
			};
			await strata.choose(row, 'Commit Container as Image…');
			await strata.answer(/1\/2/, `strata-test/${own}-committed:1`);
			await workbench.page.locator('.quick-input-list .monaco-list-row', { hasText: /1 added/ }).waitFor();
			engineWay.set({ after: 0, how: 'stalls', of: 'answers' });
			await strata.pick(/^\s*Commit/);
			await (await strata.message(/Committing .*-committed:1/)).getByRole('button', { name: 'Cancel' }).click();
			const goesOn = /Commit cancelled: the engine finishes what it began, and the image is removed then/;
			await strata.statusSays(goesOn);
			await workbench.screenshot('life-commit-cancelled');
			while (await committed() === 0) {
				// The engine is about to have finished it.
				await setTimeout(20);
			}
			engineWay.set(undefined);
			await workbench.page.locator('.statusbar-item', { hasText: goesOn }).waitFor({ state: 'detached' });
			assert.equal(await committed(), 0);
		});
	});

	it('pushes to a registry that asks who it is, layer by layer, and pulls from it with what was kept', async function () {
		await requireRegistry(this);
		registry = await startRegistry({ withPassword: true });
		const { host } = registry;
		const name = `${host}/${own}/web`;
		await engine.tagImage(family.ids[0]!, `${name}:1`);
		await strata.row('Images', new RegExp(`^${name}, 1 tag`)).click();
		await strata.choose(strata.row('Images', /^1, 2 MB/), 'Push Image…');
		await strata.pick(/^\s*Push/);
		const refusal = await strata.message(new RegExp(`${host} requires sign-in`));
		await strata.row('Images', new RegExp(`^Push ${name}:1, failed`)).waitFor();
		await workbench.screenshot('life-push-refused');
		await refusal.getByRole('button', { name: 'Sign In…' }).click();
		await strata.answer(/\(1\/3\)/, registryLogin.username);
		await strata.answer(/\(2\/3\)/, registryLogin.password);
		await strata.pick(/Keep in VS Code/);
		const pushed = strata.row('Images', new RegExp(`^Push ${name}:1, succeeded, 2 new layers`));
		await pushed.waitFor();
		// One that was over before its row was drawn is closed.
		if (await pushed.getAttribute('aria-expanded') === 'false') {
			await pushed.click();
		}
		await strata.row('Images', /^Layer 1 of 2, done/).waitFor();
		await workbench.screenshot('life-pushed');
		await strata.closeMessages();

		await engine.removeImage(`${name}:1`);
		await engine.removeImage(`${repository}:web`);
		await engine.removeImage(`${repository}:also-web`);
		await strata.row('Images', new RegExp(`^${name}, 1 tag`)).waitFor({ state: 'detached' });
		await strata.run('Pull Image');
		await strata.write(/1\/2/, `${own}-nowhere`);
		await workbench.page.locator('.quick-input-list .monaco-list-row', { hasText: /Docker Hub cannot be searched from this engine/ }).waitFor();
		await workbench.screenshot('life-search');
		await strata.write(/1\/2/, `${name}:1`);
		await strata.pick(`Pull ${name}:1`);
		await strata.pick('Platform');
		await strata.pick('linux/arm64');
		await workbench.page.locator('.quick-input-list .monaco-list-row', { hasText: /Platform\s*linux\/arm64/ }).waitFor();
		await strata.pick('Platform');
		await strata.pick('linux/amd64');
		await workbench.page.locator('.quick-input-list .monaco-list-row', { hasText: /the engine's own/ }).waitFor();
		await strata.pick(/^\s*Pull/);
		const pulled = strata.row('Images', new RegExp(`^Pull ${name}:1, succeeded, 1 new layer · .* downloaded · 1 already there, 1 MB saved`));
		await pulled.waitFor();
		await workbench.screenshot('life-pulled');
		assert.equal((await engine.image(`${name}:1`)).diffIds.length, 2);
		await strata.row('Images', new RegExp(`^${name}, 1 tag`)).waitFor();
		await engine.tagImage(`${name}:1`, `${repository}:web`);
		await engine.tagImage(`${name}:1`, `${repository}:also-web`);
		await engine.removeImage(`${name}:1`);
		await strata.chooseInView('Images', 'Sign Out of Registry…');
		await strata.pick(host);
		await strata.statusSays(new RegExp(`Signed out of ${host}`));
		await tag('also-web').waitFor();
		for (const ended of [`Push ${name}:1`, `Pull ${name}:1`]) {
			await strata.row('Images', new RegExp(`^${ended}, succeeded`)).click();
			await workbench.page.keyboard.press('Delete');
			await strata.row('Images', new RegExp(`^${ended}`)).waitFor({ state: 'detached' });
		}
	});

	it('cancels a pull that holds still, by the button of its row', async () => {
		const { architecture } = await engine.info();
		await using silent = await startFakeRegistry('', { file: randomBytes(300_000) }, architecture);
		await using way = await startBreakingWay(silent);
		way.set({ after: 100_000, how: 'stalls', of: 'answers' });
		const name = `${way.host}/private/base:1`;
		const transfer = (words: string): Locator => strata.row('Images', new RegExp(`^${words}`));
		await strata.chooseInView('Images', 'Pull Image…');
		await strata.write(/1\/2/, name);
		await strata.pick(`Pull ${name}`);
		await workbench.page.locator('.quick-input-list .monaco-list-row', { hasText: 'Platform' }).waitFor();
		await strata.pick(/^\s*Pull/);
		await strata.row('Images', /^Layer 1 of 1, downloading/).waitFor();
		await transfer(`Pull ${name}, running`).hover();
		await workbench.screenshot('life-pulling');
		await transfer(`Pull ${name}, running`).getByRole('button', { name: 'Cancel Pull or Push' }).click();
		await transfer(`Pull ${name}, cancelled`).hover();
		await transfer(`Pull ${name}, cancelled`).getByRole('button', { name: 'Close' }).click();
		await transfer(`Pull ${name}`).waitFor({ state: 'detached' });
		await assert.rejects(engine.image(name), { reason: 'notFound' });
	});

	it('cancels a push that holds still, by the palette, and the registry has no image', async function () {
		await requireRegistry(this);
		await using open = await startRegistry();
		await using way = await startBreakingWay(open);
		const name = `${way.host}/${own}/api:1`;
		const transfer = (words: string): Locator => strata.row('Images', new RegExp(`^Push ${name}, ${words}`));
		await engine.tagImage(`${repository}:api`, name);
		way.set({ after: 300_000, how: 'stalls', of: 'requests' });
		await strata.run('Push Image');
		await strata.pick(name);
		await strata.pick(/^\s*Push/);
		await strata.row('Images', /^Layer \d of 2, pushing/).waitFor();
		await transfer('running, \\d of \\d layers').waitFor();
		await transfer('running').hover();
		await workbench.screenshot('life-pushing');
		await strata.run('Cancel Pull or Push');
		await transfer('cancelled').click();
		await workbench.page.keyboard.press('Delete');
		await transfer('cancelled').waitFor({ state: 'detached' });
		assert.equal((await fetch(`http://${open.host}/v2/${own}/api/manifests/1`)).status, 404);
		await engine.removeImage(name);
		await strata.row('Images', new RegExp(`^${way.host}/${own}/api, `)).waitFor({ state: 'detached' });
	});

	it('says before a removal what goes and what stays, and after it what went', async () => {
		await strata.choose(tag('web'), 'Remove Image…');
		assert.match(await strata.dialog(), new RegExp(`Remove the name ${repository}:web\\? Its image stays`));
		await strata.press('Remove All 2 Names…');
		await strata.dialogSays(/Layers that disappear: 1 \(1 MB\)/);
		assert.match(await strata.dialog(), new RegExp(`Layers that stay: 1 \\(1 MB\\), needed by .*${repository}:`));
		await workbench.screenshot('life-remove');
		await strata.press('Remove');
		await strata.statusSays(/Freed 1 MB · 1 layer · deleted [0-9a-f]{12} · untagged strata-test\/.*:also-web, .*:web/);
		await tag('web').waitFor({ state: 'detached' });
		await assert.rejects(engine.image(family.ids[0]!), { reason: 'notFound' });
	});

	it('removes by force only after saying what force would do', async () => {
		await withContainer(test, baseImage, ['true'], async (_, container) => {
			await container.wait();
			const name = (await container.inspect()).Name.slice(1);
			const held = `strata-test/${own}-held:1`;
			const id = await engine.commit({ containerId: container.id, reference: held, message: '', author: '', changes: [`LABEL own=${own}`], pause: false });
			await withContainer(test, held, ['true'], async (_held, holder) => {
				await holder.wait();
				await strata.row('Images', new RegExp(`^strata-test/${own}-held, `)).click();
				await strata.row('Images', /^1, .*MB/).waitFor();
				await strata.choose(strata.row('Images', new RegExp(`^strata-test/${own}-held, `)), 'Remove Image…');
				await strata.dialogSays(/cannot be removed: stopped containers were made from it: /);
				await strata.press('See What Force Would Do…');
				await strata.dialogSays(new RegExp(`Names that go: ${held}`));
				await strata.press('Cancel');
				assert.equal((await engine.image(held)).id, id);
			});
			assert.ok(name);
		});
	});

	it('prunes untagged images that were chosen, and no others', async () => {
		const untagged = family.ids[2]!.slice(7, 19);
		await strata.choose(strata.row('Images', /^Untagged images/), 'Prune Untagged Images…');
		await strata.pickOnly(untagged);
		await strata.dialogSays(new RegExp(`Remove ${untagged}\\? This frees 1 MB`));
		await workbench.screenshot('life-prune-untagged');
		await strata.press('Remove');
		await strata.statusSays(new RegExp(`1 layer · deleted ${untagged}`));
	});

	it('prunes stopped containers that were chosen', async () => {
		await withContainer(test, baseImage, ['sh', '-c', 'dd if=/dev/zero of=/big bs=1000 count=2000'], async (id, container) => {
			await container.wait();
			const name = (await container.inspect()).Name.slice(1);
			await strata.asks('Prune Stopped Containers', 'Stopped containers to remove');
			await strata.chooseInView('Containers', 'Prune Stopped Containers…');
			await strata.pickOnly(name);
			await strata.dialogSays(new RegExp(`Remove the stopped container ${name}\\? This frees 2 MB`));
			await workbench.screenshot('life-prune-containers');
			await strata.press('Remove');
			await strata.statusSays(/Deleted 1 container · freed 2 MB/);
			await assert.rejects(engine.container(id), { reason: 'notFound' });
			// `withContainer` removes it again, and finds that it is gone.
		}).catch((failure: { statusCode?: number }) => { assert.equal(failure.statusCode, 404); });
	});
});
