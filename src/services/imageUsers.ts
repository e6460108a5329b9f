import { Emitter, type Disposable, type Event } from '../core/base/event';
import type { ContainerStore } from './containerStore';

/** Which containers were made from an image, as of the last time that somebody asked to know. */
export class ImageUsers implements Disposable {
	private readonly _onDidChange = new Emitter<undefined>();
	/** Another container uses an image, or one no longer does. */
	readonly onDidChange: Event<undefined> = this._onDidChange.event;
	/** Containers came, went or changed: who shows this loads it again. */
	readonly onOutdated: Event<undefined>;
	private users: ReadonlyMap<string, readonly string[]> = new Map();
	private drawn = '';

	constructor(private readonly containers: ContainerStore) {
		this.onOutdated = containers.onDidChange;
	}

	/** Names of the containers, running and stopped. */
	of(imageId: string): readonly string[] {
		return this.users.get(imageId) ?? [];
	}

	/** Throws `EngineError`. */
	async load(): Promise<void> {
		const users = new Map<string, string[]>();
		for (const { imageId, name } of await this.containers.containers()) {
			users.set(imageId, [...users.get(imageId) ?? [], name].sort());
		}
		const drawn = JSON.stringify([...users].sort());
		const isNews = this.drawn !== '' && this.drawn !== drawn;
		this.users = users;
		this.drawn = drawn;
		if (isNews) {
			this._onDidChange.fire(undefined);
		}
	}

	dispose(): void {
		this._onDidChange.dispose();
	}
}
