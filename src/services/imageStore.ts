import type { Disposable, Event } from '../core/base/event';
import type { EngineEvent, HistoryRow, ImageDetails, ImageSummary } from '../core/engine/engine';
import type { EngineConnection } from './engineConnection';
import { FollowedList } from './followedList';
import { KeptAnswers } from './keptAnswers';

/** The engine's images, each thing read once until the engine says that it changed. */
export class ImageStore implements Disposable {
	private readonly list: FollowedList<ImageSummary>;
	private readonly histories: KeptAnswers<readonly HistoryRow[]>;
	private readonly inspected: KeptAnswers<ImageDetails>;
	private readonly subscription: Disposable;

	constructor(connection: EngineConnection) {
		this.list = new FollowedList(connection, engine => engine.images(), concernsImages);
		this.histories = new KeptAnswers(connection, (engine, id, platform) => engine.history(id, undefined, platform));
		this.inspected = new KeptAnswers(connection, (engine, id, platform) => engine.image(id, undefined, platform));
		this.subscription = connection.onEvent(event => {
			if (event.type === 'image') {
				this.histories.forget(event.id);
				this.inspected.forget(event.id);
			}
		});
	}

	/** The list may be outdated: ask again. */
	get onDidChange(): Event<undefined> {
		return this.list.onDidChange;
	}

	/** Tagged and untagged images, without the classic builder's intermediate ones. Throws `EngineError`. */
	images(): Promise<readonly ImageSummary[]> {
		return this.list.get();
	}

	/** Newest row first. By id, not by reference: a reference may name another image tomorrow. */
	history(imageId: string, platform?: string): Promise<readonly HistoryRow[]> {
		return this.histories.get(imageId, platform);
	}

	details(imageId: string, platform?: string): Promise<ImageDetails> {
		return this.inspected.get(imageId, platform);
	}

	/** After what engines tell nobody of: Docker 20.10 has no event for an untagged image that BuildKit made. */
	refresh(): void {
		this.list.refresh();
	}

	dispose(): void {
		this.subscription.dispose();
		this.list.dispose();
		this.histories.dispose();
		this.inspected.dispose();
	}
}

function concernsImages({ type, action }: EngineEvent): boolean {
	// 20.10 tells of a commit without a tag as an event of the container only.
	return (type === 'image' && action !== 'save' && action !== 'push') || (type === 'container' && action === 'commit');
}
