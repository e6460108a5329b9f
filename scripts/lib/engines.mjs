import { existsSync, openSync } from 'node:fs';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { baseImage } from './bases.mjs';
import { unpacked } from './debian.mjs';
import { api, ask } from './engineApi.mjs';
import { alive, end, run, until } from './run.mjs';

/** Where each engine version comes from: a Debian suite whose binaries run on this machine's libc. */
const sources = {
	'20.10': () => unpacked('bookworm', 'docker', ['docker.io', 'containerd', 'libdevmapper1.02.1']),
	'26.1': () => unpacked('trixie', 'docker', ['docker.io', 'containerd']),
	'28.5': () => unpacked('forky', 'docker', ['docker.io', 'containerd']),
};

let swept;

/**
 * An engine of our own, with its roots, its socket and nothing shared with an engine that is already
 * there. `at` fixes the folder (developers' engines, which outlive this process); otherwise the folder
 * carries this process's id, and is swept by a later run if this one is killed.
 */
export async function startEngine(version, { containerd = false, at } = {}) {
	const label = number => containerd ? `${number}-containerd` : number;
	const name = label(version);
	const folder = at ?? join(tmpdir(), `strata-engine-${process.pid}-${name}`);
	const socketPath = join(folder, 'd.sock');
	const pidFile = join(folder, 'd.pid');
	// One sweep however many engines start: two at once would take each other's mounts away.
	await (at ? removeEngine(folder) : swept ??= sweep());
	await mkdir(folder, { recursive: true });
	await writeFile(join(folder, 'daemon.json'), JSON.stringify(containerd ? { features: { 'containerd-snapshotter': true } } : {}));

	const log = join(folder, 'd.log');
	const { command, environment } = await daemon(version);
	const output = openSync(log, 'w');
	// Its own process group: Ctrl-C in the terminal must reach the tests, which then stop the engine in order.
	const child = spawn(command[0], [
		...command.slice(1),
		'--data-root', join(folder, 'data'), '--exec-root', join(folder, 'exec'), '--pidfile', pidFile,
		'--config-file', join(folder, 'daemon.json'), '--host', `unix://${socketPath}`,
		'--bridge=none', '--iptables=false', '--ip6tables=false',
	], { env: environment, stdio: ['ignore', output, output], detached: true });
	child.unref();
	let ended = false;
	child.on('exit', () => { ended = true; });
	const onExit = () => child.kill();
	if (!at) {
		process.on('exit', onExit);
	}

	const host = `unix://${socketPath}`;
	const stop = async () => {
		process.off('exit', onExit);
		await removeEngine(folder);
	};
	try {
		await until(`engine ${name} to answer`, 60, async () => {
			if (ended) {
				throw new Error(`Engine ${name} ended at once.`);
			}
			return existsSync(socketPath) && await api(host, 'GET', '/_ping').then(() => true, () => false);
		});
		await baseImage(host);
		// A suite moves on: the name says what runs, not what was asked for.
		const { Version } = await ask(host, '/version');
		const keep = () => { process.off('exit', onExit); };
		return { name: label(/^\d+\.\d+/.exec(Version)[0]), socketPath, host, keep, stop };
	} catch (error) {
		const said = (await readFile(log, 'utf8')).split('\n').slice(-15).join('\n');
		await stop().catch(() => {});
		throw new Error(`${error.message}\n${said}`);
	}
}

/** Ends the engine that lives in `folder`, if any, and removes all it left there. */
export async function removeEngine(folder) {
	const pid = Number(await readFile(join(folder, 'd.pid'), 'utf8').catch(() => ''));
	// The id may have been given to another process since: only a dockerd of this folder is ours.
	const commandLine = pid ? await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '') : '';
	if (commandLine.includes(`${folder}/`)) {
		await end(pid, 20);
	}
	for (const child of await processesOf(folder)) {
		await end(child);
	}
	const mounts = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n').map(line => line.split(' ')[4] ?? '');
	for (const mount of mounts.filter(path => path.startsWith(`${folder}/`)).reverse()) {
		// A daemon that is ending takes its mounts away itself; what stays mounted makes the removal below fail.
		await run('umount', ['-l', mount]).catch(() => {});
	}
	await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

/** containerd and its shims outlive a dockerd that was killed; they name its folder in their arguments. */
async function processesOf(folder) {
	const ids = (await readdir('/proc')).map(Number).filter(id => id > 1 && id !== process.pid);
	const ours = await Promise.all(ids.map(async id => {
		const [program, ...args] = (await readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')).split('\0');
		return /(dockerd|containerd(-shim.*)?)$/.test(program) && args.some(arg => arg.includes(`${folder}/`)) ? id : 0;
	}));
	return ours.filter(id => id > 0);
}

/** Removes what the engines of killed runs left. What cannot be removed is said and left: it is not this run's failure. */
async function sweep() {
	for (const name of await readdir(tmpdir())) {
		const owner = /^strata-engine-(\d+)-/.exec(name)?.[1];
		if (owner && Number(owner) !== process.pid && !alive(Number(owner))) {
			await removeEngine(join(tmpdir(), name)).catch(error =>
				console.log(`An engine of an earlier run that was killed could not be removed: ${error.message}`));
		}
	}
}

async function daemon(version) {
	const folder = await sources[version]();
	// The runc of newer suites wants a newer libc than Debian 12's, the one of Debian 12 runs on both.
	const runc = await unpacked('bookworm', 'runc', ['runc', 'libseccomp2']);
	const libraries = [];
	for (const root of [folder, runc]) {
		const all = await run('find', [root, '-name', '*.so.*', '-printf', '%h\n']);
		libraries.push(...new Set(all.split('\n').filter(Boolean)));
	}
	const environment = {
		...process.env,
		PATH: [join(runc, 'usr/sbin'), join(folder, 'usr/sbin'), join(folder, 'usr/bin'), process.env.PATH].join(':'),
		LD_LIBRARY_PATH: libraries.join(':'),
	};
	const dockerd = join(folder, 'usr/sbin/dockerd');
	// `--bridge=none` deletes docker0. Where somebody's engine has one, ours gets a network of its own.
	const command = existsSync('/sys/class/net/docker0') ? ['unshare', '--net', dockerd] : [dockerd];
	return { command, environment };
}
