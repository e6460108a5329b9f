import { Emitter, type Disposable, type Event } from '../core/base/event';
import { sourceKey, type NamedSource } from '../core/layerFile';
import type { LayeredImage } from '../core/layers/layeredImage';
import type { ExploredImages } from './exploredImages';
import type { LayerStore } from './layerStore';
import type { OpenArchives } from './openArchives';

/** How far it is proved that an archive's layers are what its image says. */
export type ArchiveCheck =
	| { readonly kind: 'running'; readonly bytes: number }
	| { readonly kind: 'verified' }
	| { readonly kind: 'failed'; readonly error: unknown };

export interface ArchiveChange {
	readonly path: string;
	/** Undefined for one that nobody waits for any more. */
	readonly check: ArchiveCheck | undefined;
}

interface Entry {
	readonly path: string;
	readonly abort: AbortController;
	check: ArchiveCheck;
}

/** Often enough to be seen to go on. */
const toldBytes = 64 << 20;

/**
 * Archives and layout folders are shown from their headers at once; what they hold is verified behind that, one after the other and with
 * pauses, as long as they are open in the Images view. An archive that was verified before costs nothing.
 */
export class ArchiveChecks implements Disposable {
	private readonly _onDidChange = new Emitter<ArchiveChange>();
	/** More is known of an image of the archive at this path. */
	readonly onDidChange: Event<ArchiveChange> = this._onDidChange.event;
	private readonly entries = new Map<string, Entry>();
	private readonly subscriptions: readonly Disposable[];
	private last: Promise<void> = Promise.resolve();

	constructor(
		private readonly layers: Pick<LayerStore, 'verify'>,
		private readonly explored: Pick<ExploredImages, 'onDidOpen' | 'replace'>,
		private readonly archives: Pick<OpenArchives, 'onDidChange' | 'paths'>,
	) {
		this.subscriptions = [
			explored.onDidOpen(named => { this.start(named); }),
			archives.onDidChange(() => { this.stopClosed(); }),
		];
	}

	/** What is known of the images that were looked into; empty for an archive of which none was. */
	of(path: string): readonly ArchiveCheck[] {
		return [...this.entries.values()].filter(entry => entry.path === path).map(({ check }) => check);
	}

	dispose(): void {
		this.subscriptions.forEach(subscription => { subscription.dispose(); });
		this.entries.forEach(({ abort }) => { abort.abort(); });
		this._onDidChange.dispose();
	}

	private start({ source }: NamedSource): void {
		if (source.kind === 'engine' || !this.archives.paths.includes(source.path)) {
			return;
		}
		const key = sourceKey(source);
		this.entries.get(key)?.abort.abort();
		const entry: Entry = { path: source.path, abort: new AbortController(), check: { kind: 'running', bytes: 0 } };
		this.entries.set(key, entry);
		this.tell(entry, entry.check);
		const verify = (): Promise<LayeredImage> => {
			entry.abort.signal.throwIfAborted();
			return this.layers.verify(source, { signal: entry.abort.signal, onProgress: bytes => { this.progress(entry, bytes); } });
		};
		this.last = this.last.then(verify).then(image => {
			this.explored.replace(source, image);
			this.tell(entry, { kind: 'verified' });
		}, (error: unknown) => {
			if (!entry.abort.signal.aborted) {
				this.tell(entry, { kind: 'failed', error });
			}
		});
	}

	private progress(entry: Entry, bytes: number): void {
		if (entry.check.kind === 'running' && bytes - entry.check.bytes >= toldBytes) {
			this.tell(entry, { kind: 'running', bytes });
		}
	}

	private tell(entry: Entry, check: ArchiveCheck): void {
		entry.check = check;
		this._onDidChange.fire({ path: entry.path, check });
	}

	private stopClosed(): void {
		for (const [key, { path, abort }] of this.entries) {
			if (!this.archives.paths.includes(path)) {
				abort.abort();
				this.entries.delete(key);
				this._onDidChange.fire({ path, check: undefined });
			}
		}
	}
}
