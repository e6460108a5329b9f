import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Workbench } from '../../scripts/lib/workbench.mjs';
import { createDockerEngine } from '../../src/core/engine/dockerEngine';
import type { Engine } from '../../src/core/engine/engine';
import { readCacheRecords } from '../../src/services/readCacheRecords';
import { withContainer } from '../support/containers';
import { baseImage, endpointOf, testEngines } from '../support/engines';
import { traitsOf } from '../support/engineTraits';
import { StrataPage } from './strataPage';

const root = resolve(__dirname, '../..');

const files = (own: string): Readonly<Record<string, string>> => ({
	'app/Dockerfile': [
		`FROM ${baseImage} AS build`,
		`WORKDIR /${own}`,
		'COPY hello.txt .',
		`RUN echo "compiling ${own}" && dd if=/dev/zero of=big bs=1M count=5 && echo ${own} >> big`,
		'',
		`FROM ${baseImage}`,
		'LABEL purpose=journey',
		`COPY --from=build /${own}/big /big`,
		'CMD ["sh"]',
		'',
	].join('\n'),
	'app/hello.txt': `hello ${own}\n`,
	'broken/Dockerfile': [`FROM ${baseImage}`, `RUN echo made by ${own} > /${own}`, 'RUN echo "error: header missing" >&2; exit 7', 'RUN echo never', ''].join('\n'),
	[`${own}-frontend/Dockerfile`]: ['# syntax=localhost:1/strata-test/none:1', `FROM ${baseImage}`, `RUN echo ${own} frontend`, ''].join('\n'),
	[`${own}-secret/Dockerfile`]: [`FROM ${baseImage}`, `RUN --mount=type=secret,id=token,required echo ${own} first; wc -c < /run/secrets/token`, ''].join('\n'),
	'slow/Dockerfile': [`FROM ${baseImage}`, `RUN echo ${own}; sleep 300`, ''].join('\n'),
});

