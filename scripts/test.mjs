// npm test [-- unit engine host ui] [--grep TEXT] [--keep]: lint, types and every suite; the last lines name what failed and count.
import { parseArgs } from 'node:util';
import { installDependencies } from './lib/dependencies.mjs';
import { root } from './lib/project.mjs';
import { run } from './lib/run.mjs';

const { values: { grep, keep }, positionals } = parseArgs({
	allowPositionals: true,
	options: { grep: { type: 'string' }, keep: { type: 'boolean', default: false } },
});
const all = ['check', 'unit', 'engine', 'host', 'ui'];
const unknown = positionals.filter(name => !all.includes(name));
if (unknown.length > 0) {
	console.error(`There is no suite ${unknown.join(', ')}; there are ${all.join(', ')}.`);
	process.exit(2);
}
const wanted = new Set(positionals.length > 0 ? positionals : all);
const wants = (...names) => names.some(name => wanted.has(name));

await stage('dependencies', installDependencies);
const { add, failedBecause, none, runInBrowsers, runInHost, runOnEngines, runPlain, sayFailures } = await import('./lib/suites.mjs');
const { installTestEngines, testEngines } = await import('./lib/testEngines.mjs');
const { findChromium } = await import('./lib/chromium.mjs');
const { installBuildx } = await import('./lib/dockerCommand.mjs');
const { findEditor, findServer } = await import('./lib/editor.mjs');
const skipped = { ...none, skipped: 1 };
let total = none;
let engines;

for (const signal of ['SIGINT', 'SIGTERM']) {
	process.once(signal, async () => {
		await engines?.stop();
		process.exit(130);
	});
}

try {
	installAhead();
	// The package as people get it: host tests load its bundles, UI tests install it.
	const built = !wants('host', 'ui') || await counted('build', () => command('npm', ['run', '--silent', 'package']));
	// Each is work for one core; lint says nothing unless it finds something.
	await Promise.all([
		wants('check') && counted('lint and types', () => command('npm', ['run', '--silent', 'check'])),
		wants('unit') && counted('unit', () => runPlain('unit', { grep })),
	]);
	if (wants('engine', 'host', 'ui')) {
		await stage('engines', async () => { engines = await testEngines(); });
	}
	const environment = { STRATA_TEST_ENGINES: JSON.stringify(engines?.engines ?? []) };
	if (wants('engine')) {
		await counted('engine', () => strict(engines.engines.length > 0 ? runOnEngines(engines.engines, { grep }) : skipped));
	}
	if (wants('host')) {
		await counted('host', () => built ? withEditor(findEditor, editor => runInHost(editor, { grep, environment })) : notBuilt('host'));
	}
	if (wants('ui')) {
		await counted('ui', () => built ? withEditor(findServer, () => runInBrowsers({ grep, environment })) : notBuilt('ui'));
	}
	if (engines) {
		await counted('nothing left behind', nothingLeftBehind);
	}
} catch (error) {
	total = add(total, failedBecause(error.stack));
} finally {
	if (keep && engines) {
		engines.keep();
		console.log(`Engines kept: STRATA_TEST_ENGINES='${JSON.stringify(engines.engines)}'`);
	} else {
		await engines?.stop();
	}
}
sayFailures(total);
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exit(total.failed > 0 ? 1 : 0);

/** Downloads while there is other work. Whoever needs one of these later waits for it; what fails is tried again there, and said. */
function installAhead() {
	const ahead = [wants('engine', 'host', 'ui') && installTestEngines, wants('engine', 'ui') && installBuildx, wants('host', 'ui') && findChromium, wants('host') && findEditor, wants('ui') && findServer];
	for (const install of ahead.filter(Boolean)) {
		install().catch(() => {});
	}
}

async function stage(name, work) {
	const start = performance.now();
	const answer = await work();
	console.log(`— ${name}: ${((performance.now() - start) / 1000).toFixed(1)} s\n`);
	return answer;
}

/** Adds what a stage counted to the total; true if nothing in it failed. */
async function counted(name, work) {
	const counts = await stage(name, work);
	total = add(total, counts);
	return counts.failed === 0;
}

/** A step that is not a suite counts only when it fails. */
async function command(program, args) {
	try {
		await run(program, args, { cwd: root, show: true });
		return none;
	} catch (error) {
		return failedBecause(error.message);
	}
}

/** What needs an engine or an editor may be skipped on somebody's machine, but not where changes are judged. */
async function strict(suite) {
	const counts = await suite;
	return process.env.CI && counts.skipped > 0
		? add({ ...counts, skipped: 0 }, { ...failedBecause(`${counts.skipped} skipped, which is a failure here`), failed: counts.skipped })
		: counts;
}

async function withEditor(find, suite) {
	let editor;
	try {
		editor = await find();
	} catch (error) {
		console.log(error.message);
		return strict(skipped);
	}
	return strict(suite(editor));
}

function notBuilt(name) {
	return failedBecause(`The suite ${name} did not run, because the build failed.`);
}

async function nothingLeftBehind() {
	const lines = await engines.leftBehind();
	return lines.length > 0 ? failedBecause(lines.map(line => `left behind in ${line}`).join('\n')) : none;
}
