import { spawn } from 'node:child_process';
import { Agent } from 'node:http';
import { Duplex } from 'node:stream';
import { EngineError } from './engineError';

/**
 * Connections to an engine on another machine through the system's `ssh`, as the Docker CLI makes them: `docker system
 * dial-stdio` there is a pipe to the engine's socket. So `~/.ssh/config`, agents, jump hosts and known hosts all hold.
 */
export function sshAgent(url: string): Agent {
	const args = sshArguments(url);
	// Typed as a socket, used as the duplex stream that it is.
	return Object.assign(new Agent({ keepAlive: false }), { createConnection: () => new SshConnection(args, url) });
}

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
		this.ssh.kill();
		done(error);
	}

	/* What http asks of a socket and a pipe has no use for. */
	setKeepAlive(): this { return this; }
	setNoDelay(): this { return this; }
	setTimeout(): this { return this; }
	ref(): this { return this; }
	unref(): this { return this; }
}
