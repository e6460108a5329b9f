import assert from 'node:assert/strict';
import type { TransferMessage } from '../../../src/core/engine/engine';
import { loadedImages } from '../../../src/core/loadedImages';
import { RegistryError, registryErrorReason } from '../../../src/core/registryError';
import { endTransfer, foldTransfer, noProgress, transferSaving, type TransferProgress } from '../../../src/core/transfer';
import { RegistryAccess, type SecretStore } from '../../../src/services/registryAccess';
import { describeRegistryError } from '../../../src/words/registryError';
import { transferLayerRow, transferResult, transferRow } from '../../../src/words/transfer';
import { english } from '../../../src/words/translate';

const folded = (messages: readonly TransferMessage[], start = noProgress): TransferProgress => messages.reduce(foldTransfer, start);
const drawn = ({ layers }: TransferProgress): string => layers.map((layer, at) => transferLayerRow(layer, { at: at + 1, of: layers.length }, english)).map(({ label, description }) => `${label} ${description}`).join('\n');

describe('messages of a pull become layers', () => {
	const begun: readonly TransferMessage[] = [
		{ status: 'Pulling from library/web', id: '1.27' },
		{ status: 'Already exists', progressDetail: {}, id: 'aaa' },
		{ status: 'Pulling fs layer', progressDetail: {}, id: 'bbb' },
		{ status: 'Pulling fs layer', progressDetail: {}, id: 'ccc' },
		{ status: 'Waiting', progressDetail: {}, id: 'ccc' },
		{ status: 'Downloading', progressDetail: { current: 1_000_000, total: 3_000_000 }, id: 'bbb' },
	];

	it('each with its phase and bytes', () => {
		const progress = folded(begun);
		assert.equal(drawn(progress), 'aaa already there\nbbb downloading · 1 MB of 3 MB\nccc waiting');
		const later = folded([
			{ status: 'Verifying Checksum', progressDetail: {}, id: 'bbb' }, { status: 'Download complete', progressDetail: {}, id: 'bbb' },
			{ status: 'Extracting', progressDetail: { current: 65_536, total: 3_000_000 }, id: 'bbb' }, { status: 'Download complete', progressDetail: {}, id: 'ccc' },
		], progress);
		assert.equal(drawn(later), 'aaa already there\nbbb extracting · 65.5 kB of 3 MB\nccc downloaded');
		assert.equal(drawn(folded([{ status: 'Retrying in 5 seconds', progressDetail: {}, id: 'ccc' }, { status: 'Pull complete', progressDetail: {}, id: 'bbb' }], later)),
			'aaa already there\nbbb done · 3 MB\nccc broke off, trying again');
	});

	it('seconds of a containerd store are not taken for bytes', () => {
		const detail = { current: 2, units: 's' };
		assert.equal(drawn(folded([{ status: 'Extracting', progressDetail: detail, id: 'bbb' }])), 'bbb extracting');
	});

	it('a row says how far all of it is, and at its end what sharing saved', () => {
		const facts = { kind: 'pull', reference: 'web:1.27', platform: undefined, saving: undefined } as const;
		assert.equal(transferRow({ ...facts, state: 'running', progress: noProgress }, english).description, 'asking the registry');
		assert.equal(transferRow({ ...facts, state: 'running', progress: folded(begun) }, english).description, '1 of 3 layers · 1 MB');
		const whole = endTransfer(folded([{ status: `Digest: sha256:${'d'.repeat(64)}` }, { status: 'Download complete', id: 'bbb' }], folded(begun)), true);
		const saving = transferSaving('pull', whole, ['sha256:1', 'sha256:2', 'sha256:3'], [120e6, 9e6, 0]);
		assert.deepEqual(saving, { layers: 1, bytes: 120e6 });
		assert.equal(transferResult({ kind: 'pull', progress: whole, saving }, english), '2 new layers · 3 MB downloaded · 1 already there, 120 MB saved');
		assert.equal(transferRow({ ...facts, state: 'succeeded', progress: folded([{ status: 'Status: Image is up to date for web:1.27' }]) }, english).description, 'was up to date');
		assert.equal(drawn(endTransfer(folded(begun), false)), 'aaa already there\nbbb stopped · 1 MB of 3 MB\nccc stopped');
	});

	it('where the layers cannot be joined with the image\'s, what was saved is not claimed', () => {
		assert.deepEqual(transferSaving('pull', folded(begun), ['sha256:1'], [1]), { layers: 1, bytes: undefined });
		assert.deepEqual(transferSaving('push', folded([{ status: 'Layer already exists', id: '123456789012' }]), ['sha256:0', 'sha256:1234567890123'], [5, 7]), { layers: 1, bytes: 7 });
	});
});

