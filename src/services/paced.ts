import type { Disposable } from '../core/base/event';

/** Changes that come together, as those of one build, are one. */
const shortestPauseMs = 200;

/** Between two tellings while changes come without end. */
const longestPauseMs = 1000;

/** Tells of changes that come close together once, and the more seldom the longer they go on coming. */
export class Paced implements Disposable {
	private timer: NodeJS.Timeout | undefined;
	private pauseMs = shortestPauseMs;
	private toldAt = Number.NEGATIVE_INFINITY;
	/** Under way; a change that comes meanwhile is told after it. */
	private telling: object | undefined;
	private isNoted = false;

	/** What is told may take its time: the pause begins after it. It must not fail. */
	constructor(private readonly tell: () => Promise<void>) {}

	/** Changes have been coming for longer than those do that belong together. */
	get isBusy(): boolean {
		return this.pauseMs > shortestPauseMs;
	}

	/** Something changed: it is told after a pause. */
	note(): void {
		if (this.telling !== undefined) {
			this.isNoted = true;
		} else if (this.timer === undefined) {
			this.pauseMs = Date.now() - this.toldAt < shortestPauseMs ? Math.min(2 * this.pauseMs, longestPauseMs) : shortestPauseMs;
			this.timer = setTimeout(() => { void this.due(); }, this.pauseMs);
		}
	}

	/** What was noted until now is known, or is to be told no more. */
	cancel(): void {
		clearTimeout(this.timer);
		this.timer = undefined;
		this.telling = undefined;
		this.isNoted = false;
	}

	dispose(): void {
		this.cancel();
	}

	private async due(): Promise<void> {
		this.timer = undefined;
		const telling = this.telling = {};
		await this.tell();
		this.toldAt = Date.now();
		if (this.telling === telling) {
			this.telling = undefined;
			if (this.isNoted) {
				this.isNoted = false;
				this.note();
			}
		}
	}
}
