// npm start [-- --headless]: Strata in a real editor on samples/, with an engine. What is missing is installed.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { installDependencies } from './lib/dependencies.mjs';
import { root } from './lib/project.mjs';
import { run } from './lib/run.mjs';

const { values: { headless } } = parseArgs({ options: { headless: { type: 'boolean', default: false } } });
const samples = join(root, 'samples');

await installDependencies();
const { demonstrationEngine } = await import('./lib/startEnvironment.mjs');
const { makeSampleArchives } = await import('./makeSampleArchive.mjs');
const { findEditor } = await import('./lib/editor.mjs');
const stopped = new Promise(resolve => {
	for (const signal of ['SIGINT', 'SIGTERM']) {
		process.once(signal, resolve);
	}
});

await run('node', ['esbuild.mjs'], { cwd: root, show: true });
const archives = await makeSampleArchives();
const engine = await demonstrationEngine({ mayLack: !headless });
/** What is shown first where there is no engine. */
const opened = engine.host === undefined ? archives[0] : undefined;
try {
	if (headless) {
		const { headlessTour } = await import('./headlessTour.mjs');
		await headlessTour(engine);
	} else {
		const editor = await findEditor();
		await (editor.kind === 'desktop' ? openDesktop(editor) : openServer());
	}
} finally {
	await engine.stop();
}

/** A profile of its own, so that the engine's address reaches it and the user's own windows stay as they are. */
async function openDesktop({ executable }) {
	const { desktopProfile } = await import('./lib/desktopProfile.mjs');
	const child = spawn(executable, [
		`--user-data-dir=${await desktopProfile(engine.settings)}`, `--extensionDevelopmentPath=${root}`, samples, ...opened ? [opened] : [],
	], { stdio: 'ignore' });
	console.log('VS Code opens with Strata on samples/. Close it, or press Ctrl-C here, to end.');
	await Promise.race([stopped, new Promise((resolve, reject) => {
		child.on('exit', resolve);
		child.on('error', reject);
	})]);
	child.kill();
}

async function openServer() {
	const { startServer } = await import('./lib/server.mjs');
	const server = await startServer({ settings: engine.settings });
	console.log(`Open this in a browser on this machine:\n${server.address(samples, { extensionDevelopmentPath: root, openFile: opened })}\nCtrl-C ends it.`);
	await stopped;
	await server.stop();
}
