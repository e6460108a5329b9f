import { Emitter, type Disposable, type Event } from '../core/base/event';
import type { Engine, EngineEvent } from '../core/engine/engine';
import type { ConnectionState, EngineConnection } from './engineConnection';
import { Paced } from './paced';

/**
 * A list that the engine has: read when asked for, kept until an event of the engine says that it may have changed.
 * Nobody asking means no call. While events do not end, what was read is handed out until their next telling: one call
 * at a time, and at most one for each telling.
 */
export class FollowedList<T> implements Disposable {
	private readonly _onDidChange = new Emitter<undefined>();
	/** What was read may be outdated: whoever shows it asks again. */
	readonly onDidChange: Event<undefined> = this._onDidChange.event;

	private kept: Reading<T> | undefined;
	private readonly paced = new Paced(() => this.tell());
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
		this.paced.cancel();
		this._onDidChange.fire(undefined);
	}

	dispose(): void {
		this.paced.dispose();
		for (const subscription of this.subscriptions) {
			subscription.dispose();
		}
		this._onDidChange.dispose();
	}

	private changed(): void {
		this.paced.note();
		if (!this.paced.isBusy) {
			this.kept = undefined;
		}
	}

	private async tell(): Promise<void> {
		const { kept } = this;
		if (this.paced.isBusy && kept !== undefined) {
			// A busy engine takes its time for a list: the next reading begins after this one.
			await kept.items.catch(() => undefined);
		}
		if (this.kept === kept || this.kept === undefined) {
			this.refresh();
		}
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
