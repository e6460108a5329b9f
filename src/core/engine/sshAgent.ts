import { spawn } from 'node:child_process';
import { Agent } from 'node:http';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { EngineError } from './engineError';

/**
 * Connections to an engine on another machine through the system's `ssh`, as the Docker CLI makes them: `docker system
 * dial-stdio` there is a pipe to the engine's socket. So `~/.ssh/config`, agents, jump hosts and known hosts all hold.
 */
export interface SshAgents {
	/** For questions that are answered at once. A sign-in takes a second, so a connection is kept for the next of them. */
	readonly brief: Agent;
	/** For whatever may last: a connection for each. */
	readonly lasting: Agent;
}

export function sshAgents(url: string): SshAgents {
	const args = sshArguments(url);
	// Typed as a socket, used as the duplex stream that it is.
	const connected = (agent: Agent): Agent => Object.assign(agent, { createConnection: () => new SshConnection(args, url) });
	return { brief: connected(new Agent({ keepAlive: true, maxSockets: mostBrief })), lasting: connected(new Agent({ keepAlive: false })) };
}

/** OpenSSH's server may turn away whoever comes while ten are signing in (sshd_config, MaxStartups). */
const mostBrief = 4;

/** How long a connection waits for another question. */
const idleMs = 30_000;

/** `ssh://user@host:port/path` → the arguments of `ssh`. Throws `badRequest` for a URL that is none. */
export function sshArguments(url: string): readonly string[] {
	const parsed = URL.canParse(url) ? new URL(url) : undefined;
	// A host that begins with a dash would be an option to ssh.
	if (!parsed?.hostname || parsed.hostname.startsWith('-') || parsed.password !== '') {
		throw new EngineError('badRequest', url, url);
	}
	const socket = parsed.pathname.replace(/^\/$/, '');
	return [
		'-T', '-o', 'ConnectTimeout=30', '-o', 'BatchMode=yes',
		...(parsed.username === '' ? [] : ['-l', decodeURIComponent(parsed.username)]),
		...(parsed.port === '' ? [] : ['-p', parsed.port]),
		'--', parsed.hostname.replace(/^\[|\]$/g, ''),
		'docker', ...(socket === '' ? [] : [`--host=unix://${quoted(decodeURIComponent(socket))}`]), 'system', 'dial-stdio',
	];
}

/** The far shell reads the words again. */
function quoted(text: string): string {
	return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll('\'', '\'\\\'\'')}'`;
}

/** One `ssh` as a two-way stream. */
class SshConnection extends Duplex {
	private readonly ssh;
	private words = '';
	private idle: NodeJS.Timeout | undefined;

	constructor(args: readonly string[], url: string) {
		super();
		this.ssh = spawn('ssh', args, { stdio: 'pipe', windowsHide: true });
		this.ssh.stdout.on('data', (chunk: Buffer) => {
			if (!this.push(chunk)) {
				this.ssh.stdout.pause();
			}
		});
		this.ssh.stderr.on('data', (chunk: Buffer) => { this.words = (this.words + chunk.toString('utf8')).slice(-2000); });
		this.ssh.stdin.on('error', () => undefined);
		this.ssh.on('error', cause => this.destroy(new EngineError('unreachable', cause.message, url, { cause })));
		this.ssh.on('close', code => {
			if (code === 0) {
				this.push(null);
			} else {
				this.destroy(new EngineError('unreachable', this.words.trim() || `ssh: ${code ?? 'killed'}`, url));
			}
		});
	}

	override _read(): void {
		this.ssh.stdout.resume();
	}

	override _write(chunk: Buffer, _encoding: string, done: () => void): void {
		this.ssh.stdin.write(chunk, () => { done(); });
	}

	override _final(done: () => void): void {
		this.ssh.stdin.end(done);
	}

	override _destroy(error: Error | null, done: (error: Error | null) => void): void {
		clearTimeout(this.idle);
		this.ssh.kill();
		done(error);
	}

	/** http calls it when there is another question. */
	ref(): this {
		clearTimeout(this.idle);
		this.handles().forEach(handle => { handle.ref(); });
		return this;
	}

	/** http calls it when an answer is complete: what nobody waits for keeps no program from ending. */
	unref(): this {
		this.handles().forEach(handle => { handle.unref(); });
		this.idle = setTimeout(() => { this.destroy(); }, idleMs).unref();
		return this;
	}

	private handles(): readonly Pick<Socket, 'ref' | 'unref'>[] {
		const { stdin, stdout, stderr } = this.ssh;
		// Pipes of a child are sockets (node:child_process).
		return [this.ssh, ...[stdin, stdout, stderr].map(pipe => pipe as unknown as Socket)] as readonly Pick<Socket, 'ref' | 'unref'>[];
	}

	/* What http asks of a socket and a pipe has no use for. */
	setKeepAlive(): this { return this; }
	setNoDelay(): this { return this; }
	setTimeout(): this { return this; }
}
