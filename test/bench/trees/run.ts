import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs, promisify } from 'node:util';
import type { Locator, Page } from 'playwright-core';
import { writeSection } from '../../../scripts/lib/benchReport.mjs';
import { openWorkbench } from '../../../scripts/lib/workbench.mjs';
import { crowd, crowdContainer, crowdImage } from '../../support/crowd';
import { startFakeEngine, type FakeEngine, type FakeHandler } from '../../support/fakeEngine';
import { StrataPage } from '../../ui/strataPage';
import { hostProbe, type HostDelay } from './hostDelay';

/**
 * `npm run bench:trees`: the views in the real workbench on an engine with 1,000 images and 200 containers, which answers
 * at once: what is measured is Strata and the editor. Then nobody does anything for five minutes, or as many as
 * `-- --idle MINUTES` says. Writes its section of test/bench/README.md.
 */
const images = 1000;
const containers = 200;
const stormMs = 6000;
const eventsPerSecond = 1000;
const idleMinutes = Number(parseArgs({ options: { idle: { type: 'string', default: '5' } } }).values.idle);
const rounds = 7;
const root = resolve(__dirname, '../../..');

/** When the lists were last answered, by path. Milliseconds since the epoch. */
type Answered = Map<string, number>;

async function main(): Promise<void> {
	const folder = await mkdtemp(join(tmpdir(), 'strata-trees-'));
	await promisify(execFile)('npm', ['run', '--silent', 'package'], { cwd: root });
	const fake = await startFakeEngine();
	const answered = tellingWhen(fake);
	const probe = await hostProbe(folder);
	const workbench = await openWorkbench({
		folder, extensionPath: probe.extensionPath, vsix: join(root, 'dist/strata.vsix'), viewport: { width: 1440, height: 1100 }, settings: { 'strata.engine.endpoint': fake.endpoint.url },
	});
	try {
		const { page } = workbench;
		page.setDefaultTimeout(60_000);
		const strata = new StrataPage(page);
		await strata.openViews();
		const shownAt = await drawnAt(page, /^team\/service000, 5 tags/);
		const first = shownAt - Math.max(...answered.values());

		// Open for good: a row that is drawn anew is out of sight for a moment, which looks like one that is closed.
		await strata.row('Images', /^team\/service000, 5 tags/).click();
		const imageRow = (at: number): Locator => strata.row('Images', new RegExp(`^1\\.${String(at)}, `));
		await imageRow(0).waitFor();

		await probe.ask();
		const refreshes: number[] = [];
		const openings: number[] = [];
		for (let round = 0; round < rounds; round++) {
			refreshes.push(await redrawn(strata, fake, answered, round));
			openings.push(await opened(strata, imageRow(round % 5)));
		}

		const delayAtRest = await probe.ask();
		const before = fake.requests.length;
		const storm = emit(fake);
		await setTimeout(1500);
		const stormOpenings: number[] = [];
		for (let round = 0; round < 3; round++) {
			stormOpenings.push(await opened(strata, imageRow(round)));
		}
		const events = await storm;
		const delayInStorm = await probe.ask();
		const asked = fake.requests.slice(before);
		const count = (path: RegExp): number => asked.filter(request => path.test(request)).length;
		const lists = [count(/\/images\/json/), count(/\/containers\/json/)];

		const load = (loadavg()[0] ?? 0).toFixed(1);
		const idle = await idleCalls(fake);
		const [cpu] = cpus();
		const text = `
## The trees of a crowded engine

\`npm run bench:trees\`: the real workbench on an engine with ${images.toLocaleString('en')} images and ${String(containers)} containers that answers at once. From the engine's answer to the row on the
screen; the median of ${String(rounds)} where there are several. ${String(cpus().length)} × ${cpu?.model.trim() ?? 'unknown'}, ${String(Math.round(totalmem() / 1e9))} GB; load of the machine meanwhile: ${load}.

| | at rest | ${eventsPerSecond.toLocaleString('en')} events a second |
|---|---:|---:|
| first paint of the Images view | ${ms(first)} | |
| another repository comes, all is drawn anew | ${ms(median(refreshes))} | |
| click on an image to its history | ${ms(median(openings))} | ${ms(median(stormOpenings))} |
| from one turn of the extension host's event loop to the next: p99, longest | ${delayOf(delayAtRest)} | ${delayOf(delayInStorm)} |
| lists of images and containers asked for | | ${lists.join(' and ')} in ${String(stormMs / 1000)} s, for ${events.toLocaleString('en')} events |

${String(idleMinutes)} minutes in which nobody does anything, with all views open: ${String(idle.length)} engine calls${idle.length === 0 ? '' : ` (${[...new Set(idle)].join(', ')})`}.
`;
		await writeSection('trees', text);
		process.stdout.write(text);
	} catch (error) {
		await workbench.screenshot('failed-bench-trees');
		throw error;
	} finally {
		await workbench.close();
		await fake[Symbol.asyncDispose]();
		await rm(folder, { recursive: true, force: true });
	}
}

