import assert from 'node:assert/strict';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDockerEngine } from '../../../src/core/engine/dockerEngine';
import type { Endpoint } from '../../../src/core/engine/engine';
import { sshArguments } from '../../../src/core/engine/sshAgent';
import { startFakeEngine } from '../../support/fakeEngine';

/** Runs with a program `ssh` of our own on the path. */
async function withSsh(script: string, run: () => Promise<void>): Promise<void> {
	const folder = await mkdtemp(join(tmpdir(), 'strata-ssh-'));
	const path = process.env['PATH'];
	try {
		await writeFile(join(folder, 'ssh'), `#!${process.execPath}\n${script}`);
		await chmod(join(folder, 'ssh'), 0o755);
		process.env['PATH'] = `${folder}:${path}`;
		await run();
	} finally {
		process.env['PATH'] = path;
		await rm(folder, { recursive: true });
	}
}

const endpoint: Endpoint = { url: 'ssh://me@build.example:2222', origin: 'setting', name: undefined, tls: undefined };

describe('an engine behind ssh', () => {
	it('is reached by the arguments that the CLI uses', () => {
		const words = (url: string): string => sshArguments(url).join(' ').replace(/^.*BatchMode=yes /, '');
		assert.equal(words('ssh://host'), '-- host docker system dial-stdio');
		assert.equal(words('ssh://me@host:2222'), '-l me -p 2222 -- host docker system dial-stdio');
		assert.equal(words('ssh://host/run/user/1000/docker.sock'), '-- host docker --host=unix:///run/user/1000/docker.sock system dial-stdio');
		assert.equal(words('ssh://host/a%20b\'c'), '-- host docker --host=unix://\'/a b\'\\\'\'c\' system dial-stdio');
	});

	for (const url of ['ssh://', 'ssh://-oProxyCommand=x', 'ssh://me:secret@host', 'nonsense']) {
		it(`does not run ssh for ${url}`, () => {
			assert.throws(() => sshArguments(url), { reason: 'badRequest' });
		});
	}

	it('speaks through the pipe, several calls at a time, and streams', async () => {
		await using fake = await startFakeEngine();
		fake.on('GET /images/*/get', (_request, response) => { response.end(Buffer.alloc(3_000_000, 'x')); });
		const pipe = `
			const socket = require('node:net').connect(${JSON.stringify(fake.endpoint.url.slice('unix://'.length))});
			process.stdin.pipe(socket).pipe(process.stdout);`;
		await withSsh(pipe, async () => {
			const engine = await createDockerEngine(endpoint);
			assert.equal((await engine.info()).id, 'fake');
			let bytes = 0;
			for await (const chunk of await engine.saveImage('a', new AbortController().signal)) {
				bytes += (chunk as Buffer).length;
			}
			assert.equal(bytes, 3_000_000);
			const events = engine.events(new AbortController().signal)[Symbol.asyncIterator]();
			const next = events.next();
			await fake.requested(/events/);
			fake.emit({ Type: 'image', Action: 'tag' });
			assert.equal((await next).value.action, 'tag');
			await events.return?.();
		});
	});

	it('signs in once for questions that follow each other, and a few times for many at once', async () => {
		await using fake = await startFakeEngine();
		const count = join(tmpdir(), `strata-ssh-count-${process.pid}`);
		const pipe = `
			require('node:fs').appendFileSync(${JSON.stringify(count)}, 'x');
			const socket = require('node:net').connect(${JSON.stringify(fake.endpoint.url.slice('unix://'.length))});
			process.stdin.pipe(socket).pipe(process.stdout);`;
		await withSsh(pipe, async () => {
			try {
				const engine = await createDockerEngine(endpoint);
				const greeting = (await readFile(count)).length;
				for (let times = 0; times < 3; times++) {
					await engine.images();
				}
				assert.equal((await readFile(count)).length - greeting, 1);
				await Promise.all(Array.from({ length: 12 }, () => engine.images()));
				assert.equal((await readFile(count)).length - greeting, 4);
			} finally {
				await rm(count);
			}
		});
	});

	it('says ssh\'s own words where that fails', async () => {
		await withSsh('process.stderr.write("Permission denied (publickey).\\n"); process.exitCode = 255;', async () => {
			await assert.rejects(createDockerEngine(endpoint), { reason: 'unreachable', message: 'Permission denied (publickey).', subject: endpoint.url });
		});
	});
});
