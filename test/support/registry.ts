import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

export interface TestRegistry {
	/** `127.0.0.1:41234`; engines take this machine's own registries without TLS. */
	readonly host: string;
	[Symbol.asyncDispose](): Promise<void>;
}

/** What the registry with a password lets in. */
export const registryLogin = { username: 'me', password: 's3cret-word', identityToken: undefined };

/** `registryLogin` as an htpasswd file has it (bcrypt, 16 rounds). */
const htpasswd = 'me:$2b$04$FPw7UENoTg2W9AmjhsBC7OM708uurDNHsmnx981ZQ4pZ89TmWODlu\n';

/** Where programs are looked for. */
const places = (process.env['PATH'] ?? '').split(delimiter);

/** The one that is installed, else Debian's own (CNCF Distribution), unpacked; undefined where there is no way to either. */
async function registryProgram(): Promise<string | undefined> {
	const found = (name: string): string | undefined => places.map(place => join(place, name)).find(path => existsSync(path));
	const installed = found('docker-registry');
	if (installed !== undefined || found('apt-get') === undefined || found('dpkg') === undefined) {
		return installed;
	}
	const { unpacked } = await import('../../scripts/lib/debian.mjs');
	return join(await unpacked('bookworm', 'docker-registry', ['docker-registry']), 'usr/bin/docker-registry');
}

/** Skips a test, or all of a `describe` in its `before`, that has no registry here, and says so. In CI what is skipped has failed. */
export async function requireRegistry(test: Mocha.Context): Promise<void> {
	if (await registryProgram() === undefined) {
		process.stdout.write('  Without a registry, because docker-registry is not installed and there is no apt-get to fetch Debian\'s.\n');
		test.skip();
	}
}

/** A registry of its own on this machine, with its images in a folder that goes with it. */
export async function startRegistry({ withPassword = false } = {}): Promise<TestRegistry> {
	const program = await registryProgram();
	if (program === undefined) {
		throw new Error('There is no docker-registry on this machine.');
	}
	const folder = await mkdtemp(join(tmpdir(), 'strata-registry-'));
	const port = await freePort();
	await writeFile(join(folder, 'htpasswd'), htpasswd);
	await writeFile(join(folder, 'config.yml'), [
		'version: 0.1', 'log: { level: error, accesslog: { disabled: true } }',
		`storage: { filesystem: { rootdirectory: ${join(folder, 'data')} } }`,
		`http: { addr: "127.0.0.1:${port}" }`,
		...withPassword ? [`auth: { htpasswd: { realm: strata, path: ${join(folder, 'htpasswd')} } }`] : [],
	].join('\n'));
	const child = spawn(program, ['serve', join(folder, 'config.yml')], { stdio: 'ignore' });
	const ended = new Promise<void>(resolve => { child.once('exit', () => { resolve(); }); });
	const end = Date.now() + 10_000;
	while (!await answers(port)) {
		if (child.exitCode !== null || Date.now() > end) {
			throw new Error('The registry did not start.');
		}
		await new Promise(resolve => { setTimeout(resolve, 20); });
	}
	return {
		host: `127.0.0.1:${port}`,
		[Symbol.asyncDispose]: async () => {
			child.kill();
			await ended;
			await rm(folder, { recursive: true, force: true });
		},
	};
}

export async function freePort(): Promise<number> {
	const server = createServer();
	await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo;
	await new Promise(resolve => server.close(resolve));
	return port;
}

function answers(port: number): Promise<boolean> {
	return new Promise(resolve => {
		const socket = connect(port, '127.0.0.1', () => {
			socket.destroy();
			resolve(true);
		});
		socket.once('error', () => { resolve(false); });
	});
}
