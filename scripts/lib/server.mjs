import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findServer } from './editor.mjs';
import { end, run, until } from './run.mjs';

/** A workbench with nothing on it that is not ours and that asks nobody on the network. */
const quiet = {
	'workbench.startupEditor': 'none',
	'workbench.secondarySideBar.defaultVisibility': 'hidden',
	'chat.disableAIFeatures': true,
	'telemetry.telemetryLevel': 'off',
	'extensions.autoCheckUpdates': false,
	'security.workspace.trust.startupPrompt': 'never',
};

/**
 * The workbench as a server with a home of its own. `env` is what the extension host sees besides this
 * process's environment; `vsix` is installed first. `stop` leaves no process and no file.
 */
export async function startServer({ settings = {}, trust = true, env = {}, vsix } = {}) {
	const { node, root } = await findServer();
	const home = await mkdtemp(join(tmpdir(), 'strata-editor-'));
	// Settings about a machine belong to the server's own; those of the user are there only once the page has read them.
	for (const folder of [join(home, 'data/User'), join(home, 'data/Machine')]) {
		await mkdir(folder, { recursive: true });
		await writeFile(join(folder, 'settings.json'), JSON.stringify({ ...quiet, ...settings }));
	}
	const main = [join(root, 'out/server-main.js'), '--accept-server-license-terms', '--server-data-dir', home];
	if (vsix) {
		try {
			await run(node, [...main, '--install-extension', vsix], { cwd: root });
		} catch (error) {
			await rm(home, { recursive: true, force: true });
			throw error;
		}
	}
	// A page of it can run anything as this user, so other programs on this machine must not be able to open one.
	const token = randomUUID();
	const child = spawn(node, [
		...main, '--host', '127.0.0.1', '--port', '0', '--connection-token', token, '--disable-telemetry',
		// Without this one the address of a page cannot name an extension under development.
		'--enable-smoke-test-driver',
		...trust ? ['--disable-workspace-trust'] : [],
	], { cwd: root, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'], detached: true });

	let said = '';
	let ended = false;
	const listen = chunk => { said = (said + chunk).slice(-20_000); };
	child.stdout.on('data', listen);
	child.stderr.on('data', listen);
	child.on('exit', () => { ended = true; });
	const endGroup = () => end(-child.pid);
	const onExit = () => {
		try {
			process.kill(-child.pid, 'SIGKILL');
		} catch {
			// It had ended before this process.
		}
	};
	process.on('exit', onExit);
	const stop = async () => {
		await endGroup();
		process.off('exit', onExit);
		await rm(home, { recursive: true, force: true, maxRetries: 5 });
	};
	try {
		const port = await until('the editor to listen', 60, () => {
			if (ended) {
				throw new Error('The editor ended at once.');
			}
			return /Extension host agent listening on (\d+)/.exec(said)?.[1];
		});
		const address = (folder, payload) => workbenchAddress(`127.0.0.1:${port}`, token, folder, payload);
		return { address, home, stop, log: () => said };
	} catch (error) {
		await stop();
		throw new Error(`${error.message}\n${said}`);
	}
}

/** The address of a folder in the workbench; `payload` may name an extension and its tests. */
function workbenchAddress(host, token, folder, payload = {}) {
	const entries = Object.entries(payload).filter(([, path]) => path).map(([key, path]) => [key, `vscode-remote://${host}${path}`]);
	const query = new URLSearchParams({ tkn: token, folder, ...entries.length > 0 ? { payload: JSON.stringify(entries) } : {} });
	return `http://${host}/?${query}`;
}
