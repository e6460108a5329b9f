import { IncomingMessage } from 'node:http';
import { Readable, type Duplex } from 'node:stream';
import { EngineError } from './engineError';
import { answerError, connectionError } from './toEngineError';

/** docker-modem's one door, as far as it is used. */
export type Dial = (options: DialOptions, done: (error: Error | null, answer: unknown) => void) => void;

export interface DialOptions {
	path: string;
	method: string;
	options?: { _query: Query; _body: object };
	headers?: Record<string, string | string[]>;
	file?: Readable;
	registryconfig?: { base64: string };
	authconfig?: { base64: string };
	hijack?: true;
	isStream: true;
	statusCodes: Record<number, true>;
	abortSignal?: AbortSignal;
	/** Answered at once. */
	isBrief?: boolean;
}

export type Query = Readonly<Record<string, string | readonly string[]>>;

export interface WireRequest {
	readonly method?: 'GET' | 'HEAD' | 'POST' | 'DELETE';
	/** Without query; what varies is escaped (`pathOf`). */
	readonly path: string;
	readonly query?: Query;
	/** What it asks about, for the error. */
	readonly subject?: string;
	readonly body?: Readable;
	/** A JSON body, in place of `body`. */
	readonly json?: object;
	readonly registryConfig?: string;
	/** For one registry; never logged. */
	readonly registryAuth?: string;
	readonly signal?: AbortSignal;
}

/** Requests to one engine, failing as `EngineError`s, or with the signal's reason once that is aborted. */
export interface EngineWire {
	/** The answer whatever its status; its body must be read or destroyed. */
	open(request: WireRequest): Promise<IncomingMessage>;
	/** The answer's body as it comes; a status that says no throws. */
	stream(request: WireRequest): Promise<Readable>;
	/** The connection itself, once the engine switched it to what `headers` ask for; undefined where it does not. */
	upgrade(path: string, headers: Readonly<Record<string, string | string[]>>, signal: AbortSignal): Promise<Duplex | undefined>;
	/** The connection that an attached process speaks and listens on; a status that says no throws. */
	hijack(request: WireRequest & { readonly signal: AbortSignal }): Promise<Duplex>;
	/** The answer's JSON; undefined where it has no body. */
	ask(request: WireRequest): Promise<unknown>;
}

export function engineWire(dial: Dial, endpointUrl: string): EngineWire {
	const open = (request: WireRequest, isBrief = false): Promise<IncomingMessage> => new Promise((resolve, reject) => {
		request.signal?.throwIfAborted();
		const fail = (cause: unknown): void => { reject(failureOf(cause, endpointUrl, request.signal)); };
		// The body's own failure is the caller's error, not the engine's; docker-modem passes it through its request.
		let bodyFailure: Error | undefined;
		request.body?.once('error', failure => { bodyFailure = failure; });
		try {
			dial({ ...dialOptions(request), isBrief }, (error, answer) => {
				if (bodyFailure !== undefined) {
					reject(bodyFailure);
				} else if (error) {
					fail(error);
				} else {
					resolve(answer as IncomingMessage);
				}
			});
		} catch (cause) {
			fail(cause);
		}
	});

	const accepted = async (request: WireRequest, isBrief = false): Promise<IncomingMessage> => {
		const answer = await open(request, isBrief);
		const status = answer.statusCode ?? 0;
		// Engines redirect nobody; a proxy that does is none.
		if (status < 300) {
			return answer;
		}
		throw answerError(status, await textOfAnswer(answer, endpointUrl, request.signal), request.subject);
	};

	return {
		open: request => open(request),
		stream: async request => forwarded(await accepted(request), endpointUrl, request.signal),
		upgrade: (path, headers, signal) => new Promise((resolve, reject) => {
			signal.throwIfAborted();
			dial({ method: 'POST', path, headers: { ...headers }, hijack: true, isStream: true, statusCodes: everyStatus, abortSignal: signal }, (error, answer) => {
				if (error) {
					reject(failureOf(error, endpointUrl, signal) as Error);
				} else if (answer instanceof IncomingMessage) {
					answer.resume();
					resolve(undefined);
				} else {
					resolve(answer as Duplex);
				}
			});
		}),
		hijack: request => new Promise((resolve, reject) => {
			request.signal.throwIfAborted();
			dial({ ...dialOptions(request), hijack: true }, (error, answer) => {
				if (error) {
					reject(failureOf(error, endpointUrl, request.signal) as Error);
				} else if (answer instanceof IncomingMessage) {
					textOfAnswer(answer, endpointUrl, request.signal).then(words => { reject(answerError(answer.statusCode ?? 0, words, request.subject)); }, reject);
				} else {
					resolve(answer as Duplex);
				}
			});
		}),
		ask: async request => {
			const text = await textOfAnswer(await accepted(request, true), endpointUrl, request.signal);
			try {
				return text.trim() === '' ? undefined : JSON.parse(text) as unknown;
			} catch (cause) {
				throw new EngineError('failed', text.slice(0, 200), request.subject, { cause });
			}
		},
	};
}

