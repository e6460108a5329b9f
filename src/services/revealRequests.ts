import { Emitter, type Disposable, type Event } from '../core/base/event';
import type { LayerFile, NamedSource } from '../core/layerFile';

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

/** A row of the history of an image in an archive or layout folder. */
export interface ArchiveRowTarget {
	readonly kind: 'archiveRow';
	readonly named: NamedSource;
	/** `ImageRow.index`. */
	readonly row: number;
}

/** A path of a layer, among its files. */
export interface FileTarget {
	readonly kind: 'file';
	readonly file: LayerFile;
	/** Among what the layer changed, or among all that is there with it. */
	readonly view: 'changes' | 'files';
}

/** "Show me that": one surface asks, the surface that has the thing answers, and neither knows the other. */
export class RevealRequests implements Disposable {
	private readonly _onLine = new Emitter<LineTarget>();
	private readonly _onRow = new Emitter<RowTarget>();
	private readonly _onFile = new Emitter<FileTarget>();
	readonly onLine: Event<LineTarget> = this._onLine.event;
	readonly onRow: Event<RowTarget> = this._onRow.event;
	readonly onFile: Event<FileTarget> = this._onFile.event;

	reveal(target: LineTarget | RowTarget | FileTarget): void {
		if (target.kind === 'line') {
			this._onLine.fire(target);
		} else if (target.kind === 'file') {
			this._onFile.fire(target);
		} else {
			this._onRow.fire(target);
		}
	}

	dispose(): void {
		this._onLine.dispose();
		this._onRow.dispose();
		this._onFile.dispose();
	}
}