/** Lets the crowd's lists note when they were answered. */
function tellingWhen(fake: FakeEngine): Answered {
	const answered: Answered = new Map();
	crowd({
		on: (route, answer) => {
			const body = JSON.stringify(answer);
			const telling: FakeHandler = ({ path }, response) => {
				response.writeHead(200, { 'content-type': 'application/json' });
				response.end(body, () => { answered.set(path, Date.now()); });
			};
			fake.on(route, route === 'GET /images/json' || route === 'GET /containers/json' ? telling : answer);
		},
	}, images, containers);
	return answered;
}

/** When a row with these words was on the screen, to the frame. */
async function drawnAt(page: Page, words: RegExp): Promise<number> {
	const at = await page.waitForFunction(`${rowsWith(words)}.length > 0 && Date.now()`, undefined, { polling: 'raf' });
	return await at.jsonValue() as number;
}

/** Runs in the page. */
function rowsWith(words: RegExp): string {
	return `[...document.querySelectorAll('[role=treeitem]')].filter(row => new RegExp(${JSON.stringify(words.source)}).test(row.getAttribute('aria-label') ?? ''))`;
}

/** Another repository, above all others. */
async function redrawn({ page }: StrataPage, fake: FakeEngine, answered: Answered, round: number): Promise<number> {
	const name = `a-new-one-${String(round)}`;
	fake.on('GET /images/json', ({ path }, response) => {
		response.writeHead(200, { 'content-type': 'application/json' });
		response.end(crowdList(name), () => { answered.set(path, Date.now()); });
	});
	const shown = drawnAt(page, new RegExp(`^${name}, 1 tag`));
	fake.emit({ Type: 'image', Action: 'tag', Actor: { ID: crowdImage(0) } });
	return await shown - answered.get('/images/json')!;
}

function crowdList(name: string): string {
	let list = '';
	crowd({ on: (route, answer) => { list = route === 'GET /images/json' ? JSON.stringify([...answer as readonly object[], { Id: `sha256:${'f'.repeat(64)}`, RepoTags: [`${name}:1`], Created: 1_800_000_000, Size: 1000 }]) : list; } }, images, containers);
	return list;
}

/** From the click on an image's row until its history is there; closed again after it. */
async function opened({ page }: StrataPage, image: Locator): Promise<number> {
	const shown = drawnAt(page, /^COPY server/);
	const began = Date.now();
	await image.click();
	const took = await shown - began;
	await image.click();
	await page.waitForFunction(`${rowsWith(/^COPY server/)}.length === 0`);
	return took;
}

/** How many were told. Images get tags, containers run their health checks and start. */
async function emit(fake: FakeEngine): Promise<number> {
	let told = 0;
	for (const end = Date.now() + stormMs; Date.now() < end;) {
		const due = (Date.now() - (end - stormMs)) * eventsPerSecond / 1000;
		for (; told < due; told++) {
			const [Type, Action] = told % 3 === 0 ? ['image', 'tag'] : told % 3 === 1 ? ['container', 'exec_die'] : ['container', 'start'];
			fake.emit({ Type, Action, Actor: { ID: Type === 'image' ? crowdImage(told % images) : crowdContainer(told % containers) } });
		}
		await setTimeout(10);
	}
	return told;
}

/** What is asked for once the last event is over. */
async function idleCalls(fake: FakeEngine): Promise<readonly string[]> {
	await setTimeout(3000);
	const before = fake.requests.length;
	await setTimeout(idleMinutes * 60_000);
	return fake.requests.slice(before);
}

function delayOf({ p99, longest }: HostDelay): string {
	return `${ms(p99)}, ${ms(longest)}`;
}

function median(values: readonly number[]): number {
	return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

function ms(value: number): string {
	return `${value.toFixed(0)} ms`;
}

main().catch((error: unknown) => {
	process.stderr.write(`${error instanceof Error ? error.stack ?? error.message : String(error)}\n`);
	process.exitCode = 1;
});
