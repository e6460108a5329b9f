import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createSecureServer, type ServerOptions } from 'node:https';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Endpoint, TlsMaterial } from '../../src/core/engine/engine';

export interface FakeRequest {
	readonly method: string;
	/** Without the API version and the query. */
	readonly path: string;
	readonly query: URLSearchParams;
	readonly apiVersion: string | undefined;
	readonly headers: IncomingMessage['headers'];
	readonly body: IncomingMessage;
}

export type FakeHandler = (request: FakeRequest, response: ServerResponse) => void | Promise<void>;

/** What a route answers: JSON, or anything that it writes itself. */
export type FakeRoute = FakeHandler | Readonly<Record<string, unknown>> | readonly unknown[];

export interface FakeEngine {
	readonly endpoint: Endpoint;
	/** `GET /v1.41/images/json`, as they came. */
	readonly requests: readonly string[];
	// Sets a route: `GET /images/json`, or with one star `GET /images/*/history`.
	on(route: string, answer: FakeRoute): void;
	/** Tells all that follow the events. */
	emit(event: { readonly Type: string; readonly Action: string; readonly Actor?: { readonly ID: string; readonly Attributes?: Record<string, string> } }): void;
	/** How many follow the events now. */
	followers(): number;
	/** Resolves once a request for this has come. */
	requested(pattern: RegExp): Promise<void>;
	/** As a daemon that is killed: all connections break, the socket is gone. */
	die(): Promise<void>;
	/** The daemon is back, at the same place. */
	rise(): Promise<void>;
	[Symbol.asyncDispose](): Promise<void>;
}

/**
 * Just enough of the Engine API on a socket to be quick, and to fail in ways that a real engine does not on demand.
 * What real engines answer is tested on real ones.
 */
export async function startFakeEngine(options: { readonly apiVersion?: string; readonly tls?: ServerOptions & { readonly client: TlsMaterial | undefined } } = {}): Promise<FakeEngine> {
	const folder = await mkdtemp(join(tmpdir(), 'strata-fake-'));
	const path = join(folder, 'docker.sock');
	const routes = new Map<string, FakeRoute>(Object.entries(plainRoutes(options.apiVersion ?? '1.51')));
	const requests: string[] = [];
	const connections = new Set<Socket>();
	const followers = new Set<ServerResponse>();
	const waiting = new Set<() => void>();

	routes.set('GET /events', (_request: FakeRequest, response: ServerResponse) => {
		response.writeHead(200, { 'content-type': 'application/json' });
		response.flushHeaders();
		followers.add(response);
		response.once('close', () => followers.delete(response));
	});

	const listener: RequestListener = (message, response) => {
		requests.push(`${message.method} ${message.url}`);
		waiting.forEach(check => { check(); });
		const url = new URL(message.url ?? '/', 'http://engine');
		const [, apiVersion, rest = ''] = /^(?:\/v([\d.]+))?(\/.*)$/.exec(url.pathname) ?? [];
		const route = routeOf(routes, `${message.method} ${decodeURIComponent(rest)}`);
		if (typeof route === 'function') {
			void route({ method: message.method ?? '', path: rest, query: url.searchParams, apiVersion, headers: message.headers, body: message }, response);
			return;
		}
		message.resume();
		response.setHeader('content-type', 'application/json');
		response.statusCode = route === undefined ? 404 : 200;
		response.end(JSON.stringify(route ?? { message: 'page not found' }));
	};

	const server = options.tls === undefined ? createServer(listener) : createSecureServer(options.tls, listener);
	server.on(options.tls === undefined ? 'connection' : 'secureConnection', (connection: Socket) => {
		connections.add(connection);
		connection.once('close', () => connections.delete(connection));
	});
	let port = 0;
	const rise = (): Promise<void> => new Promise((resolve, reject) => {
		server.once('error', reject);
		server.listen(options.tls === undefined ? path : { port, host: '127.0.0.1' }, () => {
			port = options.tls === undefined ? 0 : (server.address() as AddressInfo).port;
			resolve();
		});
	});
	const die = (): Promise<void> => new Promise(resolve => {
		server.close(() => { resolve(); });
		connections.forEach(connection => connection.destroy());
	});

	await rise();
	return {
		endpoint: {
			url: options.tls === undefined ? `unix://${path}` : `tcp://127.0.0.1:${port}`,
			origin: 'setting',
			name: 'fake',
			tls: options.tls?.client,
		},
		requests,
		on: (route, answer) => { routes.set(route, answer); },
		emit: event => {
			const line = `${JSON.stringify({ timeNano: Date.now() * 1e6, ...event })}\n`;
			followers.forEach(response => response.write(line));
		},
		followers: () => followers.size,
		requested: pattern => new Promise(resolve => {
			const check = (): void => {
				if (requests.some(request => pattern.test(request))) {
					waiting.delete(check);
					resolve();
				}
			};
			waiting.add(check);
			check();
		}),
		die,
		rise,
		[Symbol.asyncDispose]: async () => {
			if (server.listening) {
				await die();
			}
			await rm(folder, { recursive: true, force: true });
		},
	};
}

/** An answer that says no, in the engine's way. */
export function refusal(status: number, message: string): FakeHandler {
	return (request, response) => {
		request.body.resume();
		response.writeHead(status, { 'content-type': 'application/json' });
		response.end(JSON.stringify({ message }));
	};
}

function plainRoutes(apiVersion: string): Record<string, FakeRoute> {
	return {
		'GET /_ping': (_request: FakeRequest, response: ServerResponse) => {
			response.writeHead(200, { 'api-version': apiVersion });
			response.end('OK');
		},
		'GET /version': { Version: '28.5.2', ApiVersion: apiVersion, Os: 'linux', Arch: 'amd64', Components: [{ Name: 'Engine' }] },
		'GET /info': { ID: 'fake', Name: 'fake', OSType: 'linux', Driver: 'overlay2', DriverStatus: [] },
		'GET /images/json': [],
		'GET /containers/json': [],
		'GET /system/df': { BuildCache: [] },
	};
}

function routeOf(routes: ReadonlyMap<string, FakeRoute>, request: string): FakeRoute | undefined {
	if (routes.has(request)) {
		return routes.get(request);
	}
	const pattern = [...routes.keys()].find(key => {
		const [start = '', end] = key.split('*');
		return end !== undefined && request.startsWith(start) && request.endsWith(end);
	});
	return pattern === undefined ? undefined : routes.get(pattern);
}
