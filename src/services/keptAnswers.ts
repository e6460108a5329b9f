import type { Disposable } from '../core/base/event';
import type { Engine } from '../core/engine/engine';
import type { EngineConnection } from './engineConnection';

/** Enough for all that a person opens in a day; the oldest go first. */
const mostKept = 500;

/** The engine's answers about single things, by their ids (an image's for one platform too): asked once each, kept while the connection lasts. */
export class KeptAnswers<T> implements Disposable {
	private readonly kept = new Map<string, KeptAnswer<T>>();
	private readonly subscription: Disposable;

	constructor(private readonly connection: EngineConnection, private readonly ask: (engine: Engine, id: string, platform?: string) => Promise<T>) {
		this.subscription = connection.onDidChange(state => {
			if (state.kind === 'ready') {
				// What happened while the connection was lost, nobody told. What waits for this connection stays good.
				this.forgetWhere(({ engine }) => engine !== undefined && engine !== state.engine);
			}
		});
	}

	/** Throws `EngineError`; a failure is not kept. */
	get(id: string, platform?: string): Promise<T> {
		const key = platform === undefined ? id : `${id} ${platform}`;
		const known = this.kept.get(key);
		if (known !== undefined) {
			return known.answer;
		}
		const asked: KeptAnswer<T> = {
			id,
			engine: undefined,
			answer: this.connection.get().then(({ engine }) => {
				asked.engine = engine;
				return this.ask(engine, id, platform);
			}),
		};
		this.kept.set(key, asked);
		asked.answer.catch(() => { this.forgetWhere(other => other === asked); });
		const [oldest] = this.kept.keys();
		if (this.kept.size > mostKept && oldest !== undefined) {
			this.kept.delete(oldest);
		}
		return asked.answer;
	}

	forget(id: string): void {
		this.forgetWhere(kept => kept.id === id);
	}

	dispose(): void {
		this.subscription.dispose();
		this.kept.clear();
	}

	private forgetWhere(outdated: (kept: KeptAnswer<T>) => boolean): void {
		for (const [key, kept] of this.kept) {
			if (outdated(kept)) {
				this.kept.delete(key);
			}
		}
	}
}

interface KeptAnswer<T> {
	readonly id: string;
	readonly answer: Promise<T>;
	/** The engine asked; undefined while the connection is being made. */
	engine: Engine | undefined;
}
