import { Emitter, type Disposable, type Event } from '../core/base/event';
import { groups } from '../core/base/groups';
import type { ContainerStore } from './containerStore';

/** Which containers were made from an image, as of the last time that somebody asked to know. */
export class ImageUsers implements Disposable {
	private readonly _onDidChange = new Emitter<ReadonlySet<string>>();
	/** Another container uses an image, or one no longer does: fires with the ids of all such images. */
	readonly onDidChange: Event<ReadonlySet<string>> = this._onDidChange.event;
	/** Containers came, went or changed: who shows this loads it again. */
	readonly onOutdated: Event<undefined>;
	private users: ReadonlyMap<string, readonly string[]> | undefined;

	constructor(private readonly containers: ContainerStore) {
		this.onOutdated = containers.onDidChange;
	}

	/** Names of the containers, running and stopped. */
	of(imageId: string): readonly string[] {
		return this.users?.get(imageId) ?? [];
	}

	/** Throws `EngineError`. */
	async load(): Promise<void> {
		const users = groups((await this.containers.containers()).map(({ imageId, name }) => [imageId, name]));
		users.forEach(names => { names.sort(); });
		const before = this.users ?? users;
		this.users = users;
		const changed = [...before.keys(), ...users.keys()].filter(id => before.get(id)?.join('\n') !== users.get(id)?.join('\n'));
		if (changed.length > 0) {
			this._onDidChange.fire(new Set(changed));
		}
	}

	dispose(): void {
		this._onDidChange.dispose();
	}
}
