interface Load<T, P> {
	readonly result: Promise<T>;
	readonly controller: AbortController;
	readonly listeners: Set<(progress: P) => void>;
	askers: number;
}

/**
 * One piece of work for all who ask for the same thing at the same time. An asker that gives up leaves alone; when the
 * last one is gone the work is aborted.
 */
export class SharedLoads<T, P> {
	private readonly loads = new Map<string, Load<T, P>>();

	async get(
		key: string,
		start: (signal: AbortSignal, onProgress: (progress: P) => void) => Promise<T>,
		{ signal, onProgress }: { readonly signal?: AbortSignal; readonly onProgress?: (progress: P) => void } = {},
	): Promise<T> {
		signal?.throwIfAborted();
		const load = this.loads.get(key) ?? this.begin(key, start);
		load.askers++;
		if (onProgress !== undefined) {
			load.listeners.add(onProgress);
		}
		try {
			return await untilAborted(load.result, signal);
		} finally {
			load.askers--;
			if (onProgress !== undefined) {
				load.listeners.delete(onProgress);
			}
			if (load.askers === 0) {
				// Who asks from now on starts anew instead of waiting for what was given up.
				if (this.loads.get(key) === load) {
					this.loads.delete(key);
				}
				load.controller.abort();
			}
		}
	}

	private begin(key: string, start: (signal: AbortSignal, onProgress: (progress: P) => void) => Promise<T>): Load<T, P> {
		const controller = new AbortController();
		const listeners = new Set<(progress: P) => void>();
		const result = start(controller.signal, progress => { listeners.forEach(listener => { listener(progress); }); });
		// Askers that left do not wait for its end; it must not count as unhandled then.
		result.catch(() => undefined);
		const load: Load<T, P> = { result, controller, listeners, askers: 0 };
		this.loads.set(key, load);
		return load;
	}
}

function untilAborted<T>(result: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
	if (signal === undefined) {
		return result;
	}
	return new Promise((resolve, reject) => {
		const abort = (): void => { reject(signal.reason as Error); };
		signal.addEventListener('abort', abort, { once: true });
		result.then(resolve, reject).finally(() => { signal.removeEventListener('abort', abort); });
	});
}
