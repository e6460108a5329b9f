import { Emitter, type Disposable, type Event } from '../core/base/event';
import { imageWasteOf, type ImageWaste } from '../core/lineWaste';
import type { ExploredImages } from './exploredImages';

/** Enough for every image that a person looks at in a day. */
const mostKept = 100;

/** What images waste. Knowing takes reading their layers, which is done when a person asks, or looks into them anyway. */
export class WasteStore implements Disposable {
	private readonly _onDidChange = new Emitter<string>();
	/** The waste of an image is known now; its id. */
	readonly onDidChange: Event<string> = this._onDidChange.event;
	private readonly kept = new Map<string, ImageWaste>();
	private readonly subscription: Disposable;

	constructor(private readonly explored: ExploredImages) {
		this.subscription = explored.onDidOpen(({ source }) => {
			if (source.kind === 'engine') {
				this._onDidChange.fire(source.reference);
			}
		});
	}

	/** Undefined where the image's layers were not read yet; costs no read. */
	of(imageId: string): ImageWaste | undefined {
		const known = this.kept.get(imageId);
		const explored = known === undefined ? this.explored.known({ kind: 'engine', reference: imageId }) : undefined;
		if (explored === undefined) {
			return known;
		}
		const waste = imageWasteOf(explored);
		this.kept.set(imageId, waste);
		const [oldest] = this.kept.keys();
		if (this.kept.size > mostKept && oldest !== undefined) {
			this.kept.delete(oldest);
		}
		return waste;
	}

	/** Reads the image's layers where they are not known. Throws `EngineError`, `ArchiveError` or a cancellation. */
	async analyze(imageId: string, name: string): Promise<void> {
		await this.explored.get({ source: { kind: 'engine', reference: imageId }, name });
	}

	dispose(): void {
		this.subscription.dispose();
		this._onDidChange.dispose();
	}
}
