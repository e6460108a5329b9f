import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { librariesIn, unpacked } from './debian.mjs';
import { bringUp, engineFolder } from './engineProcess.mjs';
import { run } from './run.mjs';

/** Podman as Debian 12 has it, behind its socket for Docker's clients, with all that it keeps in a folder of its own. */
export async function startPodman({ at } = {}) {
	const folder = await engineFolder('podman', at);
	const programs = await unpacked('bookworm', 'podman', [
		'podman', 'conmon', 'runc', 'netavark',
		'libdevmapper1.02.1', 'libgpgme11', 'libassuan0', 'libsubid4', 'libseccomp2', 'libglib2.0-0',
	]);
	const home = join(folder, 'home');
	const configuration = join(home, '.config/containers');
	await mkdir(configuration, { recursive: true });
	const settings = name => join(configuration, name);
	const own = {
		HOME: home, XDG_CONFIG_HOME: join(home, '.config'), TMPDIR: folder, LD_LIBRARY_PATH: await librariesIn([programs]),
		// crun, its usual runtime, refuses machines that have control groups of both versions; runc is in sbin.
		PATH: [join(programs, 'usr/bin'), join(programs, 'usr/sbin'), process.env.PATH].join(':'),
		CONTAINERS_CONF: settings('containers.conf'), CONTAINERS_STORAGE_CONF: settings('storage.conf'), CONTAINERS_REGISTRIES_CONF: settings('registries.conf'),
	};
	const toml = value => JSON.stringify(value);
	const files = {
		'policy.json': toml({ default: [{ type: 'insecureAcceptAnything' }] }),
		'registries.conf': [
			'unqualified-search-registries = ["docker.io"]', 'short-name-mode = "disabled"',
			// This machine's own without TLS, as Docker takes them by itself.
			'[[registry]]', 'location = "127.0.0.1"', 'insecure = true',
		].join('\n'),
		'storage.conf': ['[storage]', 'driver = "overlay"', `graphroot = ${toml(join(folder, 'data'))}`, `runroot = ${toml(join(folder, 'run'))}`].join('\n'),
		'containers.conf': [
			// What it would set by itself may be more than its own limits are.
			'[containers]', 'default_ulimits = ["nofile=1024:1024", "nproc=30000:30000"]',
			'[engine]', 'cgroup_manager = "cgroupfs"', 'events_logger = "file"', 'lock_type = "file"', 'runtime = "runc"',
			`tmp_dir = ${toml(join(folder, 'tmp'))}`, `volume_path = ${toml(join(folder, 'volumes'))}`,
			`conmon_path = ${toml([join(programs, 'usr/bin/conmon')])}`,
			// When a container ends, conmon calls podman, which has to find all this again.
			`conmon_env_vars = ${toml(Object.entries(own).map(([name, value]) => `${name}=${value}`))}`,
			`helper_binaries_dir = ${toml([join(programs, 'usr/lib/podman')])}`,
			'[engine.runtimes]', `runc = ${toml([join(programs, 'usr/sbin/runc')])}`,
			'[network]', 'network_backend = "netavark"', `network_config_dir = ${toml(join(folder, 'networks'))}`,
		].join('\n'),
	};
	for (const [name, text] of Object.entries(files)) {
		await writeFile(settings(name), text);
	}
	const environment = { ...process.env, ...own };
	const podman = join(programs, 'usr/bin/podman');
	return bringUp({
		folder, environment, kept: at !== undefined, nameOf: version => `podman-${/^\d+\.\d+/.exec(version)[0]}`,
		command: [podman, 'system', 'service', '--time=0', `unix://${join(folder, 'd.sock')}`],
		// Its containers are nobody's children: they would outlive it.
		beforeStop: () => run(podman, ['rm', '--all', '--force', '--time=0'], { env: environment }).catch(() => {}),
	});
}
