import { existsSync, openSync } from 'node:fs';
import { mkdir, readFile, readdir, rm, statfs } from 'node:fs/promises';
import { spawn } from 'node:child_process';
import { freemem, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { baseImage } from './bases.mjs';
import { api, ask } from './engineApi.mjs';
import { alive, end, run, until } from './run.mjs';

const memory = '/dev/shm';
/** Bytes that must be free for engines in memory: several times what those of a test run take. */
const roomy = 6e9;
/** Of tmpfs (statfs(2)). */
const tmpfs = 0x01021994;

let swept;

/**
 * The folder of an engine of our own, empty: its roots and its socket are in it, and nothing is shared with an engine
 * that is already there. `at` fixes it (developers' engines, which outlive this process); otherwise it carries this
 * process's id, and is swept by a later run if this one is killed. `inMemory`: there, if there is room. A build is twice
 * as fast, since an engine waits for the disk several hundred times in each.
 */
export async function engineFolder(name, at, inMemory = false) {
	const folder = at ?? join(inMemory && await isRoomy() ? memory : tmpdir(), `strata-engine-${process.pid}-${name}`);
	// One sweep however many engines start: two at once would take each other's mounts away.
	await (at ? removeEngine(folder) : swept ??= sweep());
	await mkdir(folder, { recursive: true });
	return folder;
}

/**
 * Starts the program of an engine, which listens at `d.sock` in its folder, and waits until it answers and has the base
 * image. `nameOf` says from its version what it is called. It ends with this process, unless it is `kept`.
 */
export async function bringUp({ folder, command, environment, nameOf, kept = false, beforeStop = () => Promise.resolve() }) {
	const socketPath = join(folder, 'd.sock');
	const log = join(folder, 'd.log');
	const output = openSync(log, 'w');
	// Its own process group: Ctrl-C in the terminal must reach the tests, which then stop the engine in order.
	const child = spawn(command[0], command.slice(1), { env: environment, stdio: ['ignore', output, output], detached: true });
	child.unref();
	let ended = false;
	child.on('exit', () => { ended = true; });
	const onExit = () => child.kill();
	if (!kept) {
		process.on('exit', onExit);
	}

	const host = `unix://${socketPath}`;
	const stop = async () => {
		process.off('exit', onExit);
		await beforeStop();
		await removeEngine(folder);
	};
	try {
		await until(`the engine in ${folder} to answer`, 60, async () => {
			if (ended) {
				throw new Error(`The engine in ${folder} ended at once.`);
			}
			return existsSync(socketPath) && await api(host, 'GET', '/_ping').then(() => true, () => false);
		});
		await baseImage(host);
		// A suite moves on: the name says what runs, not what was asked for.
		const { Version } = await ask(host, '/version');
		const keep = () => { process.off('exit', onExit); };
		return { name: nameOf(Version), socketPath, host, keep, stop };
	} catch (error) {
		const said = (await readFile(log, 'utf8')).split('\n').slice(-15).join('\n');
		await stop().catch(() => {});
		throw new Error(`${error.message}\n${said}`);
	}
}

/** Ends the engine that lives in `folder`, if any, and removes all it left there. */
export async function removeEngine(folder) {
	for (const engine of await processesOf(folder, /(dockerd|podman)$/)) {
		await end(engine, 20);
	}
	// These outlive an engine that was killed.
	for (const child of await processesOf(folder, /(containerd(-shim.*)?|conmon)$/)) {
		await end(child);
	}
	const mounts = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n').map(line => line.split(' ')[4] ?? '');
	for (const mount of mounts.filter(path => path.startsWith(`${folder}/`)).reverse()) {
		// A daemon that is ending takes its mounts away itself; what stays mounted makes the removal below fail.
		await run('umount', ['-l', mount]).catch(() => {});
	}
	await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

/** Processes of these programs with the folder in their arguments, as an engine and all that it starts have it. */
async function processesOf(folder, programs) {
	const ids = (await readdir('/proc')).map(Number).filter(id => id > 1 && id !== process.pid);
	const ours = await Promise.all(ids.map(async id => {
		const [program, ...args] = (await readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')).split('\0');
		return programs.test(program) && args.some(arg => arg.includes(`${folder}/`)) ? id : 0;
	}));
	return ours.filter(id => id > 0);
}

/** Removes what the engines of killed runs left. What cannot be removed is said and left: it is not this run's failure. */
async function sweep() {
	const places = [tmpdir(), memory];
	const folders = await Promise.all(places.map(async place => (await readdir(place).catch(() => [])).map(name => join(place, name))));
	for (const folder of folders.flat()) {
		const owner = /^strata-engine-(\d+)-/.exec(basename(folder))?.[1];
		if (owner && Number(owner) !== process.pid && !alive(Number(owner))) {
			await removeEngine(folder).catch(error =>
				console.log(`An engine of an earlier run that was killed could not be removed: ${error.message}`));
		}
	}
}

async function isRoomy() {
	const { type, bavail = 0, bsize = 0 } = await statfs(memory).catch(() => ({}));
	return type === tmpfs && Math.min(bavail * bsize, freemem()) > roomy;
}
