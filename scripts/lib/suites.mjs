import { mkdtemp, open, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, relative, sep } from 'node:path';
import { root } from './project.mjs';
import { run } from './run.mjs';

/** What no test has counted: how many passed, failed and were skipped, and of each failure the name with the error. */
export const none = { passed: 0, failed: 0, skipped: 0, failures: [] };

/** Runs test/<name> in plain Node and says how it went. */
export async function runPlain(name, { environment, grep }) {
	const files = await testFiles(name);
	return files.length === 0 ? none : counted(name, counts => mocha(files, { grep, environment: { ...environment, STRATA_TEST_COUNTS: counts } }, { show: true }));
}

/**
 * Runs test/engine on each engine, all engines at the same time, and then what needs them all (test/engine/together).
 * What an engine's tests say is shown when they are over, so that it does not mix.
 */
export async function runOnEngines(engines, { grep }) {
	const environmentOf = some => ({ STRATA_TEST_ENGINES: JSON.stringify(some) });
	const files = await testFiles('engine');
	const together = files.filter(file => file.includes(`${sep}together${sep}`));
	const single = files.filter(file => !together.includes(file));
	const onEach = await Promise.all(engines.map(engine => counted(`engine ${engine.name}`, counts => aside(output =>
		mocha(single, { grep, environment: { ...environmentOf([engine]), STRATA_TEST_COUNTS: counts } }, { stdio: ['ignore', output, output] })))));
	const onAll = await counted('engine', counts => mocha(together, { grep, environment: { ...environmentOf(engines), STRATA_TEST_COUNTS: counts } }, { show: true }));
	return [...onEach, onAll].reduce(add);
}

function mocha(files, { grep, environment }, options) {
	return run(process.execPath, [
		join(root, 'node_modules/mocha/bin/mocha.js'), '--config', 'test/mocharc.json', ...grep ? ['--grep', grep] : [], ...files,
	], { cwd: root, env: { ...process.env, ...environment }, timeout: 30 * 60_000, ...options });
}

/** Gives `work` a file to write its output to, and prints that in the end. */
async function aside(work) {
	const folder = await mkdtemp(join(tmpdir(), 'strata-output-'));
	const path = join(folder, 'output');
	const file = await open(path, 'w');
	try {
		return await work(file.fd);
	} finally {
		await file.close();
		process.stdout.write(await readFile(path));
		await rm(folder, { recursive: true, force: true });
	}
}

/** They take longest, so they begin first: then the two that end last are short ones. */
const longest = ['journeys.test.ts', 'states.test.ts'];

/**
 * Runs test/ui, two files at the same time: most of the time a browser waits for an editor. What a file's tests say is
 * shown when they are over.
 */
export async function runInBrowsers({ environment, grep }) {
	const files = await testFiles('ui');
	const isLong = file => longest.includes(basename(file));
	const waiting = [...files.filter(isLong), ...files.filter(file => !isLong(file))];
	const runFiles = async () => {
		let counts = none;
		for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
			const one = file;
			counts = add(counts, await counted(relative(root, one), path => aside(output =>
				mocha([one], { grep, environment: { ...environment, STRATA_TEST_COUNTS: path } }, { stdio: ['ignore', output, output] }))));
		}
		return counts;
	};
	return (await Promise.all([runFiles(), runFiles()])).reduce(add);
}

/** Runs test/host inside the extension host of `editor`. */
export async function runInHost(editor, { environment, grep }) {
	if ((await testFiles('host')).length === 0) {
		return none;
	}
	const { runHostTests } = await import('./hostTests.mjs');
	return counted('host', counts => runHostTests(editor, { ...environment, STRATA_TEST_COUNTS: counts, ...grep ? { STRATA_TEST_GREP: grep } : {} }));
}

async function testFiles(name) {
	const folder = join(root, 'test', name);
	const files = await readdir(folder, { recursive: true }).catch(() => []);
	return files.filter(file => file.endsWith('.test.ts')).sort().map(file => join(folder, file));
}

/** A suite that ends without writing counts has crashed; one that fails without a failed test has too. */
async function counted(name, work) {
	const folder = await mkdtemp(join(tmpdir(), 'strata-counts-'));
	const file = join(folder, 'counts');
	try {
		const failure = await work(file).then(() => undefined, error => error);
		const lines = (await readFile(file, 'utf8').catch(() => '')).split('\n').filter(Boolean);
		const counts = lines.map(line => JSON.parse(line)).reduce(add, none);
		if (lines.length === 0 || (failure && counts.failed === 0)) {
			return add(counts, failedBecause(`The suite ${name} did not come to its end. ${failure?.message ?? 'It wrote no counts.'}`));
		}
		return counts;
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}

export function add(a, b) {
	return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped, failures: [...a.failures, ...b.failures] };
}

/** A failure that is not a test's, said where it happens. */
export function failedBecause(why) {
	console.error(why);
	return { ...none, failed: 1, failures: [why] };
}

/** Once more at the end, where they are seen: what failed in thousands of lines. */
export function sayFailures({ failures }) {
	for (const failure of failures) {
		console.log(`failed: ${failure}\n`);
	}
}
