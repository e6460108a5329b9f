import type { Disposable } from '../core/base/event';
import type { Engine } from '../core/engine/engine';
import type { EngineConnection } from './engineConnection';

/** Enough for all that a person opens in a day; the oldest go first. */
const mostKept = 500;

/** The engine's answers about single things, by their ids: asked once each, kept while the engine stays the same. */
export class KeptAnswers<T> implements Disposable {
	private readonly kept = new Map<string, Promise<T>>();
	private engineId: string | undefined;
	private readonly subscription: Disposable;

	constructor(private readonly connection: EngineConnection, private readonly ask: (engine: Engine, id: string) => Promise<T>) {
		this.subscription = connection.onDidChange(state => {
			if (state.kind === 'ready') {
				// What is asked before the first connection waits for it, and stays good.
				if (this.engineId !== undefined && this.engineId !== state.info.id) {
					this.kept.clear();
				}
				this.engineId = state.info.id;
			}
		});
	}

	/** Throws `EngineError`; a failure is not kept. */
	get(id: string): Promise<T> {
		const known = this.kept.get(id);
		if (known !== undefined) {
			return known;
		}
		const answer = this.connection.get().then(({ engine }) => this.ask(engine, id));
		this.kept.set(id, answer);
		answer.catch(() => {
			if (this.kept.get(id) === answer) {
				this.kept.delete(id);
			}
		});
		const [oldest] = this.kept.keys();
		if (this.kept.size > mostKept && oldest !== undefined) {
			this.kept.delete(oldest);
		}
		return answer;
	}

	forget(id: string): void {
		this.kept.delete(id);
	}

	dispose(): void {
		this.subscription.dispose();
		this.kept.clear();
	}
}
