import { Emitter, type Disposable, type Event } from '../core/base/event';
import type { ContainerChange, ContainerSummary } from '../core/engine/engine';
import type { EngineConnection } from './engineConnection';
import { FollowedList } from './followedList';
import { KeptAnswers } from './keptAnswers';
import { Paced } from './paced';

/** The engine's containers, and what changed in each against its image. */
export class ContainerStore implements Disposable {
	private readonly list: FollowedList<ContainerSummary>;
	private readonly changed: KeptAnswers<readonly ContainerChange[]>;
	private readonly _onDidChangeFiles = new Emitter<string>();
	/** The files of this container may have changed, as far as the engine tells. */
	readonly onDidChangeFiles: Event<string> = this._onDidChangeFiles.event;
	/** Of these it is to be told. */
	private readonly touched = new Set<string>();
	private readonly paced = new Paced(async () => {
		const ids = [...this.touched];
		this.touched.clear();
		ids.forEach(id => { this.refreshChanges(id); });
	});
	private readonly subscription: Disposable;

	constructor(connection: EngineConnection) {
		this.list = new FollowedList(connection, engine => engine.containers(), ({ type, action }) => type === 'container' && listActions.has(action));
		this.changed = new KeptAnswers(connection, (engine, id) => engine.changes(id));
		this.subscription = connection.onEvent(event => {
			if (event.type === 'container' && fileActions.has(event.action)) {
				this.changed.forget(event.id);
				this.touched.add(event.id);
				this.paced.note();
			}
		});
	}

	/** The list may be outdated: ask again. */
	get onDidChange(): Event<undefined> {
		return this.list.onDidChange;
	}

	/** Running and stopped ones. Throws `EngineError`. */
	containers(): Promise<readonly ContainerSummary[]> {
		return this.list.get();
	}

	/**
	 * Changed paths, in path order; read once. No event tells that a running container wrote a file: `refreshChanges`
	 * reads them again.
	 */
	changes(id: string): Promise<readonly ContainerChange[]> {
		return this.changed.get(id);
	}

	refreshChanges(id: string): void {
		this.changed.forget(id);
		this._onDidChangeFiles.fire(id);
	}

	refresh(): void {
		this.list.refresh();
	}

	dispose(): void {
		this.subscription.dispose();
		this.paced.dispose();
		this.list.dispose();
		this.changed.dispose();
		this._onDidChangeFiles.dispose();
	}
}

/** Of the engine's container events, those after which the list reads otherwise. */
const listActions = new Set(['create', 'start', 'die', 'stop', 'restart', 'pause', 'unpause', 'rename', 'update', 'destroy', 'remove']);

/** Those after which the container's files may be others. */
const fileActions = new Set(['start', 'die', 'destroy', 'remove', 'extract-to-dir', 'exec_die']);
