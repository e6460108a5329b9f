/** A subscription that ends when disposed; the shape of `vscode.Disposable`. */
export interface Disposable {
	dispose(): void;
}

/** Subscribes a listener; the shape of `vscode.Event`, so that surfaces can hand it on as it is. */
export type Event<T> = (listener: (value: T) => void) => Disposable;

/** Something that can be listened to. One listener's failure does not silence the others. */
export class Emitter<T> implements Disposable {
	private readonly listeners = new Set<(value: T) => void>();

	readonly event: Event<T> = listener => {
		// A wrapper, so that the same function subscribed twice is two subscriptions.
		const entry = (value: T): void => { listener(value); };
		this.listeners.add(entry);
		return { dispose: () => { this.listeners.delete(entry); } };
	};

	fire(value: T): void {
		const failures: unknown[] = [];
		for (const listener of [...this.listeners]) {
			try {
				listener(value);
			} catch (failure) {
				failures.push(failure);
			}
		}
		if (failures.length > 0) {
			throw failures.length === 1 ? failures[0] : new AggregateError(failures);
		}
	}

	dispose(): void {
		this.listeners.clear();
	}
}