/**
 * A path with the names in it escaped; `/`, `:` and `@` are part of image references. Throws `badRequest` for a name
 * that would make it another path.
 */
export function pathOf(strings: TemplateStringsArray, ...names: string[]): string {
	return String.raw({ raw: strings }, ...names.map(name => {
		if (name.split('/').some(segment => /^\.{0,2}$/.test(segment))) {
			throw new EngineError('badRequest', `“${name}” names nothing`, name);
		}
		return encodeURIComponent(name).replaceAll('%2F', '/').replaceAll('%3A', ':').replaceAll('%40', '@');
	}));
}

/** The whole text of an answer, however it was said. */
export async function textOfAnswer(answer: Readable, endpointUrl: string, signal: AbortSignal | undefined): Promise<string> {
	const chunks: Uint8Array[] = [];
	try {
		for await (const chunk of answer as AsyncIterable<Uint8Array>) {
			chunks.push(chunk);
		}
	} catch (cause) {
		throw failureOf(cause, endpointUrl, signal);
	}
	return Buffer.concat(chunks).toString('utf8');
}

/** What to throw for a failure under way: the abort's own reason where there was one. */
export function failureOf(cause: unknown, endpointUrl: string, signal: AbortSignal | undefined): unknown {
	return signal?.aborted ? signal.reason : connectionError(cause, endpointUrl);
}

/** The same bytes, failing in our words; ends the request when aborted or when nobody reads on. */
function forwarded(answer: IncomingMessage, endpointUrl: string, signal: AbortSignal | undefined): Readable {
	const bytes = new Readable({ highWaterMark: heldBytes, read: () => { answer.resume(); } });
	const abort = (): void => { bytes.destroy(signal?.reason instanceof Error ? signal.reason : new Error('aborted')); };
	signal?.addEventListener('abort', abort, { once: true });
	answer.once('error', cause => bytes.destroy(failureOf(cause, endpointUrl, signal) as Error));
	bytes.once('close', () => {
		signal?.removeEventListener('abort', abort);
		answer.destroy();
	});
	answer.on('data', (piece: Buffer) => {
		if (!bytes.push(piece)) {
			answer.pause();
		}
	});
	answer.once('end', () => bytes.push(null));
	return bytes;
}

/** Images are streamed through here: a pause for each of their pieces would cost more than reading them. */
const heldBytes = 1 << 20;

/**
 * docker-modem cuts the last character of a path with `?` and no query, and reads statuses that it does not know as
 * errors in words of its own: so `?` is there only with a query, and every status is ours to judge.
 */
function dialOptions(request: WireRequest): DialOptions {
	const query = request.query ?? {};
	const asks = Object.keys(query).length > 0;
	return {
		method: request.method ?? 'GET',
		path: asks ? `${request.path}?` : request.path,
		...(asks || request.json !== undefined ? { options: { _query: query, _body: request.json ?? {} } } : {}),
		...(request.body === undefined ? {} : { file: request.body }),
		...(request.registryConfig === undefined ? {} : { registryconfig: { base64: request.registryConfig } }),
		...(request.registryAuth === undefined ? {} : { authconfig: { base64: request.registryAuth } }),
		...(request.signal === undefined ? {} : { abortSignal: request.signal }),
		isStream: true,
		statusCodes: everyStatus,
	};
}

const everyStatus: Record<number, true> = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [index + 100, true]));
