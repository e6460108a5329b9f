import assert from 'node:assert/strict';
import { join } from 'node:path';
import { SecretError, type SecretSource } from '../../../src/core/build/secretSource';
import { lendToRun } from '../../../src/services/lendToRun';
import { describeSecretError } from '../../../src/words/build';
import { english } from '../../../src/words/translate';
import { withFolder } from '../build/withFolder';
import { lines, resolved } from '../dockerfile/draw';

const asking = resolved(lines('FROM a', 'RUN --mount=type=secret,id=t --mount=type=ssh true'));
const world = { env: { TOKEN: 'hunter2', SSH_AUTH_SOCK: '/run/agent' }, platform: 'linux' } as const;

async function lent(secrets: Readonly<Record<string, SecretSource>>, sshAgent = false, resolvedDockerfile = asking): Promise<unknown> {
	const { secrets: contents, ...rest } = await lendToRun(resolvedDockerfile, { secrets, sshAgent }, world) ?? { secrets: {}, nothing: true };
	return { ...rest, secrets: Object.fromEntries(Object.entries(contents).map(([id, bytes]) => [id, Buffer.from(bytes).toString()])) };
}

/** The sentence that a person reads. */
const refused = (source: SecretSource): Promise<string> => lent({ t: source }).then(() => 'lent', (error: unknown) => {
	assert.ok(error instanceof SecretError, String(error));
	assert.doesNotMatch(error.message, /hunter2/);
	return describeSecretError(error, english);
});

describe('lendToRun', () => {
	it('reads a secret from its file or variable', () => withFolder({ npmrc: 'from a file\n' }, async folder => {
		assert.deepEqual(await lent({ t: { kind: 'file', path: join(folder, 'npmrc') } }), { secrets: { t: 'from a file\n' }, sshAgent: undefined });
		assert.deepEqual(await lent({ t: { kind: 'environment', name: 'TOKEN' } }), { secrets: { t: 'hunter2' }, sshAgent: undefined });
	}));

	it('reads nothing that no RUN of the build mounts', async () => {
		const nowhere = { kind: 'file', path: '/nowhere' } as const;
		assert.deepEqual(await lent({ other: nowhere }), { secrets: {}, sshAgent: undefined });
		assert.deepEqual(await lent({ t: nowhere }, true, resolved('FROM a\nRUN true\n')), { secrets: {}, nothing: true });
		assert.deepEqual(await lent({ t: { kind: 'none' } }), { secrets: {}, sshAgent: undefined });
	});

	it('lends the SSH agent only where that was allowed and asked for', async () => {
		assert.deepEqual(await lent({}, true), { secrets: {}, sshAgent: '/run/agent' });
		assert.deepEqual(await lent({}, true, resolved('FROM a\nRUN --mount=type=secret,id=t true\n')), { secrets: {}, sshAgent: undefined });
	});

	it('says which secret cannot be had, and where it should come from', () => withFolder({ long: Buffer.alloc(500 * 1024 + 1), most: Buffer.alloc(500 * 1024) }, async folder => {
		assert.equal(await refused({ kind: 'file', path: '/nowhere' }), 'Secret t should come from /nowhere, which is not there. Choose where it comes from.');
		assert.equal(await refused({ kind: 'environment', name: 'NOTHING' }),
			'Secret t should come from the environment variable NOTHING, which has no value here. Set it before the editor starts, or choose a file.');
		assert.equal(await refused({ kind: 'file', path: folder }), `Secret t should come from ${folder}, which cannot be read. Choose a file that can.`);
		assert.match(await refused({ kind: 'file', path: join(folder, 'long') }), /longer than the 500 KiB/);
		assert.match(await refused({ kind: 'file', path: '/dev/zero' }), /longer than the 500 KiB/);
		assert.equal(await refused({ kind: 'file', path: join(folder, 'most') }), 'lent');
	}));
});
