import { appendFile, cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { api, ask } from './lib/engineApi.mjs';
import { buildFromLens, linesOnScreen, openFile, runCommand } from './lib/dockerfilePage.mjs';
import { openWorkbench } from './lib/workbench.mjs';
import { root } from './lib/project.mjs';

const dockerfile = 'multi-stage/Dockerfile';
/** What a changed `config/app.conf` must run again: its COPY, what builds upon it, and nothing of the other stages. */
const afterTouch = [11, 12, 23, 24, 25];

/**
 * The main job with nobody at the screen: builds a sample three times through the extension in the real editor, prints
 * what each line cost, and photographs the views. Throws where a line's outcome is not the one that is due.
 */
export async function headlessTour(engine) {
	const scratch = await mkdtemp(join(tmpdir(), 'strata-tour-'));
	const samples = join(scratch, 'samples');
	await cp(join(root, 'samples'), samples, { recursive: true });
	const before = new Set((await ask(engine.host, '/images/json')).flatMap(({ Id, RepoTags }) => [Id, ...RepoTags ?? []]));
	const workbench = await openWorkbench({ folder: samples, extensionPath: root, settings: engine.settings, viewport: { width: 1440, height: 1300 } });
	const { page } = workbench;
	const photographs = [];
	const photograph = async name => { photographs.push(await workbench.screenshot(`tour-${name}`)); };
	try {
		await openFile(page, dockerfile);
		await page.getByRole('tab', { name: 'Strata' }).click();

		// On an engine that may have built this before, a first build is one without its cache.
		const first = await (engine.isOwn ? buildFromLens(page) : buildFromLens(page, () => runCommand(page, 'Strata: Build Image Without Cache')));
		report('First build', first);
		await photograph('first-build');
		expectOutcomes(first, 'ran', costed(first));

		const second = await buildFromLens(page);
		report('Second build', second);
		await photograph('second-build');
		expectOutcomes(second, 'cached', costed(second));

		await appendFile(join(samples, 'multi-stage/config/app.conf'), 'touched=yes\n');
		const third = await buildFromLens(page);
		report('After a change of config/app.conf', third);
		await photograph('after-change');
		expectOutcomes(third, 'ran', afterTouch);

		await visitImages(page);
		await photograph('images');
		await withContainer(engine.host, async name => {
			await visitContainers(page, name);
			await photograph('containers');
		});
		console.log(`\nScreenshots:\n${photographs.join('\n')}`);
	} finally {
		await workbench.close();
		await removeNewImages(engine.host, before);
		await rm(scratch, { recursive: true, force: true });
	}
}

function report(title, lines) {
	console.log(`\n${title}`);
	for (const { line, text, facts } of lines) {
		console.log(`${String(line).padStart(4)}  ${text.padEnd(62)}  ${facts}`);
	}
}

/** Lines that a build either takes from the cache or runs. */
function costed(lines) {
	return lines.filter(({ facts }) => /(^| )(ran|cached)\b/.test(facts)).map(({ line }) => line);
}

function expectOutcomes(lines, outcome, expected) {
	const found = lines.filter(({ facts }) => new RegExp(`(^| )${outcome}\\b`).test(facts)).map(({ line }) => line);
	if (found.length === 0 || found.join() !== expected.join()) {
		throw new Error(`Lines that should be "${outcome}": ${expected.join(', ')}. Lines that are: ${found.join(', ') || 'none'}.`);
	}
}

async function visitImages(page) {
	const view = page.locator('.pane', { has: page.getByRole('button', { name: /Images Section/i }) });
	const row = view.getByRole('treeitem', { name: /strata\/multi-stage/ }).first();
	await row.click();
	await view.getByRole('treeitem', { name: /latest/ }).first().click();
	await view.getByRole('treeitem', { name: /WORKDIR/ }).first().waitFor();
}

/** A container of the built image that has changed some files, there for as long as `work` lasts. */
async function withContainer(host, work) {
	const [image] = (await ask(host, '/images/json')).filter(({ RepoTags }) => RepoTags?.some(tag => tag.startsWith('strata/multi-stage:')));
	const name = `strata-tour-${process.pid}`;
	const { Id } = JSON.parse(await api(host, 'POST', `/containers/create?name=${name}`, JSON.stringify({
		Image: image.Id,
		Cmd: ['sh', '-c', 'echo new > /added.txt; echo more >> /etc/app/app.conf; rm /app/assets/notes.txt'],
		Labels: { 'dev.strata.temporary': 'tour' },
		HostConfig: { NetworkMode: 'none' },
	}), { 'Content-Type': 'application/json' }));
	try {
		await api(host, 'POST', `/containers/${Id}/start`);
		await api(host, 'POST', `/containers/${Id}/wait`);
		await work(name);
	} finally {
		await api(host, 'DELETE', `/containers/${Id}?force=1`);
	}
}

async function visitContainers(page, name) {
	const view = page.locator('.pane', { has: page.getByRole('button', { name: /Containers Section/i }) });
	await view.getByRole('treeitem', { name: new RegExp(name) }).first().click();
	await view.getByRole('treeitem', { name: /added\.txt/ }).first().waitFor();
}

/** The images that the tour built: those with its tag, and those that lost it to a later build. */
async function removeNewImages(host, before) {
	for (const { Id, RepoTags, Labels } of await ask(host, '/images/json')) {
		const tags = (RepoTags ?? []).filter(one => one.startsWith('strata/multi-stage:') && !before.has(one));
		const isUntagged = (RepoTags ?? []).every(tag => tag === '<none>:<none>');
		const isOurs = isUntagged && !before.has(Id) && Labels?.['org.opencontainers.image.title'] === 'multi-stage sample';
		for (const name of isOurs ? [Id] : tags) {
			await api(host, 'DELETE', `/images/${name}`);
		}
	}
}
