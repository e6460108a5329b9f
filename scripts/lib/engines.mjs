import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { librariesIn, unpacked } from './debian.mjs';
import { bringUp, engineFolder } from './engineProcess.mjs';

/** Where each engine version comes from: a Debian suite whose binaries run on this machine's libc. */
const sources = {
	'20.10': () => unpacked('bookworm', 'docker', ['docker.io', 'containerd', 'libdevmapper1.02.1']),
	'26.1': () => unpacked('trixie', 'docker', ['docker.io', 'containerd']),
	'28.5': () => unpacked('forky', 'docker', ['docker.io', 'containerd']),
};

/**
 * A Docker engine of our own (`engineFolder`). `hosts` are further addresses, `settings` more of its `daemon.json`. On
 * containerd's store what a layer takes on disk counts, so `inMemory` is not for that.
 */
export async function startEngine(version, { containerd = false, at, inMemory = false, hosts = [], settings = {} } = {}) {
	const label = number => containerd ? `${number}-containerd` : number;
	const folder = await engineFolder(label(version), at, inMemory);
	const configuration = join(folder, 'daemon.json');
	await writeFile(configuration, JSON.stringify({ ...settings, ...containerd ? { features: { 'containerd-snapshotter': true } } : {} }));
	const { command, environment } = await daemon(version);
	return bringUp({
		folder, environment, kept: at !== undefined, nameOf: found => label(/^\d+\.\d+/.exec(found)[0]),
		command: [
			...command,
			'--data-root', join(folder, 'data'), '--exec-root', join(folder, 'exec'), '--pidfile', join(folder, 'd.pid'),
			'--config-file', configuration, ...[`unix://${join(folder, 'd.sock')}`, ...hosts].flatMap(host => ['--host', host]),
			'--bridge=none', '--iptables=false', '--ip6tables=false',
		],
	});
}

/** Installs an engine's programs, and gives the folders they are in. */
export function installEngine(version) {
	// The runc of newer suites wants a newer libc than Debian 12's, the one of Debian 12 runs on both.
	return Promise.all([sources[version](), unpacked('bookworm', 'runc', ['runc', 'libseccomp2'])]);
}

async function daemon(version) {
	const [folder, runc] = await installEngine(version);
	const environment = {
		...process.env,
		PATH: [join(runc, 'usr/sbin'), join(folder, 'usr/sbin'), join(folder, 'usr/bin'), process.env.PATH].join(':'),
		LD_LIBRARY_PATH: await librariesIn([folder, runc]),
		// Collecting garbage takes a third of its time otherwise: it lives for minutes, in which memory is no matter.
		GOGC: '400',
	};
	const dockerd = join(folder, 'usr/sbin/dockerd');
	// `--bridge=none` deletes docker0. Where somebody's engine has one, ours gets a network of its own.
	const command = whyNoAddress() ? ['unshare', '--net', dockerd] : [dockerd];
	return { command, environment };
}

export function whyNoAddress() {
	return existsSync('/sys/class/net/docker0') ? 'another engine\'s network docker0 is there' : undefined;
}
