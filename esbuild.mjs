// Builds what runs: dist/extension.js, dist/cli.js, dist/engine.js (dockerode), which both load at first use,
// dist/layers.js, the thread in which both read layers, and dist/treemap.js for the page with the picture.
import { build } from 'esbuild';
import { cp, rm } from 'node:fs/promises';

const production = process.argv.includes('--production');

/** The engine client is a bundle of its own, so that activation does not parse a megabyte of it. */
const engineApart = {
	name: 'engine-apart',
	setup({ onResolve }) {
		onResolve({ filter: /\/dockerEngine$/ }, ({ kind }) =>
			kind === 'dynamic-import' ? { path: './engine.js', external: true } : undefined);
	},
};

const common = {
	bundle: true,
	platform: 'node',
	format: 'cjs',
	target: 'node20',
	minify: production,
	sourcemap: production ? false : 'linked',
	legalComments: 'none',
	// Optional native parts of ssh2, which dockerode names but Strata never uses.
	external: ['vscode', '*.node', 'cpu-features'],
	plugins: [engineApart],
	logLevel: 'warning',
};

await rm('dist', { recursive: true, force: true });
await Promise.all([
	build({ ...common, entryPoints: { extension: 'src/extension.ts' }, outdir: 'dist' }),
	build({ ...common, entryPoints: { engine: 'src/core/engine/dockerEngine.ts' }, outdir: 'dist', plugins: [] }),
	build({ ...common, entryPoints: { layers: 'src/services/layerThreadProgram.ts' }, outdir: 'dist' }),
	build({ ...common, entryPoints: { cli: 'src/cli/main.ts' }, outdir: 'dist', banner: { js: '#!/usr/bin/env node' } }),
	build({ ...common, entryPoints: { treemap: 'src/webview/treemap.ts' }, outdir: 'dist', platform: 'browser', format: 'iife', target: 'es2022', external: [], plugins: [] }),
	// dockerode reads these beside itself at run time, when a BuildKit session opens.
	cp('node_modules/dockerode/lib/proto', 'dist/proto', { recursive: true }),
]);
