import { Emitter, type Disposable, type Event } from '../core/base/event';
import type { Engine, EngineEvent } from '../core/engine/engine';
import type { ConnectionState, EngineConnection } from './engineConnection';

/** Events that come together, as those of one build, are one change. */
const coalesceMs = 200;

/**
 * A list that the engine has: read when asked for, kept until an event of the engine says that it may have changed.
 * Nobody asking means no call.
 */
export class FollowedList<T> implements Disposable {
	private readonly _onDidChange = new Emitter<undefined>();
	/** What was read may be outdated: whoever shows it asks again. */
	readonly onDidChange: Event<undefined> = this._onDidChange.event;

	private kept: Reading<T> | undefined;
	private timer: NodeJS.Timeout | undefined;
	private readonly subscriptions: readonly Disposable[];

	constructor(
		private readonly connection: EngineConnection,
		private readonly read: (engine: Engine) => Promise<readonly T[]>,
		concerns: (event: EngineEvent) => boolean,
	) {
		this.subscriptions = [
			connection.onEvent(event => {
				if (concerns(event)) {
					this.changed();
				}
			}),
			connection.onDidChange(state => { this.connectionChanged(state); }),
		];
	}

	/** Throws `EngineError`. */
	get(): Promise<readonly T[]> {
		if (this.kept === undefined) {
			const reading: Reading<T> = {
				engine: undefined,
				items: this.connection.get().then(({ engine }) => {
					reading.engine = engine;
					return this.read(engine);
				}),
			};
			this.kept = reading;
			reading.items.catch(() => {
				if (this.kept === reading) {
					this.kept = undefined;
				}
			});
		}
		return this.kept.items;
	}

	/** Something changed that the engine tells nobody of. */
	refresh(): void {
		this.kept = undefined;
		clearTimeout(this.timer);
		this.timer = undefined;
		this._onDidChange.fire(undefined);
	}

	dispose(): void {
		clearTimeout(this.timer);
		for (const subscription of this.subscriptions) {
			subscription.dispose();
		}
		this._onDidChange.dispose();
	}

	private changed(): void {
		this.kept = undefined;
		this.timer ??= setTimeout(() => { this.refresh(); }, coalesceMs);
	}

	private connectionChanged(state: ConnectionState): void {
		if (state.kind === 'failed') {
			// Not told: to ask again would only fail again. The connection's state says it.
			this.kept = undefined;
		} else if (state.kind === 'ready' && (this.kept === undefined || (this.kept.engine !== undefined && this.kept.engine !== state.engine))) {
			// A reading that still waits for this very connection stays good.
			this.refresh();
		}
	}
}

interface Reading<T> {
	readonly items: Promise<readonly T[]>;
	/** The engine they were asked of; undefined while the connection is being made. */
	engine: Engine | undefined;
}
