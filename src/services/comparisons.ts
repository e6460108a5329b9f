import { createHash } from 'node:crypto';
import { Emitter, type Disposable, type Event } from '../core/base/event';
import { sourceKey, type NamedSource } from '../core/layerFile';
import { compareImages, type ImageComparison } from '../core/layers/compare';
import { hashBytes, pathOf } from '../core/layers/layerIndex';
import type { ExploredImages } from './exploredImages';

/** Two images beside each other. */
export interface Comparison {
	readonly a: NamedSource;
	readonly b: NamedSource;
	readonly result: ImageComparison;
	/** Position of the highest layer of each. */
	readonly topA: number;
	readonly topB: number;
}

/** The comparisons that a person asked for in this session, newest first. */
export class Comparisons implements Disposable {
	private readonly _onDidChange = new Emitter<undefined>();
	readonly onDidChange: Event<undefined> = this._onDidChange.event;
	private made: readonly Comparison[] = [];

	constructor(private readonly explored: ExploredImages) {}

	get all(): readonly Comparison[] {
		return this.made;
	}

	/** Reads the layers of both where they are not known. Throws `EngineError`, `ArchiveError` or a cancellation. */
	async compare(a: NamedSource, b: NamedSource, signal: AbortSignal): Promise<Comparison> {
		// One after the other: an engine sends two images no faster at once.
		const sides = { a: await this.explored.get(a), b: await this.explored.get(b) };
		const result = await compareImages(sides.a.stack, sides.b.stack, async ({ side, layer, content }) => {
			const index = sides[side].stack[layer]!;
			const hash = createHash('sha256');
			for await (const bytes of this.explored.read({ ...side === 'a' ? a : b, layer, path: pathOf(index, index.contentNode[content]!) }, signal)) {
				hash.update(bytes);
			}
			return hash.digest('hex').slice(0, hashBytes * 2);
		});
		const comparison = { a, b, result, topA: sides.a.stack.length - 1, topB: sides.b.stack.length - 1 };
		this.made = [comparison, ...this.made.filter(known => keyOf(known) !== keyOf(comparison))];
		this._onDidChange.fire(undefined);
		return comparison;
	}

	close(comparison: Comparison): void {
		this.made = this.made.filter(known => known !== comparison);
		this._onDidChange.fire(undefined);
	}

	dispose(): void {
		this._onDidChange.dispose();
	}
}

function keyOf({ a, b }: Comparison): string {
	return [sourceKey(a.source), sourceKey(b.source)].join('\n\n');
}
