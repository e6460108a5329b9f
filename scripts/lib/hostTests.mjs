import { runTests } from '@vscode/test-electron';
import { build } from 'esbuild';
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './project.mjs';

const launcher = join(root, 'scripts/vscodeLauncher.mjs');

/** The tests as the extension host can load them; mocha itself stays outside, it finds its own files. */
async function bundle() {
	const files = await readdir(join(root, 'test/host'), { recursive: true });
	await build({
		entryPoints: files.filter(name => name.endsWith('.test.ts') || name === 'index.ts').map(name => join(root, 'test/host', name)),
		outbase: join(root, 'test/host'),
		outdir: join(root, 'dist/test/host'),
		bundle: true,
		platform: 'node',
		format: 'cjs',
		target: 'node20',
		sourcemap: 'inline',
		external: ['vscode', 'mocha'],
		logLevel: 'warning',
	});
}

/** Runs test/host inside a real extension host, on a copy of the samples that the tests may change. */
export async function runHostTests(editor, environment) {
	await bundle();
	const scratch = await mkdtemp(join(tmpdir(), 'strata-host-'));
	const folder = join(scratch, 'samples');
	try {
		await cp(join(root, 'samples'), folder, { recursive: true });
		await runTests({
			vscodeExecutablePath: editor.kind === 'desktop' ? editor.executable : launcher,
			extensionDevelopmentPath: root,
			extensionTestsPath: join(root, 'dist/test/host/index.js'),
			extensionTestsEnv: environment,
			launchArgs: [folder],
		});
	} finally {
		await rm(scratch, { recursive: true, force: true });
	}
}
