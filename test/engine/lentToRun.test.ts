import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { whyNotRootOnDebian } from '../../scripts/lib/debian.mjs';
import { startSshAgent } from '../../scripts/lib/ssh.mjs';
import type { SecretSource } from '../../src/core/build/secretSource';
import { baseImage, forEachEngine } from '../support/engines';
import { traitsOf } from '../support/engineTraits';
import { sayWithout } from '../support/sayWithout';
import { withFolder } from '../unit/build/withFolder';
import { drawLayers, inWorkshop, outputOf } from './buildHarness';

describe('what a build lends to RUN', function () {
	this.timeout(60_000);
	forEachEngine((engine, test) => {
		if (!traitsOf(test).builders.includes('buildkit')) {
			return;
		}

		const npmrc = (more = ''): string => `FROM ${baseImage}\nRUN --mount=type=secret,id=npmrc${more} echo NONCE; wc -c /run/secrets/npmrc; md5sum < /run/secrets/npmrc || echo no secret\n`;

		it('is the secret that a line mounts, and no layer keeps it', () => inWorkshop(engine(), 'buildkit', { Dockerfile: npmrc(',required=true') }, async workshop => {
			const { folder, build } = workshop;
			await writeFile(join(folder, 'npmrc'), 'hunter2');
			await workshop.write('.dockerignore', 'npmrc\n');
			const source: SecretSource = { kind: 'file', path: join(folder, 'npmrc') };
			const built = await build({ secrets: { npmrc: source } });
			assert.match(outputOf(built), /7 \/run\/secrets\/npmrc\n2ab96390c7dbe3439de74d0c9b0b1767/);
			assert.doesNotMatch(JSON.stringify(built.record), /hunter2/);
			let saved = '';
			for await (const chunk of await engine().saveImage(built.run.imageId!, new AbortController().signal)) {
				saved += (chunk as Buffer).toString('latin1');
			}
			assert.doesNotMatch(saved, /hunter2/);
			await writeFile(join(folder, 'npmrc'), 'another');
			assert.deepEqual(drawLayers(await build({ secrets: { npmrc: source } })), ['2 cached'], 'what a secret holds is no input of the cache');
		}));

		it('is nothing where nothing is lent: the line runs without, or says what it requires', () => inWorkshop(engine(), 'buildkit', { Dockerfile: npmrc('') }, async ({ build, write }) => {
			const without = await build();
			assert.deepEqual([without.run.state, drawLayers(without)], ['succeeded', ['2 ran']]);
			assert.match(outputOf(without), /no secret/);
			await write('Dockerfile', npmrc(',required=true'));
			const { run } = await build({ secrets: { other: { kind: 'environment', name: 'HOME' } } });
			assert.equal(run.state, 'failed');
			assert.match(run.error!.message, /secret npmrc(?: not found)?: not found/);
		}));

		it('is the SSH agent, if that was allowed', () => inWorkshop(engine(), 'buildkit', {
			Dockerfile: `FROM ${baseImage}\nCOPY client /client\nRUN --mount=type=ssh echo NONCE; /client/ld-linux* --library-path /client /client/ssh-add -L || echo no agent\n`,
		}, async ({ folder, build }) => {
			const why = await whyNotRootOnDebian();
			if (why !== undefined) {
				sayWithout(`an SSH agent, because ${why}`);
				return;
			}
			const own = process.env['SSH_AUTH_SOCK'];
			await withFolder({}, async agentFolder => {
				const agent = await startSshAgent(agentFolder);
				try {
					await mkdir(join(folder, 'client'));
					await agent.copyClient(join(folder, 'client'));
					process.env['SSH_AUTH_SOCK'] = agent.socket;
					assert.ok(outputOf(await build({ sshAgent: true })).includes(agent.publicKey));
					assert.match(outputOf(await build({ sshAgent: false, noCache: true })), /no agent/);
				} finally {
					if (own === undefined) {
						delete process.env['SSH_AUTH_SOCK'];
					} else {
						process.env['SSH_AUTH_SOCK'] = own;
					}
					await agent.stop();
				}
			});
		}));
	});
});
