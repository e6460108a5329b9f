import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Workbench, WorkbenchOptions } from '../../scripts/lib/workbench.mjs';
import { createDockerEngine } from '../../src/core/engine/dockerEngine';
import { bridgeTo } from '../support/bridge';
import { withContainer } from '../support/containers';
import { baseImage, endpointOf, testEngines } from '../support/engines';
import { StrataPage } from './strataPage';

const root = resolve(__dirname, '../..');

describe('Strata where something is missing or different', function () {
	this.timeout(180_000);
	const [test] = testEngines();
	const own = `states-${Date.now().toString(36)}`;
	let folder: string;
	let workbench: Workbench | undefined;

	const open = async (options: Partial<WorkbenchOptions>): Promise<StrataPage> => {
		const { openWorkbench } = await import('../../scripts/lib/workbench.mjs');
		workbench = await openWorkbench({ folder, extensionPath: root, viewport: { width: 1440, height: 1100 }, ...options });
		workbench.page.setDefaultTimeout(60_000);
		return new StrataPage(workbench.page);
	};

	const prepare = async (): Promise<void> => {
		folder = await mkdtemp(join(tmpdir(), 'strata-states-'));
		await mkdir(join(folder, own));
		await writeFile(join(folder, own, 'Dockerfile'), `FROM ${baseImage}\nRUN echo ${own} > /file\nLABEL a=b\nCMD ["sh"]\n`);
	};

	const leave = async (): Promise<void> => {
		await workbench?.close();
		workbench = undefined;
		await rm(folder, { recursive: true, force: true });
	};

	const showFailure = async function (this: Mocha.Context): Promise<void> {
		if (this.currentTest?.state === 'failed') {
			await workbench?.screenshot(`failed-${this.currentTest.title.replace(/\W+/g, '-')}`);
		}
	};

	describe('in an editor of its own', () => {
		beforeEach(prepare);
		afterEach(showFailure);
		afterEach(leave);

		it('without an engine the views say what to do, and an engine that is picked fills them', async () => {
			const strata = await open({ settings: { 'strata.engine.endpoint': `unix://${join(folder, 'none.sock')}`, 'strata.build.network': 'none' } });
			await strata.openViews();
			for (const view of ['Builds', 'Images', 'Containers']) {
				await strata.view(view).getByRole('button', { name: 'Select Engine' }).or(strata.view(view).getByRole('link', { name: 'Select Engine' })).first().waitFor();
			}
			await strata.statusSays(/No engine/);
			await workbench!.screenshot('states-no-engine');
			assert.equal(await strata.page.locator('.notification-toast').count(), 0);
			await strata.view('Images').getByText('Select Engine').click();
			await strata.pick('Enter an Address…');
			await strata.answer(/Select Engine/, test!.host);
			await strata.row('Images', /^strata-test\/base, /).waitFor();
			await strata.page.locator('.statusbar-item', { hasText: `Docker ${test!.name}` }).click();
			await strata.page.locator('.tab.active', { hasText: 'Engine Details' }).waitFor();
			await strata.run('Measure Disk Use of Engine');
			const preview = strata.page.frameLocator('iframe.webview').last().frameLocator('iframe');
			await preview.getByText('Layers of all images').waitFor();
			await workbench!.screenshot('states-engine-details');
			await strata.run('Engine Details');
			await preview.getByText('Layers of all images').waitFor({ state: 'detached' });
			await strata.chooseInView('Builds', 'Select Engine…');
			await strata.page.locator('.quick-input-list .monaco-list-row', { hasText: 'Enter an Address…' }).waitFor();
			await workbench!.screenshot('states-select-engine');
			await strata.leave(/Select Engine/);
		});

		it('says that the engine went away during a build, keeps what was seen, and goes on when it is back', async () => {
			const bridge = await bridgeTo(test!.host);
			try {
				await writeFile(join(folder, own, 'Dockerfile'), `FROM ${baseImage}\nRUN echo ${own} away > /file\nRUN test -e /file && sleep 1000\n`);
				const strata = await open({ settings: { 'strata.engine.endpoint': bridge.url, 'strata.build.network': 'none' } });
				await strata.openViews();
				await strata.openFile(own, 'Dockerfile');
				await strata.lens('Build').click();
				await strata.row('Builds', /^Line 3, RUN .* sleep 1000, running/).waitFor();
				bridge.cut();
				await strata.row('Builds', /^Build .*, failed/).waitFor();
				await strata.row('Builds', /^Line 2, RUN echo .*, ran/).waitFor();
				await strata.row('Builds', /^Line 3, RUN .* sleep 1000, not finished/).waitFor();
				await strata.message(/The engine went away during the build\. What was seen until then is kept\./);
				await strata.closeMessages();
				await strata.view('Images').getByText('The engine does not answer.').waitFor();
				await strata.view('Containers').getByRole('button', { name: 'Reconnect' }).waitFor();
				await strata.statusSays(/No engine/);
				await workbench!.screenshot('states-engine-gone');
				await bridge.mend();
				await strata.row('Images', /^strata-test\/base, /).waitFor();
				await strata.row('Builds', /^Build .*, failed/).waitFor();
			} finally {
				bridge.cut();
			}
		});

		it('in a workspace that is not trusted it shows and does not build', async () => {
			const strata = await open({ trust: false, settings: { 'strata.engine.endpoint': test!.host } });
			await strata.openViews();
			await strata.row('Images', /^strata-test\/base, /).waitFor();
			await strata.openFile(own, 'Dockerfile');
			await strata.run('Build Image');
			const message = await strata.message(/builds nothing in a workspace that is not trusted/);
			await message.getByRole('button', { name: 'Manage Workspace Trust' }).waitFor();
			await workbench!.screenshot('states-not-trusted');
			assert.equal(await strata.view('Builds').getByRole('treeitem').count(), 0);
		});
	});

	describe('with an engine', () => {
		let strata: StrataPage;

		before(async () => {
			await prepare();
			strata = await open({ settings: { 'strata.engine.endpoint': test!.host, 'strata.build.network': 'none' } });
			await strata.openViews();
		});

		afterEach(showFailure);
		after(leave);

		it('takes no tag from another image without asking', async () => {
			const engine = await createDockerEngine(endpointOf(test!));
			const tag = `strata/${own}:latest`;
			await engine.tagImage(baseImage, tag);
			try {
				const before = (await engine.image(baseImage)).id;
				await strata.openFile(own, 'Dockerfile');
				await strata.lens('Build').click();
				const message = await strata.message(/the tag of an image that Strata did not build from this Dockerfile/);
				assert.equal((await engine.image(tag)).id, before);
				await message.getByRole('button', { name: 'Move the Tag' }).click();
				await strata.row('Builds', /^Build .*, succeeded/).waitFor();
				assert.notEqual((await engine.image(tag)).id, before);
				await strata.closeMessages();
				await strata.lens('Build').click();
				await strata.row('Builds', /^Build .*, succeeded,.* 1\/1 cached/).waitFor();
				await strata.run('Delete Build Records');
				await strata.page.locator('.monaco-dialog-box').getByRole('button', { name: 'Delete All' }).click();
				await strata.view('Builds').getByText('No build yet.').waitFor();
			} finally {
				await engine.removeImage(tag);
			}
		});

		it('is readable in the dark, in the light and in high contrast, and hides rows without a layer', async () => {
			await withContainer(test!, baseImage, ['sh', '-c', 'echo more > /added; rm /bin/vi; sleep 300'], async (_id, container) => {
				const { Name } = await container.inspect();
				await strata.row('Images', /^strata-test\/base, /).click();
				await strata.row('Images', /^1, /).click();
				await strata.row('Images', /^CMD .*, no layer/).waitFor();
				await strata.row('Containers', new RegExp(`^${Name.slice(1)}, running`)).click();
				await strata.row('Containers', /^added, added/).waitFor();
				for (const [theme, look] of [['Dark Modern', 'vs-dark'], ['Light Modern', 'vs'], ['Dark High Contrast', 'hc-black'], ['Light High Contrast', 'hc-light']] as const) {
					await strata.chooseTheme(theme, look);
					await workbench!.screenshot(`states-${look}`);
				}
				await strata.chooseInView('Images', 'Hide Rows Without a Layer');
				await strata.row('Images', /^CMD .*, no layer/).waitFor({ state: 'detached' });
				await strata.row('Images', /^COPY … \/bin\/busybox/).waitFor();
				await strata.chooseInView('Images', 'Show Rows Without a Layer');
				await strata.row('Images', /^CMD .*, no layer/).waitFor();
			});
		});
	});
});