describe('what engines say of registries, as sentences', () => {
	const cases: readonly (readonly [words: string, sentence: RegExp])[] = [
		['Head "http://127.0.0.1:5000/v2/a/manifests/1": no basic auth credentials', /^reg\.example\.org requires sign-in for reg\.example\.org\/a:1\. Sign in/],
		['unauthorized: authentication required', /requires sign-in/],
		['pull access denied for a, repository does not exist or may require \'docker login\': denied: requested access to the resource is denied', /has no reg\.example\.org\/a:1, or does not let you have it\./],
		['manifest for a:1 not found: manifest unknown: manifest unknown', /^reg\.example\.org has no reg\.example\.org\/a:1\. Check the name and the tag\.$/],
		['toomanyrequests: You have reached your pull rate limit.', /its limit is reached\. Sign in for a higher one, or wait\.$/],
		['Get "https://reg.example.org/v2/": x509: certificate signed by unknown authority', /^No secure connection from the engine to reg\.example\.org: .*certs\.d/],
		['Get "https://10.0.0.1:5000/v2/": http: server gave HTTP response to HTTPS client', /speaks plain HTTP.*insecure-registries/],
		['Get "https://reg.example.org/v2/": dial tcp: lookup reg.example.org: no such host', /does not reach reg\.example\.org/],
		['Get "https://reg.example.org/v2/": net/http: TLS handshake timeout', /does not reach/],
		['unexpected EOF', /broke \(unexpected EOF\)\. Nothing half is kept; try again\.$/],
		['no matching manifest for linux/s390x in the manifest list entries', /is not there for this platform.*Choose another platform\.$/],
		['something nobody has seen', /^reg\.example\.org\/a:1: something nobody has seen$/],
	];
	for (const [words, sentence] of cases) {
		it(words, () => {
			assert.match(describeRegistryError(new RegistryError(registryErrorReason(words), 'reg.example.org/a:1', words), english), sentence);
		});
	}

	it('calls the default registry by its name', () => {
		assert.match(describeRegistryError(new RegistryError('notFound', 'web:1', ''), english), /^Docker Hub has no web:1\./);
		assert.match(describeRegistryError(new RegistryError('notFound', 'team/web:1', ''), english), /^Docker Hub has no team\/web:1\./);
	});
});

describe('what is shown to registries', () => {
	const secrets = (): SecretStore & { readonly kept: Map<string, string> } => {
		const kept = new Map<string, string>();
		return {
			kept, get: key => Promise.resolve(kept.get(key)), store: (key, value) => Promise.resolve(void kept.set(key, value)), delete: key => Promise.resolve(void kept.delete(key)),
		};
	};
	const config = JSON.stringify({ auths: { 'reg.example.org': { auth: Buffer.from('cli:cli-word').toString('base64') } } });
	const world = { env: {}, homeDir: '/home/me', platform: 'linux' as const, readFile: () => Promise.resolve(Buffer.from(config)), askHelper: () => Promise.reject(new Error('none')) };

	it('is what the CLI has, until something was entered and kept here; each registry gets its own', async () => {
		const store = secrets();
		const access = new RegistryAccess(store, world);
		assert.equal((await access.credential('reg.example.org/a:1'))?.username, 'cli');
		assert.equal(await access.credential('other.example.org/a:1'), undefined);
		await access.keep('reg.example.org/a:1', { username: 'me', password: 'word', identityToken: undefined });
		await access.keep('web:1', { username: 'hub', password: 'word', identityToken: undefined });
		assert.deepEqual([(await access.credential('reg.example.org/b:2'))?.username, (await access.credential('docker.io/library/x'))?.username], ['me', 'hub']);
		assert.deepEqual(await access.registries(), ['https://index.docker.io/v1/', 'reg.example.org']);
		await access.forget('reg.example.org');
		assert.equal((await access.credential('reg.example.org/a:1'))?.username, 'cli');
		await access.forget('https://index.docker.io/v1/');
		assert.equal(store.kept.size, 0);
	});

	it('is nothing of a secret that cannot be read', async () => {
		const store = secrets();
		store.kept.set('strata.registries', '{"broken');
		assert.equal((await new RegistryAccess(store, world).credential('other.example.org/a:1')), undefined);
	});
});

describe('what a load says that it brought', () => {
	it('is the same from Docker and from Podman', () => {
		const told = (...streams: readonly string[]): readonly string[] => streams.flatMap(stream => loadedImages({ stream }));
		assert.deepEqual(told('Loaded image: web:1\n', 'Loaded image ID: sha256:ab\n', 'other words'), ['web:1', 'sha256:ab']);
		assert.deepEqual(told('Loaded image(s): docker.io/library/web:1,localhost/api:2'), ['web:1', 'localhost/api:2']);
	});
});
