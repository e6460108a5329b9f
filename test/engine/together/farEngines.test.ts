import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unpacked, whyNotRootOnDebian } from '../../../scripts/lib/debian.mjs';
import { startEngine, whyNoAddress, type StartedEngine } from '../../../scripts/lib/engines.mjs';
import { startSshServer, type SshServer } from '../../../scripts/lib/ssh.mjs';
import { createDockerEngine } from '../../../src/core/engine/dockerEngine';
import type { Endpoint, TlsMaterial } from '../../../src/core/engine/engine';
import { isEngineError } from '../../../src/core/engine/engineError';
import { describeEngineError } from '../../../src/words/engine';
import { english } from '../../../src/words/translate';
import { certificate, type Certificate } from '../../support/certificate';
import { baseImage, buildImage, endpointOf, testEngines } from '../../support/engines';
import { freePort } from '../../support/registry';
import { sayWithout } from '../../support/sayWithout';

const at = (url: string, tls?: TlsMaterial): Endpoint => ({ url, origin: 'setting', name: undefined, tls });

/** What a person reads when there is no connection. */
async function refusal(endpoint: Endpoint): Promise<string> {
	const failure: unknown = await createDockerEngine(endpoint).then(engine => engine.info(), (cause: unknown) => cause);
	assert.ok(isEngineError(failure), String(failure));
	return describeEngineError(failure, english).message.replace(endpoint.url, 'it');
}

describe('an engine behind a real ssh', function () {
	this.timeout(120_000);
	const [near] = testEngines();
	const path = process.env['PATH'];
	let folder = '';
	let server: SshServer | undefined;
	let url = '';
	before(async () => {
		const why = await whyNotRootOnDebian();
		folder = await mkdtemp(join(tmpdir(), 'strata-ssh-'));
		if (why !== undefined) {
			sayWithout(`an ssh server, because ${why}`);
			return;
		}
		const docker = join(await unpacked('bookworm', 'docker', ['docker.io', 'containerd', 'libdevmapper1.02.1']), 'usr/bin');
		const port = await freePort();
		server = await startSshServer({ folder, port, path: `${docker}:/usr/bin:/bin` });
		url = `ssh://root@127.0.0.1:${port}${near!.host.replace('unix://', '')}`;
		process.env['PATH'] = `${folder}:${path}`;
	});
	after(async () => {
		process.env['PATH'] = path;
		await server?.stop();
		await rm(folder, { recursive: true });
	});

	it('is the same engine: it answers, builds, saves and tells what happens', async () => {
		if (server === undefined) {
			return;
		}
		const engine = await createDockerEngine(at(url));
		assert.deepEqual(await engine.info(), await (await createDockerEngine(endpointOf(near!))).info());
		const abort = new AbortController();
		const events = engine.events(abort.signal)[Symbol.asyncIterator]();
		const first = events.next();
		const reference = `strata-test/ssh-${process.pid}:1`;
		const id = await buildImage(engine, { Dockerfile: `FROM ${baseImage}\nLABEL ssh=${process.pid}\n` }, { tags: [reference], builder: 'classic' });
		try {
			let bytes = 0;
			for await (const chunk of await engine.saveImage(reference, abort.signal)) {
				bytes += (chunk as Buffer).length;
			}
			assert.ok(bytes > 1_000_000, `${bytes}`);
			assert.equal((await first).done, false);
		} finally {
			abort.abort();
			await engine.removeImage(id, { force: true });
		}
	});

	it('takes many questions at once', async () => {
		if (server === undefined) {
			return;
		}
		const engine = await createDockerEngine(at(url));
		const answers = await Promise.all(Array.from({ length: 8 }, () => engine.image(baseImage)));
		assert.equal(new Set(answers.map(({ id }) => id)).size, 1);
	});

	it('says in ssh\'s words why there is no way', async () => {
		if (server === undefined) {
			return;
		}
		await server.use('stranger');
		assert.match(await refusal(at(url)), /^No way to it\. ssh says: .*Permission denied \(publickey\)\. Try it in a terminal/);
		await server.use('own');
		assert.match(await refusal(at(url.replace('127.0.0.1', 'localhost'))), /ssh says: [^]*Host key verification failed\./);
		assert.match(await refusal(at(url.replace(/:\d+\//, ':1/'))), /ssh says: .*Connection refused/);
		assert.match(await refusal(at(`${url}-none`)), /^No way to it\. ssh says: /);
	});
});

describe('an engine behind TLS', function () {
	this.timeout(120_000);
	const authority = certificate('authority');
	const another = certificate('another authority');
	let folder = '';
	let engine: StartedEngine | undefined;
	let url = '';
	before(async () => {
		const why = await whyNotRootOnDebian() ?? whyNoAddress();
		folder = await mkdtemp(join(tmpdir(), 'strata-tls-'));
		if (why !== undefined) {
			sayWithout(`an engine behind TLS, because ${why}`);
			return;
		}
		const port = await freePort();
		const own = certificate('engine', { by: authority });
		for (const [name, text] of [['ca', authority.cert], ['cert', own.cert], ['key', own.key]] as const) {
			await writeFile(join(folder, name), text);
		}
		url = `tcp://127.0.0.1:${port}`;
		engine = await startEngine('28.5', {
			hosts: [url], settings: { tls: true, tlsverify: true, tlscacert: join(folder, 'ca'), tlscert: join(folder, 'cert'), tlskey: join(folder, 'key') },
		});
	});
	after(async () => {
		await engine?.stop();
		await rm(folder, { recursive: true });
	});

	const material = (client: Certificate | undefined, ca = authority): TlsMaterial => ({
		ca: Buffer.from(ca.cert), cert: client && Buffer.from(client.cert), key: client && Buffer.from(client.key), skipVerify: false,
	});

	it('lets in whom its authority has signed, and says to the others why not, each in a sentence of its own', async () => {
		if (engine === undefined) {
			return;
		}
		const ours = certificate('client', { by: authority });
		assert.equal((await (await createDockerEngine(at(url, material(ours)))).image(baseImage)).references[0], baseImage);
		assert.match(await refusal(at(url, material(ours, another))), /^No secure connection to it: nobody named in ca\.pem has signed its certificate\./);
		assert.match(await refusal(at(url, material(undefined))), /: it wants to see a certificate of yours\./);
		assert.match(await refusal(at(url, material(certificate('client', { by: another })))), /: it does not accept your cert\.pem/);
		assert.match(await refusal(at(url, material(certificate('client', { by: authority, hasEnded: true })))), /: your cert\.pem is not valid any more\./);
		assert.match(await refusal(at(url.replace('127.0.0.1', 'localhost'), material(ours))), /: its certificate is for another address\./);
		assert.match(await refusal(at(url)), /No secure connection to it: .*HTTP request to an HTTPS server/);
	});
});
