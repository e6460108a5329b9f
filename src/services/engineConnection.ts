import { Emitter, type Disposable, type Event } from '../core/base/event';
import type { Endpoint, Engine, EngineEvent, EngineInfo } from '../core/engine/engine';
import { EngineError, isEngineError } from '../core/engine/engineError';
import type { OpenEngine } from './openEngine';
import { watchSocket } from './watchSocket';

export type ConnectionState =
	/** Nobody has asked for the engine yet. */
	| { readonly kind: 'idle' }
	| { readonly kind: 'connecting' }
	| ReadyConnection
	| { readonly kind: 'failed'; readonly error: EngineError };

export interface ReadyConnection {
	readonly kind: 'ready';
	readonly engine: Engine;
	readonly info: EngineInfo;
}

export interface ConnectionSettings {
	/** Where the engine is; asked anew for every attempt, so that an engine that comes up elsewhere is found. */
	readonly resolve: () => Promise<Endpoint>;
	readonly open: OpenEngine;
	/** Milliseconds before the attempts after a failure; the last one repeats. */
	readonly retryAfterMs?: readonly number[];
}

/**
 * The one connection to the one engine in use. Connects when first asked and follows the engine's events from then on:
 * a reachable engine is never polled. A lost one is tried again when its socket appears and, with growing pauses,
 * while somebody watches.
 */
export class EngineConnection implements Disposable {
	private readonly _onDidChange = new Emitter<ConnectionState>();
	private readonly _onEvent = new Emitter<EngineEvent>();
	readonly onDidChange: Event<ConnectionState> = this._onDidChange.event;
	readonly onEvent: Event<EngineEvent> = this._onEvent.event;

	private current: ConnectionState = { kind: 'idle' };
	private chosen: Endpoint | undefined;
	/** Ends with this attempt or connection; a late answer of an earlier one is dropped by it. */
	private session = new AbortController();
	private attempt: Promise<ReadyConnection> | undefined;
	private watchers = 0;
	private failures = 0;
	private failedAt: Endpoint | undefined;
	private retry: Disposable | undefined;
	private disposed = false;

	constructor(private readonly settings: ConnectionSettings) {}

	get state(): ConnectionState {
		return this.current;
	}

	/**
	 * The engine, connecting to it at the first call. Throws the `EngineError` of the last attempt where that failed: views
	 * may ask as often as they draw. It is tried again by itself while somebody watches.
	 */
	get(): Promise<ReadyConnection> {
		return this.current.kind === 'failed' && this.attempt === undefined ? Promise.reject(this.current.error) : this.demand();
	}

	/** As `get`, for what a person asked for: tries again where the last attempt failed. */
	demand(): Promise<ReadyConnection> {
		return this.current.kind === 'ready' ? Promise.resolve(this.current) : this.attempt ?? this.connect(true);
	}

	/** Somebody looks at what the engine has: while so, a lost engine is tried again and again. */
	watch(): Disposable {
		let watching = true;
		this.watchers++;
		this.scheduleRetry();
		return {
			dispose: () => {
				if (watching) {
					watching = false;
					this.watchers--;
					this.scheduleRetry();
				}
			},
		};
	}

	/** Uses another engine from now on; undefined: the one that the settings and the machine name. */
	async switchTo(endpoint: Endpoint | undefined): Promise<void> {
		this.chosen = endpoint;
		await this.reconnect();
	}

	/** Forgets the connection and makes it anew; its failure is told by the state. */
	async reconnect(): Promise<void> {
		this.failures = 0;
		await this.connect(true).catch(() => undefined);
	}

	dispose(): void {
		this.disposed = true;
		this.session.abort();
		this.retry?.dispose();
		this._onDidChange.dispose();
		this._onEvent.dispose();
	}

	private connect(aloud: boolean): Promise<ReadyConnection> {
		this.session.abort();
		this.session = new AbortController();
		this.retry?.dispose();
		const attempt = this.open(this.session.signal);
		this.attempt = attempt;
		if (aloud) {
			this.become({ kind: 'connecting' });
		}
		const settle = (): void => {
			if (this.attempt === attempt) {
				this.attempt = undefined;
			}
		};
		attempt.then(settle, settle);
		return attempt;
	}

	private async open(signal: AbortSignal): Promise<ReadyConnection> {
		let endpoint: Endpoint | undefined;
		try {
			endpoint = this.chosen ?? await this.settings.resolve();
			const engine = await this.settings.open(endpoint, signal);
			// Listening begins before anything is read, so that no change falls between.
			const events = engine.events(signal)[Symbol.asyncIterator]();
			const first = events.next();
			first.catch(() => undefined);
			const ready: ReadyConnection = { kind: 'ready', engine, info: await engine.info(signal) };
			signal.throwIfAborted();
			this.failures = 0;
			this.become(ready);
			void this.follow(events, first, endpoint, signal);
			return ready;
		} catch (cause) {
			if (signal.aborted) {
				// Overtaken by another attempt: whoever waits for this one gets that one's answer.
				if (this.disposed) {
					throw cause;
				}
				return await this.get();
			}
			throw this.fail(cause, endpoint, signal);
		}
	}

	private async follow(events: AsyncIterator<EngineEvent>, first: Promise<IteratorResult<EngineEvent>>, endpoint: Endpoint, signal: AbortSignal): Promise<void> {
		try {
			for (let next = await first; !next.done; next = await events.next()) {
				const event = next.value;
				apart(() => { this._onEvent.fire(event); });
			}
			throw new EngineError('unreachable', 'the event stream ended', endpoint.url);
		} catch (cause) {
			if (!signal.aborted) {
				this.fail(cause, endpoint, signal);
			}
		}
	}

	private fail(cause: unknown, endpoint: Endpoint | undefined, signal: AbortSignal): EngineError {
		const error = isEngineError(cause) ? cause : new EngineError('failed', cause instanceof Error ? cause.message : String(cause), endpoint?.url, { cause });
		if (this.session.signal === signal) {
			this.session.abort();
		}
		this.failures++;
		this.failedAt = endpoint;
		this.become({ kind: 'failed', error });
		this.scheduleRetry();
		return error;
	}

	private scheduleRetry(): void {
		this.retry?.dispose();
		if (this.disposed || this.current.kind !== 'failed') {
			return;
		}
		const again = (): void => {
			this.connect(false).catch(() => undefined);
		};
		const pauses = this.settings.retryAfterMs ?? defaultRetryAfterMs;
		const pause = pauses[Math.min(this.failures - 1, pauses.length - 1)] ?? 0;
		const timer = this.watchers > 0 ? setTimeout(again, pause) : undefined;
		timer?.unref();
		const socket = this.failedAt === undefined ? undefined : watchSocket(this.failedAt.url, () => {
			this.failures = 1;
			again();
		});
		this.retry = {
			dispose: () => {
				clearTimeout(timer);
				socket?.dispose();
			},
		};
	}

	private become(state: ConnectionState): void {
		if (this.disposed) {
			return;
		}
		const before = this.current;
		this.current = state;
		// A quiet attempt that fails as the one before says nothing new.
		if (before.kind !== 'failed' || state.kind !== 'failed' || before.error.reason !== state.error.reason || before.error.subject !== state.error.subject) {
			apart(() => { this._onDidChange.fire(state); });
		}
	}
}

/** A listener's failure is a mistake of ours, to be seen as one, and none of the engine's. */
function apart(tell: () => void): void {
	try {
		tell();
	} catch (failure) {
		queueMicrotask(() => { throw failure; });
	}
}

const defaultRetryAfterMs = [1000, 2000, 4000, 8000, 16_000, 30_000];
