import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { listEndpoints, resolveEndpoint } from '../../../src/core/engine/endpoint';
import type { EndpointWorld } from '../../../src/core/engine/endpointWorld';

type Files = Readonly<Record<string, string>>;

function machine(given: Partial<EndpointWorld> = {}, files: Files = {}): EndpointWorld {
	return {
		setting: undefined,
		env: {},
		homeDir: '/home/me',
		platform: 'linux',
		readFile: async path => path in files ? Buffer.from(files[path]!) : undefined,
		exists: async path => path in files,
		readFolder: async folder => [...new Set(Object.keys(files).filter(path => path.startsWith(`${folder}/`)).map(path => path.slice(folder.length + 1).split('/')[0]!))],
		...given,
	};
}

function context(name: string, docker: object, tls: Files = {}, folder = '/home/me/.docker'): Files {
	const id = createHash('sha256').update(name).digest('hex');
	return {
		[`${folder}/contexts/meta/${id}/meta.json`]: JSON.stringify({ Name: name, Metadata: {}, Endpoints: { docker } }),
		...Object.fromEntries(Object.entries(tls).map(([file, text]) => [`${folder}/contexts/tls/${id}/docker/${file}`, text])),
	};
}

const current = (name: string): Files => ({ '/home/me/.docker/config.json': JSON.stringify({ currentContext: name }) });

const found = async (world: EndpointWorld): Promise<string> => {
	const { origin, name, url, tls } = await resolveEndpoint(world);
	const material = tls && ` tls(${[tls.ca, tls.cert, tls.key].map(part => part?.toString() ?? '-').join(' ')}${tls.skipVerify ? ' unverified' : ''})`;
	return `${origin}${name === undefined ? '' : ` ${name}`}: ${url}${material ?? ''}`;
};

const everything: Files = {
	...current('work'),
	...context('work', { Host: 'tcp://work:2375' }),
	...context('home', { Host: 'ssh://me@home' }),
	'/var/run/docker.sock': '',
};

