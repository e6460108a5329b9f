import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { credentialsFor, registryName, type CredentialWorld } from '../../../src/core/engine/credentials';

function machine(config: object, answers: Readonly<Record<string, string>> = {}, asked: string[] = [], failures: unknown[] = []): CredentialWorld {
	return {
		env: {},
		homeDir: '/home/me',
		platform: 'linux',
		readFile: async path => path === '/home/me/.docker/config.json' ? Buffer.from(JSON.stringify(config)) : undefined,
		askHelper: async (helper, registry) => {
			asked.push(`${helper} ${registry}`);
			const answer = answers[`${helper} ${registry}`];
			if (answer === undefined) {
				throw new Error('credentials not found in native keychain');
			}
			return answer;
		},
		onHelperFailed: (helper, registry, cause) => failures.push(`${helper} ${registry} ${inspect(cause)}`),
	};
}

const login = (user: string, password: string) => ({ auth: Buffer.from(`${user}:${password}`).toString('base64') });
const helperAnswer = (Username: string, Secret: string) => JSON.stringify({ ServerURL: 'x', Username, Secret });

describe('credentialsFor', () => {
	it('reads the file, and only what was asked for', async () => {
		const world = machine({ auths: { 'registry.example': login('me', 'a:b'), 'other.example': login('you', 'secret') } });
		assert.deepEqual(await credentialsFor(['registry.example', 'public.example'], world), {
			'registry.example': { username: 'me', password: 'a:b', identityToken: undefined },
		});
	});

	it('knows Docker Hub by all its names', async () => {
		const world = machine({ auths: { 'https://index.docker.io/v1/': login('me', 'hub') } });
		for (const name of ['docker.io', 'index.docker.io', 'https://index.docker.io/v1/', 'registry-1.docker.io']) {
			assert.deepEqual(await credentialsFor([name], world), { 'https://index.docker.io/v1/': { username: 'me', password: 'hub', identityToken: undefined } }, name);
		}
	});

	it('finds a registry that the file writes as an address', async () => {
		const world = machine({ auths: { 'https://Registry.Example:5000/v2/': login('me', 'x') } });
		assert.deepEqual(Object.keys(await credentialsFor(['registry.example:5000'], world)), ['registry.example:5000']);
		assert.deepEqual(await credentialsFor(['registry.example'], world), {});
	});

	it('asks the helper of the registry, else the store, with each registry\'s own name', async () => {
		const asked: string[] = [];
		const world = machine(
			{ credsStore: 'desktop', credHelpers: { 'gcr.io': 'gcloud' }, auths: { 'gcr.io': {} } },
			{ 'gcloud gcr.io': helperAnswer('oauth', 'g'), 'desktop https://index.docker.io/v1/': helperAnswer('<token>', 't') },
			asked,
		);
		assert.deepEqual(await credentialsFor(['gcr.io', 'docker.io', 'gcr.io'], world), {
			'gcr.io': { username: 'oauth', password: 'g', identityToken: undefined },
			'https://index.docker.io/v1/': { username: '', password: '', identityToken: 't' },
		});
		assert.deepEqual(asked.sort(), ['desktop https://index.docker.io/v1/', 'gcloud gcr.io']);
	});

	it('goes on without a registry whose helper fails, and says which', async () => {
		const failures: unknown[] = [];
		assert.deepEqual(await credentialsFor(['a.example'], machine({ credsStore: 'gone' }, {}, [], failures)), {});
		assert.match(String(failures), /^gone a\.example Error: credentials not found/);
	});

	it('never repeats what a helper answered', async () => {
		const failures: unknown[] = [];
		await credentialsFor(['a.example'], machine({ credsStore: 'odd' }, { 'odd a.example': 'hunter2' }, [], failures));
		assert.equal(failures.length, 1);
		assert.doesNotMatch(String(failures), /hunter2/);
	});

	it('runs no helper whose name is a path', async () => {
		const asked: string[] = [];
		await credentialsFor(['a.example'], machine({ credsStore: '../../evil' }, {}, asked));
		assert.deepEqual(asked, []);
	});

	it('has none where the file is missing or odd', async () => {
		for (const config of [[], { auths: null }, { auths: { 'a.example': 7 } }, { auths: { 'a.example': { auth: '%%%' } } }, { credHelpers: 3 }]) {
			assert.deepEqual(await credentialsFor(['a.example'], machine(config)), {});
		}
	});
});

describe('registryName', () => {
	it('is the host and port', () => {
		assert.equal(registryName('https://Ghcr.io/v2/'), 'ghcr.io');
		assert.equal(registryName('localhost:5000'), 'localhost:5000');
	});
});
