import { chmod, chown, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheRoot } from './cache.mjs';
import { librariesIn, unpacked } from './debian.mjs';
import { bringUp, engineFolder } from './engineProcess.mjs';
import { installEngine } from './engines.mjs';
import { run } from './run.mjs';

/** Who the engine runs as, and the ids that are its to give: nobody's on this machine. */
const user = { name: 'strata-rootless', id: 64_100, firstId: 640_000, ids: 65_536 };

/**
 * A Docker engine that is not root's: an unprivileged user's, in a user namespace, by Debian's RootlessKit, as
 * `dockerd-rootless.sh` starts it: with a network of its own, from which nothing of this machine is reached.
 */
export async function startRootless(version, { at } = {}) {
	const folder = await engineFolder(`${version}-rootless`, at);
	const [engine, runc] = await installEngine(version);
	const rootless = await unpacked('bookworm', 'rootless', ['rootlesskit', 'uidmap', 'slirp4netns', 'libslirp0']);
	const own = name => join(folder, name);
	// Where the programs are only root may go; they are seen from here too, in the engine's own mounts.
	const here = path => join(own('programs'), path.slice(cacheRoot.length));
	for (const name of ['programs', 'home', 'run']) {
		await mkdir(own(name));
	}
	const ids = `${user.name}:${user.firstId}:${user.ids}\n`;
	const files = {
		passwd: `${await readFile('/etc/passwd', 'utf8')}${user.name}:x:${user.id}:${user.id}::${own('home')}:/bin/sh\n`,
		subuid: ids, subgid: ids, 'daemon.json': '{}',
	};
	for (const [name, text] of Object.entries(files)) {
		await writeFile(own(name), text);
	}
	await Promise.all([folder, ...['home', 'run'].map(own)].map(path => chown(path, user.id, user.id)));
	await chmod(own('run'), 0o700);
	// Which everybody may open on most machines.
	await run('mknod', ['--mode=666', own('tun'), 'c', '10', '200']);
	const environment = {
		...process.env, HOME: own('home'), USER: user.name, XDG_RUNTIME_DIR: own('run'),
		PATH: [join(here(runc), 'usr/sbin'), join(here(engine), 'usr/sbin'), join(here(engine), 'usr/bin'), join(here(rootless), 'usr/bin'), process.env.PATH].join(':'),
		LD_LIBRARY_PATH: (await librariesIn([engine, runc, rootless])).split(':').map(here).join(':'),
	};
	const mounts = [
		[cacheRoot, own('programs')], ...['passwd', 'subuid', 'subgid'].map(name => [own(name), `/etc/${name}`]), [own('tun'), '/dev/net/tun'],
	].map(([from, to]) => `mount --bind '${from}' '${to}'`);
	return bringUp({
		folder, environment, kept: at !== undefined, nameOf: found => `${/^\d+\.\d+/.exec(found)[0]}-rootless`,
		command: [
			'unshare', '--mount', '--propagation', 'private', 'sh', '-ec', `${mounts.join('\n')}\nexec "$@"`, 'sh',
			'setpriv', `--reuid=${user.id}`, `--regid=${user.id}`, '--clear-groups',
			'rootlesskit', '--state-dir', own('run/rootlesskit'), '--net=slirp4netns', '--mtu=65520', '--disable-host-loopback', '--copy-up=/etc', '--copy-up=/run', '--propagation=rslave',
			// What a copy of /run has from another engine would be written to.
			'sh', '-ec', 'rm -f /run/docker /run/containerd /run/xtables.lock\nexec "$@"', 'sh',
			join(here(engine), 'usr/sbin/dockerd'), '--rootless',
			'--data-root', own('data'), '--exec-root', own('run/exec'), '--pidfile', own('d.pid'), '--config-file', own('daemon.json'),
			'--host', `unix://${own('d.sock')}`, '--bridge=none', '--iptables=false', '--ip6tables=false',
		],
	});
}
