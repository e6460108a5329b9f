import type { Duplex } from 'node:stream';
import { EngineError } from './engineError';
import { pathOf, type EngineWire } from './engineWire';
import { outputFrames } from './outputFrames';
import { numberOf, recordOf, textOf } from './records/wire';

/** What an engine does with running containers. */
export interface ContainerCalls {
	/** The id of a container that was made and not started. Throws `conflict` where the name is taken. */
	createContainer(request: RunRequest): Promise<string>;
	startContainer(id: string): Promise<void>;
	/** Asks it to end, and ends it after the engine's own patience (10 s). Nothing where it is not running. */
	stopContainer(id: string, signal?: AbortSignal): Promise<void>;
	/** Stopped in the same way, and started again. */
	restartContainer(id: string): Promise<void>;
	/** Goes on with a paused one. */
	unpauseContainer(id: string): Promise<void>;
	/** What it wrote to both of its outputs, as bytes; `follow`: and what it goes on to write, until it ends. */
	containerLogs(id: string, options: { readonly follow: boolean; readonly lines: number }, signal: AbortSignal): AsyncIterable<Buffer>;
	/** Speaks with the container's own process; before it is started, nothing of its output is missed. */
	attachContainer(id: string, signal: AbortSignal): Promise<ProcessConnection>;
	/** Starts a process in a running container, with a terminal. */
	execInContainer(id: string, command: readonly string[], signal: AbortSignal): Promise<ProcessConnection>;
}

/** What `docker run` would say. */
export interface RunRequest {
	readonly image: string;
	/** Undefined: the engine finds one. */
	readonly name: string | undefined;
	/** Undefined: the image's own. */
	readonly entrypoint: readonly string[] | undefined;
	/** Undefined: the image's own, unless the entrypoint is another. */
	readonly command: readonly string[] | undefined;
	readonly env: Readonly<Record<string, string>>;
	readonly ports: readonly PortMapping[];
	/** `source:target[:options]`, as the engine takes binds. */
	readonly volumes: readonly string[];
	/** With a terminal that somebody types into. */
	readonly interactive: boolean;
	readonly removeWhenStopped: boolean;
	/** `bridge`, `host`, `none` or another's name; undefined: the engine's own. */
	readonly network: string | undefined;
}

export interface PortMapping {
	/** In the container: `80/tcp`. */
	readonly port: string;
	/** Empty: any free one. */
	readonly hostPort: string;
	/** Empty: every address of the engine's machine. */
	readonly hostAddress: string;
}

/** A process with a terminal: bytes both ways. */
export interface ProcessConnection {
	readonly stream: Duplex;
	resize(columns: number, rows: number): Promise<void>;
	/** Once it ended; undefined where the engine does not know any more. */
	exitCode(): Promise<number | undefined>;
}

export function containerCalls(wire: EngineWire): ContainerCalls {
	const inspect = async (id: string) => recordOf(await wire.ask({ path: pathOf`/containers/${id}/json`, subject: id }));
	return {
		async createContainer(request) {
			const answer = await wire.ask({
				method: 'POST', path: '/containers/create', json: containerBody(request), subject: request.name ?? request.image,
				query: request.name === undefined ? {} : { name: request.name },
			});
			const id = textOf(recordOf(answer)['Id']);
			if (id === undefined) {
				throw new EngineError('failed', 'the engine named no container', request.image);
			}
			return id;
		},

		async startContainer(id) {
			await wire.ask({ method: 'POST', path: pathOf`/containers/${id}/start`, subject: id });
		},

		async stopContainer(id, signal) {
			await wire.ask({ method: 'POST', path: pathOf`/containers/${id}/stop`, subject: id, ...(signal === undefined ? {} : { signal }) });
		},

		async restartContainer(id) {
			await wire.ask({ method: 'POST', path: pathOf`/containers/${id}/restart`, subject: id });
		},

		async unpauseContainer(id) {
			await wire.ask({ method: 'POST', path: pathOf`/containers/${id}/unpause`, subject: id });
		},

		async *containerLogs(id, { follow, lines }, signal) {
			const hasTerminal = recordOf((await inspect(id))['Config'])['Tty'] === true;
			const query = { stdout: '1', stderr: '1', follow: follow ? '1' : '0', tail: String(lines) };
			const stream = await wire.stream({ path: pathOf`/containers/${id}/logs`, query, subject: id, signal });
			try {
				yield* hasTerminal ? stream as AsyncIterable<Buffer> : outputFrames(stream);
			} finally {
				stream.destroy();
			}
		},

		async attachContainer(id, signal) {
			const query = { stream: '1', stdin: '1', stdout: '1', stderr: '1' };
			return {
				stream: await wire.hijack({ method: 'POST', path: pathOf`/containers/${id}/attach`, query, subject: id, signal }),
				async resize(columns, rows) {
					await wire.ask({ method: 'POST', path: pathOf`/containers/${id}/resize`, query: { w: String(columns), h: String(rows) }, subject: id });
				},
				exitCode: async () => numberOf(recordOf((await inspect(id))['State'])['ExitCode']),
			};
		},

		async execInContainer(id, command, signal) {
			const made = await wire.ask({
				method: 'POST', path: pathOf`/containers/${id}/exec`, subject: id, signal,
				json: { AttachStdin: true, AttachStdout: true, AttachStderr: true, Tty: true, Cmd: command },
			});
			const exec = textOf(recordOf(made)['Id']) ?? '';
			return {
				stream: await wire.hijack({ method: 'POST', path: pathOf`/exec/${exec}/start`, json: { Detach: false, Tty: true }, subject: id, signal }),
				async resize(columns, rows) {
					await wire.ask({ method: 'POST', path: pathOf`/exec/${exec}/resize`, query: { w: String(columns), h: String(rows) }, subject: id });
				},
				exitCode: async () => numberOf(recordOf(await wire.ask({ path: pathOf`/exec/${exec}/json`, subject: id }))['ExitCode']),
			};
		},
	};
}

/** The body of `POST /containers/create` (Engine API, ContainerConfig and HostConfig). */
function containerBody({ image, entrypoint, command, env, ports, volumes, interactive, removeWhenStopped, network }: RunRequest): object {
	const bindings: Record<string, { readonly HostIp: string; readonly HostPort: string }[]> = {};
	for (const { port, hostPort, hostAddress } of ports) {
		(bindings[port] ??= []).push({ HostIp: hostAddress, HostPort: hostPort });
	}
	return {
		Image: image,
		...entrypoint === undefined ? {} : { Entrypoint: entrypoint },
		...command === undefined ? {} : { Cmd: command },
		Env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
		ExposedPorts: Object.fromEntries(Object.keys(bindings).map(port => [port, {}])),
		...interactive ? { Tty: true, OpenStdin: true, StdinOnce: true, AttachStdin: true, AttachStdout: true, AttachStderr: true } : {},
		HostConfig: {
			Binds: volumes, PortBindings: bindings, AutoRemove: removeWhenStopped,
			...network === undefined ? {} : { NetworkMode: network },
		},
	};
}