describe('resolveEndpoint', () => {
	it('takes the setting before all else', async () => {
		assert.equal(await found(machine({ setting: 'unix:///my.sock', env: { DOCKER_HOST: 'tcp://env:1' } }, everything)), 'setting: unix:///my.sock');
		assert.equal(await found(machine({ setting: 'build.example:2375' }, everything)), 'setting: tcp://build.example:2375');
		assert.equal(await found(machine({ setting: 'home' }, everything)), 'setting home: ssh://me@home');
		assert.equal(await found(machine({ setting: 'default' }, everything)), 'default: unix:///var/run/docker.sock');
	});

	it('then DOCKER_HOST, then DOCKER_CONTEXT, then the current context, then a socket', async () => {
		const env = { DOCKER_HOST: 'tcp://env:2375', DOCKER_CONTEXT: 'home' };
		assert.equal(await found(machine({ env }, everything)), 'environment: tcp://env:2375');
		assert.equal(await found(machine({ env: { DOCKER_CONTEXT: 'home' } }, everything)), 'dockerContext home: ssh://me@home');
		assert.equal(await found(machine({}, everything)), 'dockerContext work: tcp://work:2375');
		assert.equal(await found(machine({}, { ...everything, ...current('default') })), 'wellKnownSocket Docker: unix:///var/run/docker.sock');
		assert.equal(await found(machine({ env: { DOCKER_CONTEXT: 'default' } }, everything)), 'wellKnownSocket Docker: unix:///var/run/docker.sock');
	});

	it('reads DOCKER_HOST as the CLI does', async () => {
		assert.equal(await found(machine({ env: { DOCKER_HOST: '10.0.0.1:2375' } })), 'environment: tcp://10.0.0.1:2375');
		assert.equal(await found(machine({ env: { DOCKER_HOST: 'unix://' } })), 'environment: unix:///var/run/docker.sock');
		assert.equal(await found(machine({ env: { DOCKER_HOST: '' } })), 'default: unix:///var/run/docker.sock');
	});

	it('takes the certificates of the environment for TCP only', async () => {
		const files = { '/certs/ca.pem': 'CA', '/certs/cert.pem': 'CERT', '/certs/key.pem': 'KEY', '/home/me/.docker/ca.pem': 'OWN' };
		const env = { DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: '/certs' };
		assert.equal(await found(machine({ env: { ...env, DOCKER_HOST: 'tcp://e:2376' } }, files)), 'environment: tcp://e:2376 tls(CA CERT KEY)');
		assert.equal(await found(machine({ env: { DOCKER_TLS_VERIFY: '1', DOCKER_HOST: 'tcp://e:2376' } }, files)), 'environment: tcp://e:2376 tls(OWN - -)');
		assert.equal(await found(machine({ env: { DOCKER_TLS: '1', DOCKER_HOST: 'tcp://e:2376' } }, files)), 'environment: tcp://e:2376 tls(OWN - - unverified)');
		assert.equal(await found(machine({ env, setting: 'tcp://s:2376' }, files)), 'setting: tcp://s:2376 tls(CA CERT KEY)');
		assert.equal(await found(machine({ env: { ...env, DOCKER_HOST: 'unix:///d.sock' } }, files)), 'environment: unix:///d.sock');
	});

	it('takes a context\'s own certificates', async () => {
		const secure = { Host: 'tcp://s:2376', SkipTLSVerify: false };
		assert.equal(await found(machine({}, { ...current('s'), ...context('s', secure, { 'ca.pem': 'CA', 'cert.pem': 'CERT', 'key.pem': 'KEY' }) })), 'dockerContext s: tcp://s:2376 tls(CA CERT KEY)');
		assert.equal(await found(machine({}, { ...current('s'), ...context('s', { ...secure, SkipTLSVerify: true }) })), 'dockerContext s: tcp://s:2376 tls(- - - unverified)');
	});

	it('looks where DOCKER_CONFIG points', async () => {
		const files = { '/cfg/config.json': '{"currentContext":"x"}', ...context('x', { Host: 'tcp://x:1' }, {}, '/cfg') };
		assert.equal(await found(machine({ env: { DOCKER_CONFIG: '/cfg' } }, files)), 'dockerContext x: tcp://x:1');
	});

	for (const [how, world] of Object.entries({
		'by the setting': machine({ setting: 'gone' }, everything),
		'by DOCKER_CONTEXT': machine({ env: { DOCKER_CONTEXT: 'gone' } }, everything),
		'by the CLI': machine({}, { ...everything, ...current('gone') }),
		'and has no engine': machine({}, { ...everything, ...current('gone'), ...context('gone', {}) }),
	})) {
		it(`throws for a context that is named ${how} but is not there`, async () => {
			await assert.rejects(resolveEndpoint(world), { name: 'EngineError', reason: 'unknownContext', subject: 'gone' });
		});
	}

	it('goes on without a configuration that is no JSON', async () => {
		assert.equal(await found(machine({}, { '/home/me/.docker/config.json': '{"currentCon', '/var/run/docker.sock': '' })), 'wellKnownSocket Docker: unix:///var/run/docker.sock');
	});

	for (const [socket, name] of [
		['/run/user/1000/docker.sock', 'Docker rootless'],
		['/home/me/.docker/desktop/docker.sock', 'Docker Desktop'],
		['/home/me/.colima/default/docker.sock', 'Colima'],
		['/home/me/.orbstack/run/docker.sock', 'OrbStack'],
		['/home/me/.rd/docker.sock', 'Rancher Desktop'],
		['/run/user/1000/podman/podman.sock', 'Podman'],
		['/run/podman/podman.sock', 'Podman'],
	] as const) {
		it(`finds ${name} at ${socket}`, async () => {
			assert.equal(await found(machine({ env: { XDG_RUNTIME_DIR: '/run/user/1000' } }, { [socket]: '' })), `wellKnownSocket ${name}: unix://${socket}`);
		});
	}

	it('knows Windows\' pipes', async () => {
		const windows = { platform: 'win32', homeDir: 'C:\\Users\\me' } as const;
		assert.equal(await found(machine(windows)), 'default: npipe:////./pipe/docker_engine');
		assert.equal(await found(machine(windows, { '//./pipe/dockerDesktopLinuxEngine': '' })), 'wellKnownSocket Docker Desktop: npipe:////./pipe/dockerDesktopLinuxEngine');
		const files = { 'C:\\Users\\me\\.docker\\config.json': '{"currentContext":"w"}', [`C:\\Users\\me\\.docker\\contexts\\meta\\${createHash('sha256').update('w').digest('hex')}\\meta.json`]: '{"Endpoints":{"docker":{"Host":"npipe:////./pipe/w"}}}' };
		assert.equal(await found(machine(windows, files)), 'dockerContext w: npipe:////./pipe/w');
	});
});

describe('listEndpoints', () => {
	it('lists the one in force first and each engine once', async () => {
		const endpoints = await listEndpoints(machine({ env: { DOCKER_HOST: 'tcp://env:2375', XDG_RUNTIME_DIR: '/run/user/1' } }, {
			...everything,
			...context('same socket', { Host: 'unix:///var/run/docker.sock' }),
			...context('broken', {}),
			'/run/user/1/podman/podman.sock': '',
		}));
		assert.deepEqual(endpoints.map(({ origin, name, url }) => [origin, name, url].filter(Boolean).join(' ')), [
			'environment tcp://env:2375',
			'dockerContext home ssh://me@home',
			'dockerContext same socket unix:///var/run/docker.sock',
			'dockerContext work tcp://work:2375',
			'wellKnownSocket Podman unix:///run/user/1/podman/podman.sock',
		]);
	});

	it('lists what there is although the context in force is not there', async () => {
		const endpoints = await listEndpoints(machine({ setting: 'gone' }, everything));
		assert.deepEqual(endpoints.map(({ url }) => url), ['ssh://me@home', 'tcp://work:2375', 'unix:///var/run/docker.sock']);
	});
});