for (const test of testEngines()) {
	describe(`a person on Docker ${test.name}`, function () {
		this.timeout(120_000);
		// Each step stands on the one before.
		this.bail(true);
		// No build of another run may have left its cache.
		const own = `journey-${Date.now().toString(36)}`;
		const tag = `strata/${own}-app:journey`;
		let folder: string;
		let docker: string;
		let configuration: string;
		let engine: Engine;
		let workbench: Workbench;
		let strata: StrataPage;

		before(async () => {
			folder = await mkdtemp(join(tmpdir(), 'strata-journey-'));
			for (const [path, text] of Object.entries(files(own))) {
				await mkdir(join(folder, path, '..'), { recursive: true });
				await writeFile(join(folder, path), text);
			}
			configuration = await mkdtemp(join(tmpdir(), 'strata-journey-docker-'));
			docker = await (await import('../../scripts/lib/dockerCommand.mjs')).findBuildx(configuration);
			engine = await createDockerEngine(endpointOf(test));
			const { openWorkbench } = await import('../../scripts/lib/workbench.mjs');
			workbench = await openWorkbench({
				folder, vsix: join(root, 'dist/strata.vsix'), env: { DOCKER_CONFIG: configuration }, viewport: { width: 1440, height: 1800 },
				settings: { 'strata.engine.endpoint': test.host, 'strata.build.network': 'none', 'terminal.integrated.gpuAcceleration': 'off' },
			});
			workbench.page.setDefaultTimeout(60_000);
			strata = new StrataPage(workbench.page);
		});

		after(async () => {
			await workbench?.close();
			for (const reference of (await engine.images()).flatMap(({ references }) => references).filter(name => name.includes(own))) {
				await engine.removeImage(reference);
			}
			await rm(folder, { recursive: true, force: true });
			await rm(configuration, { recursive: true, force: true });
		});

		afterEach(async function () {
			if (this.currentTest?.state === 'failed') {
				await strata.openMessages();
				await workbench.screenshot(`failed-${test.name}-${this.currentTest.title.replace(/\W+/g, '-')}`);
			}
		});

		it('finds the engine\'s images, down to the instruction that made a layer', async () => {
			await strata.openViews();
			for (const view of ['Builds', 'Images', 'Containers']) {
				await strata.view(view).waitFor();
			}
			await strata.row('Images', /^strata-test\/base, /).click();
			await strata.row('Images', /^1, .* MB/).click();
			await strata.row('Images', /^COPY … \/bin\/busybox, 1\.\d+ MB/).waitFor();
			await strata.row('Images', /^CMD \["\/bin\/sh"\], no layer/).waitFor();
			await workbench.screenshot(`journey-${test.name}-images`);
			await strata.row('Images', /^strata-test\/base, /).click();
		});

		it('names the image and builds it with the options page', async () => {
			await strata.openFile('app', 'Dockerfile');
			await strata.run('Build Image with Options');
			await strata.pick('Tags');
			await strata.write(/^Tags$/, 'Journey:1');
			await strata.complaint(/no capitals: journey/);
			await strata.answer(/^Tags$/, tag);
			await workbench.page.locator('.quick-input-list .monaco-list-row', { hasText: /^\s*Build\s*strata/ }).waitFor();
			await workbench.screenshot(`journey-${test.name}-options`);
			// Enter builds, as the page says, although Tags was chosen before.
			await workbench.page.keyboard.press('Enter');
			await strata.row('Builds', /^Build .*, succeeded,.* 0\/4 cached/).waitFor();
			await strata.row('Builds', /^Line 4, RUN echo "compiling .*, ran, 5\.\d+ MB, .* s$/).waitFor();
			await strata.row('Builds', /^Line 7, LABEL purpose=journey, config only$/).waitFor();
			await workbench.screenshot(`journey-${test.name}-first-build`);
		});

		it('builds again from the lens: all from the cache, on the lines and in the tree', async () => {
			await strata.lens('Build').click();
			await strata.row('Builds', /^Build .*, succeeded,.* 4\/4 cached/).waitFor();
			await strata.row('Builds', /^Line 4, RUN .*, cached, 5\.\d+ MB$/).waitFor();
			await strata.lens('5\\.\\d+ MB · cached').waitFor();
			await workbench.screenshot(`journey-${test.name}-second-build`);
		});

		it('sees in the hover what an edited line cost in earlier builds and why it will rebuild, and its words beside those before', async () => {
			const { page } = workbench;
			await strata.openFile('app', 'Dockerfile');
			const before = files(own)['app/Dockerfile']!;
			await writeFile(join(folder, 'app/Dockerfile'), before.replace('count=5', 'count=6'));
			await strata.lens('.* · will rebuild · line was edited').waitFor();
			await page.locator('.view-line', { hasText: 'compiling' }).locator('span span').first().hover();
			const hover = page.locator('.monaco-hover:visible');
			await hover.getByText(/will rebuild: line was edited/).waitFor();
			await hover.getByText(/Sizes/).waitFor();
			await hover.getByRole('link', { name: 'Open Shell Before This Line' }).waitFor();
			await workbench.screenshot(`journey-${test.name}-hover`);
			await hover.getByRole('link', { name: 'Compare with Before' }).click();
			await page.locator('.tab.active', { hasText: 'Line 4: before ↔ after' }).waitFor();
			await page.locator('.monaco-diff-editor .modified .view-line', { hasText: 'count=6' }).first().waitFor();
			await workbench.screenshot(`journey-${test.name}-compared`);
			await writeFile(join(folder, 'app/Dockerfile'), before);
			await strata.openFile('app', 'Dockerfile');
			await strata.lens('5\\.\\d+ MB · cached').waitFor();
		});

		it('reads what one step printed, and the whole log in a terminal', async () => {
			// The newer build is folded, so that the older one comes into sight.
			await strata.row('Builds', /^Build .*, 4\/4 cached/).click();
			await strata.row('Builds', /^Line 4, RUN .*, ran/).click();
			await workbench.page.locator('.tab.active[data-resource-name="Line 4.log"]').waitFor();
			assert.match(await strata.editorText(), new RegExp(`compiling ${own}`));
			await strata.run('Show Build Log');
			await workbench.page.locator('.terminal-wrapper.active .xterm').waitFor();
			await workbench.screenshot(`journey-${test.name}-log`);
			await strata.run('Focus on Builds View').catch(() => undefined);
		});

		it('goes from a history row to its line, and from a line to its row', async () => {
			await strata.openFile('app', 'Dockerfile');
			await strata.row('Images', new RegExp(`^strata/${own}-app, `)).click();
			await strata.row('Images', /^journey, /).click();
			await strata.choose(strata.row('Images', /^COPY .* \/big, 5/), 'Go to Dockerfile Line');
			await workbench.page.locator('.statusbar-item', { hasText: 'Ln 8, Col 1' }).waitFor();
			await strata.lens('5\\.\\d+ MB · cached').first().waitFor();
			await strata.view('Images').getByRole('treeitem', { name: /^LABEL purpose=journey, no layer/ }).first().waitFor();
		});

		it('sees why a build failed: in the tree, on the line, in the message', async () => {
			await strata.openFile('broken', 'Dockerfile');
			await strata.lens('Build').click();
			await strata.row('Builds', /^Line 3, RUN echo "error: header missing".*, failed/).waitFor();
			await strata.row('Builds', /^Error: error: header missing, exit code 7$/).waitFor();
			await strata.row('Builds', /^Line 4, RUN echo never, not run$/).waitFor();
			await strata.lens('.* · failed').waitFor();
			await strata.statusSays(/failed · \d\/\d cached/);
			const message = await strata.message(/Line 3 failed with exit code 7/);
			await workbench.screenshot(`journey-${test.name}-failed`);
			await message.getByRole('button', { name: 'Go to Line' }).click();
			await workbench.page.locator('.statusbar-item', { hasText: 'Ln 3, Col 1' }).waitFor();
			await strata.closeMessages();
		});

		it('looks around in what the lines before the failed one made, and nothing of it stays', async () => {
			await strata.lens('Build').click();
			await (await strata.message(/Line 3 failed with exit code 7/)).getByRole('button', { name: 'Open Shell Before This Line' }).click();
			const terminal = workbench.page.locator('.terminal-wrapper.active .xterm-rows', { hasText: 'Before line 3: RUN echo "error: header missing"' });
			await terminal.filter({ hasText: '/ #' }).waitFor();
			const container = strata.row('Containers', /^strata-[0-9a-f-]+, running/);
			await container.waitFor();
			await workbench.page.keyboard.type(`pwd; cat /${own}; exit\n`);
			await terminal.filter({ hasText: `made by ${own}` }).filter({ hasText: 'It ended with exit code 0' }).waitFor();
			await workbench.screenshot(`journey-${test.name}-shell-before`);
			await container.waitFor({ state: 'detached' });
			await workbench.page.keyboard.press('Enter');
			await terminal.waitFor({ state: 'detached' });
		});

		it('builds with the engine\'s own frontend where the one that is asked for cannot be fetched', async () => {
			await strata.openFile(`${own}-frontend`, 'Dockerfile');
			await strata.openViews();
			await strata.lens('Build').click();
			const message = await strata.message(/cannot fetch the frontend .*localhost:1\/strata-test\/none:1/);
			await strata.row('Builds', /^Build .*, failed/).waitFor();
			await message.getByRole('button', { name: 'Build with the Engine\'s Own Frontend' }).click();
			await strata.row('Builds', /^Build .*, succeeded,.* 0\/1 cached/).waitFor();
			await strata.closeMessages();
		});

		it('is asked once where a secret comes from that a line mounts', async () => {
			await strata.openFile(`${own}-secret`, 'Dockerfile');
			await strata.lens('Build').click();
			await workbench.page.locator('.quick-input-title', { hasText: /^Secret token$/ }).waitFor();
			await workbench.screenshot(`journey-${test.name}-secret`);
			await strata.pick('An Environment Variable');
			await strata.write(/^Secret token$/, 'NO_SUCH_VARIABLE');
			await strata.complaint(/without a variable of this name/);
			await strata.answer(/^Secret token$/, 'HOME');
			await strata.row('Builds', /^Build .*, succeeded,.* 0\/1 cached/).waitFor();
			await strata.run('Build Image with Options');
			await workbench.page.locator('.quick-input-list .monaco-list-row', { hasText: /Secrets\s*token: \$HOME/ }).waitFor();
			await workbench.screenshot(`journey-${test.name}-secret-options`);
			await strata.pick(/^\s*Build\s*strata/);
			await strata.row('Builds', /^Build .*, succeeded,.* 1\/1 cached/).waitFor();
		});

		it('cancels a long build, and the engine\'s work ends', async () => {
			await strata.openFile('slow', 'Dockerfile');
			await strata.lens('Build').click();
			await strata.row('Builds', /^Line 2, RUN .* sleep 300, running/).waitFor();
			await strata.run('Cancel Build');
			await strata.row('Builds', /^Build .*, cancelled/).waitFor();
			await strata.lens('Build').waitFor();
		});

		it('commits a changed container, sees what goes in first, and finds the image with one layer more', async () => {
			const script = `echo ${own} > /added.txt; dd if=/dev/zero of=/blob bs=1M count=3; rm /bin/vi; sleep 300`;
			await withContainer(test, baseImage, ['sh', '-c', script], async (id, container) => {
				const { Name } = await container.inspect();
				const row = strata.row('Containers', new RegExp(`^${Name.slice(1)}, running`));
				await row.click();
				await strata.row('Containers', /^added\.txt, added/).waitFor();
				await strata.row('Containers', /^blob, added/).waitFor();
				await strata.choose(row, 'Commit Container as Image…');
				await strata.write(/1\/2/, 'Web');
				await strata.complaint(/no capitals: web/);
				await strata.answer(/1\/2/, baseImage);
				await strata.pick('Choose Another Name');
				await strata.answer(/1\/2/, `strata-test/${own}-commit:1`);
				await strata.pick('Changes to its config');
				await strata.write(/^Changes/, 'RUN make');
				await strata.complaint(/RUN cannot be applied by a commit/);
				await strata.answer(/^Changes/, 'ENV COMMITTED=yes');
				await workbench.page.locator('.quick-input-list .monaco-list-row', { hasText: /3\.15 MB/ }).first().waitFor();
				await workbench.screenshot(`journey-${test.name}-commit`);
				await strata.pick(/^\s*Commit/);
				await strata.row('Images', /^1, 5\.\d+ MB/).waitFor();
				assert.equal(await strata.view('Images').locator(':focus').count(), 0, 'what the commit brought is shown, and takes no keys');
				const [newest, ...below] = await engine.history(`strata-test/${own}-commit:1`);
				assert.equal(below.length, (await engine.history(baseImage)).length);
				assert.ok(newest!.sizeBytes > 3_000_000);
				assert.equal((await engine.image(`strata-test/${own}-commit:1`)).env['COMMITTED'], 'yes');
				assert.ok(id);
			});
			await workbench.screenshot(`journey-${test.name}-committed`);
		});

		it('knows after the window was loaded again what it knew before, and what became of the build under way', async () => {
			await strata.openFile('slow', 'Dockerfile');
			await strata.lens('Build').click();
			await strata.row('Builds', /^Line 2, RUN .* sleep 300, running/).waitFor();
			await workbench.page.reload();
			await strata.openViews();
			await strata.view('Builds').getByRole('treeitem', { name: /^Build .*, cancelled/ }).nth(1).waitFor();
			await strata.openFile('app', 'Dockerfile');
			await strata.lens('5\\.\\d+ MB · cached').waitFor();
			await strata.row('Builds', /^Build .*, succeeded,.* 4\/4 cached/).waitFor();
			await strata.row('Images', new RegExp(`^strata/${own}-app, `)).waitFor();
			await workbench.screenshot(`journey-${test.name}-loaded-again`);
		});

		it('builds again what it built before that, with the secret that was chosen then and the network that is set', async () => {
			const path = `${own}-secret/Dockerfile`;
			const { id } = await engine.image(`strata/${own}-secret:latest`);
			await writeFile(join(folder, path), files(own)[path]!.replace('first', 'again'));
			await strata.openFile(`${own}-secret`, 'Dockerfile');
			const earlier = strata.row('Builds', /^Build .*, succeeded,.* 1\/1 cached/);
			await earlier.hover();
			await earlier.getByRole('button', { name: 'Build Again' }).click();
			await strata.row('Builds', /^Line 2, RUN .* again; .*, ran/).waitFor();
			await strata.row('Builds', /^Build .*, succeeded,.* 0\/1 cached/).first().waitFor();
			// The new image has its tag.
			await engine.removeImage(id);
		});

		it('removes what its builds left in the build cache, after it was said what that frees', async () => {
			const ofOwn = async (): Promise<number> => (await readCacheRecords(engine)).filter(({ description }) => description.includes(`compiling ${own}`)).length;
			assert.equal(await ofOwn(), 1);
			await strata.openFile('app', 'Dockerfile');
			await strata.view('Build Cache').getByRole('button', { name: /^Build Cache Section/ }).click();
			await strata.row('Build Cache', /^app\/Dockerfile, stage build, 5\.\d+ MB, \d records?/).click();
			const step = strata.row('Build Cache', /^RUN echo "compiling .*, 5\.\d+ MB, used /);
			await step.waitFor();
			await workbench.screenshot(`journey-${test.name}-cache`);
			await strata.choose(step, 'Remove from Build Cache…');
			await strata.dialogSays(/^Remove \d+ build cache records?\? This frees 5\.\d+ MB/);
			await strata.press('Cancel');
			await workbench.page.keyboard.press('Delete');
			await strata.dialogSays(/^Remove \d+ build cache records?\? This frees 5\.\d+ MB/);
			await strata.press('Cancel');
			await strata.run('Remove This Dockerfile\'s Build Cache');
			await strata.dialogSays(/^Remove \d+ build cache records\? This frees \d/);
			await workbench.screenshot(`journey-${test.name}-prune`);
			await strata.press('Cancel');
			await strata.chooseInView('Build Cache', 'Remove This Dockerfile\'s Build Cache…');
			await strata.dialogSays(/^Remove \d+ build cache records\? This frees \d/);
			await strata.press('Remove');
			await strata.statusSays(/Freed /);
			assert.equal(await ofOwn(), 0);
		});

		it('sees once a build in the terminal has ended that its lines may be cached, though the engine tells nothing of it', async () => {
			const { page } = workbench;
			const { findDocker } = await import('../../scripts/lib/dockerCommand.mjs');
			await writeFile(join(folder, 'app/Dockerfile'), files(own)['app/Dockerfile']!.replace('count=5', 'count=7'));
			await strata.lens('was 5\\.\\d+ MB.* · will rebuild.*').waitFor();
			await page.keyboard.press('Control+Shift+Backquote');
			await page.locator('.terminal-wrapper.active .xterm-rows', { hasText: /[#$]/ }).waitFor();
			await page.keyboard.type(`DOCKER_BUILDKIT=1 ${await findDocker()} --host ${test.host} build --network none --output type=tar,dest=/dev/null app\n`);
			// The RUN, and the COPY of what it makes.
			await page.locator('.codelens-decoration a', { hasText: /was 5\.\d+ MB.* · may rebuild/ }).nth(1).waitFor();
			await workbench.screenshot(`journey-${test.name}-terminal`);
		});

		if (traitsOf(test).remembersBuilds) {
			it('sees what a build at the command line cost, on its lines and in the view, and what the next one will', async () => {
				const { page } = workbench;
				const text = files(own)['app/Dockerfile']!.replace('count=5', 'count=9');
				await writeFile(join(folder, 'app/Dockerfile'), text);
				await strata.lens('was 5\\.\\d+ MB.* · will rebuild.*').waitFor();
				await page.locator('.terminal-wrapper.active .xterm-helper-textarea').focus();
				await page.keyboard.type(`${docker} --host ${test.host} build --network none -t ${tag}-line app\n`);
				await strata.lens('9\\.\\d+ MB .* · ran · line was edited').waitFor();
				await strata.row('Builds', /^Build .*, succeeded,.*, built at the command line$/).waitFor();
				await workbench.screenshot(`journey-${test.name}-command-line`);
				// What it made is known, so that the next build's cache is.
				await writeFile(join(folder, 'app/Dockerfile'), text.replace('count=9', 'count=8'));
				await strata.lens('was 9\\.\\d+ MB.* · will rebuild.*').waitFor();
				await writeFile(join(folder, 'app/Dockerfile'), text);
				await strata.lens('9\\.\\d+ MB .* · ran · line was edited').waitFor();
				// BuildKit has its log too.
				await strata.row('Builds', /^Build .*, built at the command line$/).click();
				await strata.row('Builds', /^Stage build, 9\./).click();
				await strata.row('Builds', /^Line 4, RUN .*, ran, 9\./).click();
				await page.locator('.tab.active[data-resource-name="Line 4.log"]').waitFor();
				assert.match(await strata.editorText(), new RegExp(`compiling ${own}`));
			});
		}
	});
}
