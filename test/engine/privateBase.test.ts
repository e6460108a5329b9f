import assert from 'node:assert/strict';
import { traitsOf } from '../support/engineTraits';
import { buildMessages, forEachBuilder } from '../support/engines';
import { startFakeRegistry } from '../support/fakeRegistry';

describe('A build on a private base', () => {
	forEachBuilder((engine, builder, test) => {
		if (!traitsOf(test).reachesTests) {
			it('fails in the engine\'s words where its network does not reach the registry, and shows nobody a credential', async () => {
				await using ours = await startFakeRegistry('me:sécret', {}, (await engine().info()).architecture);
				const credentials = { [ours.host]: { username: 'me', password: 'sécret', identityToken: undefined } };
				const messages = await buildMessages(engine(), { Dockerfile: `FROM ${ours.host}/private/base:1\n` }, { builder, credentials, network: undefined });
				assert.match(messages.at(-1)?.error ?? '', /connect/);
				assert.deepEqual([...ours.shown], []);
			});
			return;
		}
		it('is let in with the credentials of each registry, and shows them to no other', async () => {
			const architecture = (await engine().info()).architecture;
			const files = { [`file-${process.pid}-${builder}`]: String(Date.now()) };
			await using ours = await startFakeRegistry('me:sécret', files, architecture);
			await using other = await startFakeRegistry('you:other', files, architecture);
			await using stranger = await startFakeRegistry('nobody:knows', files, architecture);
			const credentials = {
				[ours.host]: { username: 'me', password: 'sécret', identityToken: undefined },
				[other.host]: { username: 'you', password: 'other', identityToken: undefined },
			};
			const bases = [ours, other].map(({ host }) => `${host}/private/base:1`);
			const tags = [`strata-test/engine-private:${process.pid}-${builder}`];
			try {
				const messages = await buildMessages(engine(), { Dockerfile: `FROM ${bases[0]}\nCOPY --from=${bases[1]} / /other\n` }, { builder, credentials, tags, network: undefined });
				assert.equal(messages.find(({ error }) => error !== undefined)?.error, undefined);
				assert.deepEqual([...ours.shown].filter(isCredential), ['me:sécret']);
				assert.deepEqual([...other.shown].filter(isCredential), ['you:other']);

				const refused = await buildMessages(engine(), { Dockerfile: `FROM ${stranger.host}/private/base:1\n` }, { builder, credentials, network: undefined });
				assert.match(refused.at(-1)?.error ?? '', /unauthorized|authorization|auth|denied/);
				assert.ok(stranger.shown.size > 0);
				assert.deepEqual([...stranger.shown].filter(isCredential), []);
			} finally {
				for (const reference of [...tags, ...(builder === 'classic' ? bases : [])]) {
					await engine().removeImage(reference, { force: true }).catch(() => undefined);
				}
			}
		});
	});
});

/** Podman shows an empty name and password where it has none. */
function isCredential(shown: string): boolean {
	return shown !== 'nothing' && shown !== ':';
}
