import { Emitter, type Disposable, type Event } from '../core/base/event';

/** An instruction of a Dockerfile on disk. */
export interface LineTarget {
	readonly kind: 'line';
	readonly path: string;
	/** 1-based. */
	readonly line: number;
}

/** An image, or one row of its history. */
export interface RowTarget {
	readonly kind: 'row';
	readonly imageId: string;
	/** `ImageRow.index`; undefined: the image itself. */
	readonly row: number | undefined;
}

/** "Show me that": one surface asks, the surface that has the thing answers, and neither knows the other. */
export class RevealRequests implements Disposable {
	private readonly _onLine = new Emitter<LineTarget>();
	private readonly _onRow = new Emitter<RowTarget>();
	readonly onLine: Event<LineTarget> = this._onLine.event;
	readonly onRow: Event<RowTarget> = this._onRow.event;

	reveal(target: LineTarget | RowTarget): void {
		if (target.kind === 'line') {
			this._onLine.fire(target);
		} else {
			this._onRow.fire(target);
		}
	}

	dispose(): void {
		this._onLine.dispose();
		this._onRow.dispose();
	}
}
