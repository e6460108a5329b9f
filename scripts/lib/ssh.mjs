import { chmod, copyFile, readFile, writeFile } from 'node:fs/promises';
import { spawn } from 'node:child_process';
import { basename, join } from 'node:path';
import { librariesIn, unpacked } from './debian.mjs';
import { run } from './run.mjs';

/**
 * OpenSSH on this machine's loopback, as Debian has it: a server at `port` that lets one key in as this user, and in
 * `folder` a program `ssh` that knows nothing but that key, the server's, and its own settings. `path` is what the far
 * shell finds programs on. It has passwords and a /run of its own: the machine's are only seen, never changed.
 */
export async function startSshServer({ folder, port, path }) {
	const { programs, env } = await openssh();
	const at = name => join(folder, name);
	for (const key of ['host', 'own', 'stranger']) {
		await run(join(programs, 'usr/bin/ssh-keygen'), ['-q', '-t', 'ed25519', '-N', '', '-f', at(key)], { env });
	}
	const [type, hostKey] = (await readFile(at('host.pub'), 'utf8')).split(' ');
	const passwords = (await readFile('/etc/passwd', 'utf8')).split('\n').filter(line => line && !line.startsWith('sshd:'));
	const files = {
		passwd: [...passwords, 'sshd:x:65533:65534::/run/sshd:/usr/sbin/nologin', ''],
		authorized: [await readFile(at('own.pub'), 'utf8')],
		known: [`[127.0.0.1]:${port} ${type} ${hostKey}`, ''],
		sshd_config: [
			`ListenAddress 127.0.0.1:${port}`, `HostKey ${at('host')}`, `AuthorizedKeysFile ${at('authorized')}`, 'StrictModes no', 'UsePAM no', 'PidFile none',
			'PermitRootLogin prohibit-password', 'PasswordAuthentication no', 'KbdInteractiveAuthentication no', `SetEnv PATH=${path}`, '',
		],
		ssh_config: [
			'Host *', `IdentityFile ${at('own')}`, 'IdentitiesOnly yes', `UserKnownHostsFile ${at('known')}`, 'GlobalKnownHostsFile /dev/null',
			'StrictHostKeyChecking yes', '',
		],
		ssh: ['#!/bin/sh', `LD_LIBRARY_PATH=${env.LD_LIBRARY_PATH} exec ${join(programs, 'usr/bin/ssh')} -F ${at('ssh_config')} "$@"`, ''],
		// In a mount namespace, where the folder and the user that sshd wants are ours alone.
		start: [
			'mount -t tmpfs none /run', 'mkdir -p /run/sshd', `mount --bind ${at('passwd')} /etc/passwd`,
			`exec ${join(programs, 'usr/sbin/sshd')} -D -e -f ${at('sshd_config')}`, '',
		],
	};
	for (const [name, lines] of Object.entries(files)) {
		await writeFile(at(name), lines.join('\n'));
	}
	await chmod(at('ssh'), 0o755);
	const child = spawn('unshare', ['--mount', '--propagation', 'private', 'sh', '-e', at('start')], { env, stdio: ['ignore', 'ignore', 'pipe'] });
	let said = '';
	const ended = new Promise(resolve => { child.once('exit', resolve); });
	const listening = new Promise(resolve => {
		child.stderr.on('data', chunk => {
			said += chunk;
			if (said.includes('Server listening on')) {
				resolve(true);
			}
		});
	});
	if (!await Promise.race([listening, ended.then(() => false)])) {
		throw new Error(`The ssh server did not start.\n${said}`);
	}
	return {
		use: async key => { await writeFile(at('ssh_config'), files.ssh_config.join('\n').replace(`${at('own')}\n`, `${at(key)}\n`)); },
		async stop() {
			child.kill();
			await ended;
		},
	};
}

/**
 * An SSH agent of its own in `folder`, with one key. `copyClient` puts `ssh-add` with its libraries and its loader into
 * a folder: enough to ask an agent, in an image that has nothing.
 */
export async function startSshAgent(folder) {
	const { programs, env } = await openssh();
	const [socket, key] = ['agent', 'agent-key'].map(name => join(folder, name));
	await run(join(programs, 'usr/bin/ssh-keygen'), ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', key], { env });
	const agent = spawn(join(programs, 'usr/bin/ssh-agent'), ['-D', '-a', socket], { env, stdio: ['ignore', 'pipe', 'inherit'] });
	// It says where it listens once it does.
	await new Promise((resolve, reject) => {
		agent.stdout.once('data', resolve);
		agent.once('exit', code => { reject(new Error(`The SSH agent did not start: ${code}.`)); });
	});
	const client = join(programs, 'usr/bin/ssh-add');
	await run(client, ['-q', key], { env: { ...env, SSH_AUTH_SOCK: socket } });
	return {
		socket,
		publicKey: (await readFile(`${key}.pub`, 'utf8')).trim(),
		async copyClient(to) {
			const libraries = [...(await run('ldd', [client], { env })).matchAll(/(\/\S+) \(0x/g)].map(([, path]) => path);
			await Promise.all([client, ...libraries].map(path => copyFile(path, join(to, basename(path)))));
		},
		async stop() {
			agent.kill();
			await new Promise(resolve => { agent.once('exit', resolve); });
		},
	};
}

/** OpenSSH's programs as Debian has them, and the environment that they run in. */
async function openssh() {
	const programs = await unpacked('bookworm', 'openssh', [
		'openssh-server', 'openssh-client', 'libwrap0', 'libnsl2', 'libtirpc3', 'libgssapi-krb5-2', 'libkrb5-3', 'libk5crypto3',
		'libkrb5support0', 'libkeyutils1', 'libssl3', 'libaudit1', 'libcap-ng0',
	]);
	return { programs, env: { ...process.env, LD_LIBRARY_PATH: await librariesIn([programs]) } };
}
