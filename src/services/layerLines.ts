import type { ImageRow } from '../core/image/historyRows';
import type { ImageSource } from '../core/image/imageSource';
import { readImageRows } from './imageRows';
import type { ImageStore } from './imageStore';
import type { LineFactsStore } from './lineFactsStore';
import type { LineTarget } from './revealRequests';

/** The way from layers to the Dockerfile lines that made them. */
export class LayerLines {
	constructor(private readonly images: ImageStore, private readonly lineFacts: LineFactsStore) {}

	/** The history row of an engine's image that made a layer; an archive has no rows of its own. Throws `EngineError`. */
	async rowOf(source: ImageSource, layer: number): Promise<ImageRow | undefined> {
		return source.kind === 'engine' ? (await readImageRows(this.images, source.reference)).find(row => row.layer === layer) : undefined;
	}

	/** The line that made a layer, where a Dockerfile that is open made the image. Throws `EngineError`. */
	async lineOf(source: ImageSource, layer: number): Promise<LineTarget | undefined> {
		const row = await this.rowOf(source, layer);
		const line = row === undefined || source.kind !== 'engine' ? undefined
			: await this.lineFacts.lineOf({ kind: 'row', imageId: source.reference, row: row.index });
		return line && { kind: 'line', path: line.path, line: line.line };
	}
}
