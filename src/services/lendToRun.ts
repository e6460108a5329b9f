import { open } from 'node:fs/promises';
import type { BuildOptions } from '../core/build/buildOptions';
import { SecretError, type SecretSource } from '../core/build/secretSource';
import type { ResolvedDockerfile } from '../core/dockerfile/resolved';
import { runWants } from '../core/dockerfile/runWants';
import { longestSecret, type LentToRun } from '../core/engine/engine';

/** Where secrets and the SSH agent are looked for. */
export interface LendingWorld {
	readonly env: Readonly<Record<string, string | undefined>>;
	readonly platform: NodeJS.Platform;
}

/**
 * What the RUNs of a build are lent: the secrets that they mount, of those that have a source, and the SSH agent if it
 * was allowed. Nothing else is read. Undefined where no RUN asks for anything. Throws `SecretError`.
 */
export async function lendToRun(resolved: ResolvedDockerfile, { secrets, sshAgent }: Pick<BuildOptions, 'secrets' | 'sshAgent'>, world: LendingWorld): Promise<LentToRun | undefined> {
	const wanted = runWants(resolved);
	if (wanted.secrets.length === 0 && wanted.sshLine === undefined) {
		return undefined;
	}
	const sources = new Map(Object.entries(secrets));
	const contents = await Promise.all(wanted.secrets.map(async ({ id }) => {
		const content = await contentOf(id, sources.get(id) ?? { kind: 'none' }, world);
		return content === undefined ? [] : [[id, content] as const];
	}));
	return { secrets: Object.fromEntries(contents.flat()), sshAgent: sshAgent && wanted.sshLine !== undefined ? sshAgentPath(world) : undefined };
}

/** Where this machine's SSH agent listens, as OpenSSH's clients find it; undefined where none is known. */
export function sshAgentPath({ env, platform }: LendingWorld): string | undefined {
	return env['SSH_AUTH_SOCK'] || (platform === 'win32' ? '\\\\.\\pipe\\openssh-ssh-agent' : undefined);
}

async function contentOf(id: string, source: SecretSource, { env }: LendingWorld): Promise<Uint8Array | undefined> {
	switch (source.kind) {
		case 'none':
			return undefined;
		case 'environment': {
			const value = env[source.name];
			if (value === undefined) {
				throw new SecretError('unsetVariable', id, source.name);
			}
			return bounded(id, source.name, Buffer.from(value));
		}
		case 'file':
			return bounded(id, source.path, await beginning(id, source.path));
	}
}

/** The file, or as much of it as tells that it is too long: it may be a device without an end. */
async function beginning(id: string, path: string): Promise<Uint8Array> {
	try {
		await using file = await open(path);
		const buffer = Buffer.alloc(longestSecret + 1);
		let length = 0;
		for (let read = -1; read !== 0 && length < buffer.length; length += read) {
			({ bytesRead: read } = await file.read(buffer, length, buffer.length - length));
		}
		return buffer.subarray(0, length);
	} catch (cause) {
		const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
		throw new SecretError(code === 'ENOENT' || code === 'ENOTDIR' ? 'missingFile' : 'unreadable', id, path, { cause });
	}
}

function bounded(id: string, place: string, content: Uint8Array): Uint8Array {
	if (content.length > longestSecret) {
		throw new SecretError('tooLong', id, place);
	}
	return content;
}
